"""Reads of one person: how media is shown to them, what is left to them, whether they take a minute."""

from dataclasses import dataclass
from datetime import datetime

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.record.statements import run
from watchfloor.operations.wellbeing.care import WELLNESS_CLASSES
from watchfloor.operations.wellbeing.models import (
    Break,
    Cap,
    ClassPresentation,
    Contact,
    OwnPresentation,
    Rhythm,
)
from watchfloor.operations.wellbeing.presentation import ASPECTS, Presentation, merged


def presentation_for(*, reviewer: Reviewer | int, wellness_class: str) -> Presentation:
    """Return how media of a class is shown to a person."""
    return presentations_for(reviewer=reviewer)[wellness_class]


def presentations_for(*, reviewer: Reviewer | int) -> dict[str, Presentation]:
    """Return how media of each class is shown to a person, in two queries."""
    person = reviewer if isinstance(reviewer, int) else reviewer.pk
    house = {
        row["wellness_class"]: row for row in ClassPresentation.objects.values("wellness_class", *ASPECTS)
    }
    own = {
        row["wellness_class"]: row
        for row in OwnPresentation.objects.filter(reviewer_id=person).values("wellness_class", *ASPECTS)
    }
    return {
        name: merged(wellness_class=name, levels=[house.get(name, {}), own.get(name, {})])
        for name in WELLNESS_CLASSES
    }


@dataclass(frozen=True, slots=True)
class Budget:
    """One cap of a person and what is left of it: cases, or minutes."""

    wellness_class: str
    span: str
    measure: str
    most: int
    spent: float
    in_hand: float
    since: datetime

    @property
    def left(self) -> float:
        """What may still come, besides what is in hand; never negative."""
        return max(0.0, self.most - self.spent - self.in_hand)


@dataclass(frozen=True, slots=True)
class Left:
    """What a person may still be given: their budgets, what is closed now, whether severe ones pause."""

    budgets: tuple[Budget, ...]
    closed: tuple[str, ...]
    is_cooling: bool
    on_break: bool


def left_for(reviewer: Reviewer | int, now: datetime) -> Left:
    """Return what is left to a person now; without caps there are no budgets."""
    person = reviewer if isinstance(reviewer, int) else reviewer.pk
    budgets = tuple(Budget(**row) for row in run("wellbeing", "budgets", {"reviewer": person, "now": now}))
    state = run("wellbeing", "state", {"reviewer": person, "now": now})[0]
    closed = {budget.wellness_class for budget in budgets if budget.spent + budget.in_hand >= budget.most}
    if state["cooling"]:
        closed.add("severe")
    return Left(
        budgets=budgets,
        closed=tuple(name for name in WELLNESS_CLASSES if name in closed),
        is_cooling=state["cooling"],
        on_break=state["on_break"],
    )


def on_break(*, reviewer: Reviewer | int) -> bool:
    """Return whether a person takes a minute now."""
    person = reviewer if isinstance(reviewer, int) else reviewer.pk
    return Break.objects.filter(reviewer_id=person).exists()


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that hold for everybody or for a site; those of one person stand in `records`."""

    caps: tuple[Cap, ...]
    rhythms: tuple[Rhythm, ...]
    contacts: tuple[Contact, ...]


def rules() -> Rules:
    """Return the rules of the operation and its sites: everyone may know them."""
    return Rules(
        caps=tuple(Cap.objects.exclude(scope="person").select_related("site")),
        rhythms=tuple(Rhythm.objects.exclude(scope="person").select_related("site")),
        contacts=tuple(Contact.objects.select_related("site")),
    )


def class_presentations() -> dict[str, Presentation]:
    """Return how the operation shows media of each class."""
    house = {
        row["wellness_class"]: row for row in ClassPresentation.objects.values("wellness_class", *ASPECTS)
    }
    return {name: merged(wellness_class=name, levels=[house.get(name, {})]) for name in WELLNESS_CLASSES}


def own_choices(*, reviewer: Reviewer) -> dict[str, dict[str, bool | None]]:
    """Return what a person chose of each class, for themself."""
    rows = OwnPresentation.objects.filter(reviewer=reviewer).values("wellness_class", *ASPECTS)
    return {row["wellness_class"]: {aspect: row[aspect] for aspect in ASPECTS} for row in rows}
