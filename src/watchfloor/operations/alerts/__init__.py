"""Rules that watch cells, the alerts they raise, and who is told."""
