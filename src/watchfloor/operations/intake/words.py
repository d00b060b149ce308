"""The words of intake, in the language in force: states, sources, fields, operators, verdicts."""

from django.utils.translation import get_language, gettext

from watchfloor.operations.routing.models import Strategy


def strategy_title(strategy: Strategy) -> str:
    """Return a strategy's name in the language in force."""
    chinese = (get_language() or "").startswith("zh")
    return strategy.name_zh_hans if chinese and strategy.name_zh_hans else strategy.name


def strategy_states() -> dict[str, str]:
    """Return the words for a strategy's states."""
    return {
        "draft": gettext("Draft"),
        "canary": gettext("Canary"),
        "on": gettext("On"),
        "ended": gettext("Ended"),
    }


def rule_set_states() -> dict[str, str]:
    """Return the words for a rule set's states."""
    return {"draft": gettext("Draft"), "active": gettext("in force"), "retired": gettext("Retired")}


def source_names() -> dict[str, str]:
    """Return the words for who noticed a case."""
    return {
        "voluntary": gettext("Own initiative"),
        "article_16": gettext("Notice (Article 16)"),
        "trusted_flagger": gettext("Trusted flagger"),
        "other_notification": gettext("Other notification"),
        "order_to_act": gettext("Order to act"),
        "order_to_inform": gettext("Order to inform"),
        "appeal": gettext("Appeal"),
    }


def field_names() -> dict[str, str]:
    """Return the words for what a rule may ask of a case."""
    return {
        "surface": gettext("Surface"),
        "language": gettext("Language"),
        "market": gettext("Market"),
        "strategy": gettext("Strategy"),
        "source": gettext("Source"),
        "severity": gettext("Severity"),
        "author": gettext("Author"),
        "labels": gettext("Labels"),
        "topics": gettext("Topics"),
        "risk_score": gettext("Risk score"),
        "media_seconds": gettext("Media, seconds"),
        "author_cases_90d": gettext("Author's cases in 90 days"),
        "author_violations_90d": gettext("Author's violations in 90 days"),
    }


def operator_names() -> dict[str, str]:
    """Return the words for how a rule asks."""
    return {
        "is": gettext("is"),
        "is_not": gettext("is not"),
        "any_of": gettext("is any of"),
        "none_of": gettext("is none of"),
        "all_of": gettext("holds all of"),
        "at_least": gettext("is at least"),
        "below": gettext("is below"),
        "known": gettext("is known"),
        "unknown": gettext("is not known"),
    }


def verdict_words() -> dict[str, tuple[str, str]]:
    """Return the words and the tone for how a yield stands to what was expected of it."""
    return {
        "low": (gettext("Below what was expected"), "late"),
        "met": (gettext("As expected"), "ok"),
        "open": (gettext("Not told apart yet"), ""),
        "few": (gettext("Too few decided"), ""),
        "unknown": ("", ""),
    }
