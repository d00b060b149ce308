"""The wellbeing pages: the rules for everyone, one's own page, teams in sums, private records."""
