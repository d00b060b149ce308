"""Scorecards of reviewers, teams, sites, vendors, queues and strategies; vendor contracts and invoices."""
