"""Views derived from facts, in the dialect of each engine."""
