"""Exposure, budgets, opt-outs, breaks and how media is shown: rules that protect the people who review."""
