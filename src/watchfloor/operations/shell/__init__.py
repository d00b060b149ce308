"""The frame around every page: templates, design tokens, navigation, charts. Imports no feature."""
