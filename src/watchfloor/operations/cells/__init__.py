"""Answers questions about metrics for whoever looks: the facts opened, narrowed to the viewer's reach."""
