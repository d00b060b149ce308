"""Stored sums: hourly and daily cubes and log-bucket histograms, and the planner that answers from them."""
