"""The pages of scorecards and contracts."""
