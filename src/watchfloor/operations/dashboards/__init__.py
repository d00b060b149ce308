"""Dashboards that people compose of questions, share and export."""
