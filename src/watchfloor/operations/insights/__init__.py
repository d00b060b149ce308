"""Insights: the floor, Explore, imports and the change log; reads only."""
