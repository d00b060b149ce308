"""The pages in which people review, lead a team and audit."""
