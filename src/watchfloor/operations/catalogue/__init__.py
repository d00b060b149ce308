"""The governance of metric definitions: proposed, run beside the old one, approved, retired, restated."""
