"""The words of targets in the language in force: kinds, periods, states, statuses, methods and reasons."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext


def kind_names() -> dict[str, str]:
    """Return the kinds of targets."""
    return {
        "floor": gettext("Floor target"),
        "ceiling": gettext("Ceiling"),
        "band": gettext("Band"),
        "stretch": gettext("Stretch"),
    }


def period_names() -> dict[str, str]:
    """Return the periods that targets are about."""
    return {
        "day": gettext("Day"),
        "week": gettext("Week"),
        "month": gettext("Month"),
        "quarter": gettext("Quarter"),
        "rolling_7d": gettext("Rolling 7 days"),
        "rolling_28d": gettext("Rolling 28 days"),
    }


def plan_state_names() -> dict[str, str]:
    """Return the states of plans."""
    return {
        "draft": gettext("Draft"),
        "proposed": gettext("Proposed"),
        "approved": gettext("Approved"),
        "published": gettext("Published"),
        "withdrawn": gettext("Withdrawn"),
    }


def status_names() -> dict[str, str]:
    """Return the statuses by evidence."""
    return {
        "met": gettext("Met"),
        "missed": gettext("Missed"),
        "inconclusive": gettext("Inconclusive"),
        "no_data": gettext("No data"),
        "no_target": gettext("No target"),
    }


STATUS_TONES: Mapping[str, str] = {"met": "ok", "missed": "late", "inconclusive": "soon"}


def noise_names() -> dict[str, str]:
    """Return what a census off its target may be."""
    return {"signal": gettext("signal"), "noise": gettext("noise")}


def verdict_names() -> dict[str, str]:
    """Return the verdicts of the required run-rate."""
    return {
        "impossible": gettext("Mathematically impossible"),
        "secured": gettext("Already secured"),
        "open": gettext("Open"),
    }


def method_names() -> dict[str, str]:
    """Return the names of the methods, short enough for a column."""
    return {
        "by_hand": gettext("By hand"),
        "workbook": gettext("Workbook"),
        "equal_lift": gettext("Equal lift"),
        "effort": gettext("By effort"),
        "reconcile": gettext("Reconciled"),
        "peers": gettext("Peers"),
        "frontier": gettext("Frontier"),
        "learning": gettext("Learning"),
        "capacity": gettext("Capacity"),
        "seasonal": gettext("Season"),
        "harm": gettext("Harm"),
        "error_budget": gettext("Budget"),
        "floor_and_stretch": gettext("Floor + stretch"),
    }


def method_meanings() -> dict[str, str]:
    """Return what each method asks, in a sentence."""
    return {
        "equal_lift": gettext("Every unit moves by the same amount until the parent holds."),
        "effort": gettext("Least total effort: who moves easily moves further; limits are kept."),
        "reconcile": gettext(
            "What the units ask for, moved the least in their own uncertainty until the parent holds."
        ),
        "peers": gettext("The upper third of the peers, each shrunk by how little is known of it."),
        "frontier": gettext(
            "What the best peers reach with the same hours. For the size of a gap, not as a target."
        ),
        "learning": gettext("The plateau, times how far the unit's people are on the learning curve."),
        "capacity": gettext(
            "What four of five periods reach that are drawn from the history's days and staff."
        ),
        "seasonal": gettext("The parent's value, times the season of the period."),
        "harm": gettext("The most leakage that keeps the unit within its share of the harm budget."),
        "error_budget": gettext(
            "The same share of misses for all; the budget in cases follows from the volume."
        ),
        "floor_and_stretch": gettext("A floor that has consequences, and a stretch beyond it that has none."),
    }


def why_not_names() -> dict[str, str]:
    """Return why a method says nothing."""
    return {
        "no_proposals": gettext("No unit asks for a value yet. Ask for one in a comment."),
        "no_baseline": gettext("A unit was not observed in the history."),
        "needs_share": gettext("Only for shares."),
        "few_peers": gettext("Too few peers to compare with."),
        "needs_share_up": gettext("Only for shares of which more is better."),
        "no_hours": gettext("Productive hours are not known by these dimensions. Split by team or site."),
        "no_tenure": gettext("Tenure is not known by these dimensions."),
        "needs_sla": gettext("Only for SLA attainment."),
        "no_simulation": gettext("Fewer than seven days to draw periods from."),
        "no_season": gettext("Such a period has no season."),
        "short_history": gettext("The history does not hold every season twice."),
        "needs_leakage": gettext("Only for leakage as a share of passes."),
        "no_harm_budget": gettext("Give a harm budget, a severity and mean views."),
        "no_volume": gettext("The volume of a period is not known."),
        "no_parent": gettext("The parent has no value to hold."),
    }


def ratchet_names() -> dict[str, str]:
    """Return what the ratchet guard says."""
    return {
        "own_best": gettext("Ratchet: this is the unit's own best; what it reached once becomes its floor."),
        "beyond_bound": gettext("Ratchet: a larger step than a quarter of the room that is left."),
    }


def why_names() -> dict[str, str]:
    """Return why a target applies."""
    return {
        "exact": gettext("It was set for exactly this scope."),
        "inherited": gettext("It was set for a wider scope and is inherited."),
        "nearer": gettext("It is nearer than the others: it restricts more, or something closer to people."),
        "contract": gettext("Of equally near ones the contract's comes first."),
        "later": gettext("Of equally near ones the one that began later holds."),
        "ramp": gettext("Its value is on its way: the ramp has not ended."),
        "restated": gettext("It was recorded after that instant: this is a restatement."),
    }


def outlook_reasons() -> dict[str, str]:
    """Return why nothing is said about how a period ends."""
    return {
        "not_carried_on": gettext("Such a figure cannot be carried on from its days."),
        "few_days": gettext("Fewer than five days to draw from."),
        "no_data": gettext("Nothing was observed in this period yet."),
    }


def dimension_words() -> dict[str, str]:
    """Return the words for each dimension."""
    return {
        "queue": gettext("Queue"),
        "surface": gettext("Surface"),
        "purpose": gettext("Purpose"),
        "strategy": gettext("Strategy"),
        "language": gettext("Language"),
        "market": gettext("Market"),
        "data_boundary": gettext("Data boundary"),
        "site": gettext("Site"),
        "team": gettext("Team"),
        "employer": gettext("Employer"),
        "tenure_band": gettext("Tenure"),
        "reviewer": gettext("Reviewer"),
        "policy_version": gettext("Policy version"),
        "label": gettext("Label"),
        "cause": gettext("Cause"),
        "hour": gettext("Hour of day"),
        "weekday": gettext("Weekday"),
    }


def scope_words(scope: Mapping[str, Sequence[str]]) -> str:
    """Return a scope in words: its values, several joined by a comma; everything where it is empty."""
    return " · ".join(", ".join(kept) for _, kept in sorted(scope.items())) or gettext("Everything")
