"""The pages of the feature: each view parses, asks one selector, renders."""
