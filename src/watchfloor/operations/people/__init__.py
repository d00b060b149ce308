"""Who works and who looks: sites, teams, reviewers, certifications, accounts and their grants."""
