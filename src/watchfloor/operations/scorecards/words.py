"""What scorecards say to people: names of kinds, states and gates, and a status in a sentence."""

from django.utils.translation import gettext, ngettext

from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.scorecards.selectors import Figure, ScoreBoard
from watchfloor.operations.shell import formats

TONES = {"met": "ok", "missed": "late", "inconclusive": "soon"}


def kind_names() -> dict[str, str]:
    """Return the kinds of units, in the plural."""
    return {
        "reviewer": gettext("Reviewers"),
        "team": gettext("Teams"),
        "site": gettext("Sites"),
        "vendor": gettext("Vendors"),
        "queue": gettext("Queues"),
        "strategy": gettext("Strategies"),
    }


def period_names() -> dict[str, str]:
    """Return the periods."""
    return {
        "week": gettext("Last whole week"),
        "month": gettext("Last whole month"),
        "28d": gettext("28 days"),
    }


def status_names() -> dict[str, str]:
    """Return the states of a figure."""
    return {
        "met": gettext("met"),
        "missed": gettext("missed"),
        "inconclusive": gettext("inconclusive"),
        "not_enough": gettext("not enough data"),
        "no_target": gettext("no target"),
        "no_data": gettext("no data"),
    }


def gate_names() -> dict[str, str]:
    """Return the states of the critical gate."""
    return {
        "none": "",
        "no_limit": gettext("gate without limit"),
        "no_data": gettext("gate: not enough data"),
        "passed": gettext("gate passed"),
        "open": gettext("gate undecided"),
        "failed": gettext("critical gate failed"),
    }


def dispute_names() -> dict[str, str]:
    """Return the states of a dispute about a figure."""
    return {
        "open": gettext("waiting for an answer"),
        "upheld": gettext("the unit is right"),
        "rejected": gettext("the figure stands"),
        "ambiguous": gettext("the policy is ambiguous: left out"),
        "lapsed": gettext("lapsed"),
    }


def reason_text(figure: Figure) -> str:
    """Return why a figure has no number, in words; the code of the metrics where there are none for it."""
    if not figure.reason:
        return gettext("Nothing was observed in this period.")
    fact = figure.reason.removeprefix("no data: fact ").removesuffix(" is empty")
    if fact != figure.reason and " " not in fact:
        return gettext("No data: the fact %(fact)s is empty.") % {"fact": fact}
    return figure.reason


def status_sentence(figure: Figure, *, min_n: int) -> str:
    """Return what the evidence says of a figure, for somebody without statistics."""
    if figure.status == "no_data":
        return reason_text(figure)
    n = figure.cell.n if figure.cell else 0
    if figure.status == "not_enough":
        return ngettext(
            "%(n)d observation. At least %(least)d are needed before anything is said.",
            "%(n)d observations. At least %(least)d are needed before anything is said.",
            n,
        ) % {"n": n, "least": min_n}
    if figure.status == "no_target" or figure.judged is None:
        return gettext("No target is set here, so nothing is judged.")
    judged = figure.judged
    if figure.status == "met":
        return (
            gettext("The target is kept, whatever chance did.")
            if judged.sampled
            else gettext("The target is kept.")
        )
    if figure.status == "missed" and judged.sampled:
        return gettext("The target is missed by more than chance explains.")
    if figure.status == "missed":
        return {
            "signal": gettext("The target is missed, and the process differs: a signal."),
            "noise": gettext("The target is missed, within the usual ups and downs: noise."),
            "": gettext("The target is missed; too little history to tell signal from noise."),
        }[judged.noise]
    if judged.audits_needed:
        return gettext("Nobody can say yet. About %(n)s audits in all would decide.") % {
            "n": formats.count(judged.audits_needed)
        }
    return gettext("Nobody can say yet: the interval holds the target.")


def target_text(figure: Figure) -> str:
    """Return the target in its unit and why it applies; empty without one."""
    if figure.judged is None or figure.judged.applied.target is None:
        return ""
    applied, unit = figure.judged.applied, figure.definition.unit
    target = applied.target
    assert target is not None  # noqa: S101 -- checked above, for the type checker
    value = formats.quantity(applied.value, unit=unit)
    if target.kind == "band":
        text = f"{value} – {formats.quantity(applied.upper, unit=unit)}"
    else:
        text = f"{'≥' if target.kind == 'floor' else '≤'} {value}"
    if target.kind == "stretch":
        text = f"→ {value}"
    if target.contractual:
        return gettext("%(target)s by contract") % {"target": text}
    return text


def headline(board: ScoreBoard) -> str:
    """Return what matters first on a board, in a sentence."""
    failed = sum(card.gate == "failed" for card in board.cards)
    out = sum(one.stands_out for one in board.alarms.judged)
    if failed:
        return ngettext(
            "%(n)d unit fails the critical gate.", "%(n)d units fail the critical gate.", failed
        ) % {"n": failed}
    if out:
        return ngettext(
            "%(n)d miss stands out; about %(false).1f of such are false alarms.",
            "%(n)d misses stand out; about %(false).1f of them are false alarms.",
            out,
        ) % {"n": out, "false": board.alarms.expected_false_alarms}
    if not any(one.applied.target for one in board.alarms.judged):
        return gettext("No targets hold here: figures are shown with their intervals and judged by none.")
    return gettext("No miss stands out from what chance does to so many figures.")


def metric_names(board: ScoreBoard) -> list[tuple[str, str]]:
    """Return the metrics of a board with their names."""
    figures = board.cards[0].figures if board.cards else ()
    return [(each.measure.metric, name_of(each.definition)) for each in figures]
