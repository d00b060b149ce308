"""Words that scorecards and contracts use in data; `words` says them to people."""

KINDS = ("reviewer", "team", "site", "vendor", "queue", "strategy")
DIMENSION_OF = {
    "reviewer": "reviewer", "team": "team", "site": "site", "vendor": "site", "queue": "queue",
    "strategy": "strategy",
}  # fmt: skip
PERIODS = ("week", "month", "28d")
"""The last whole week, the last whole month, the 28 whole days before today."""
DISPUTE_STATES = ("open", "upheld", "rejected", "ambiguous", "lapsed")
PRICE_BASES = ("hour", "case", "fte")
BANDINGS = ("marginal", "whole")
RULES = ("interval", "point")
CONTRACT_STATES = ("draft", "published", "ended")


def choices(values: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the values as a field's choices."""
    return [(value, value) for value in values]
