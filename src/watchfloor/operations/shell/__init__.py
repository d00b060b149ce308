"""The frame around every page: base template, design tokens, navigation, charts, live updates. Imports no feature."""
