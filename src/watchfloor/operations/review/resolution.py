"""How reviews become a decision. Pure: the rule, the answers so far, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass

KINDS = ("first", "second", "third")


@dataclass(frozen=True, slots=True)
class Answered:
    """The part of an answer that a rule compares."""

    labels: tuple[str, ...]
    action: str

    def agrees_with(self, other: "Answered") -> bool:
        """Return whether both chose the same labels, in any order, and the same action."""
        return self.action == other.action and set(self.labels) == set(other.labels)


@dataclass(frozen=True, slots=True)
class Resolution:
    """Either the next turn to open, or the answer decided and its rule."""

    next_turn: int | None = None
    decided: Answered | None = None
    rule: str = ""


def resolve(*, mode: str, answers: Sequence[Answered]) -> Resolution:
    """Return what follows from the production answers of a case, in the order of their turns.

    `single` decides by its one answer (`last_turn`). `blind_double` decides when both agree (`majority`);
    otherwise a third reviewer's answer decides (`third_breaks_tie`).

    >>> spam, fine = Answered(("spam",), "remove"), Answered((), "none")
    >>> resolve(mode="blind_double", answers=[spam, fine]).next_turn
    2
    >>> resolve(mode="blind_double", answers=[spam, fine, fine]).rule
    'third_breaks_tie'
    """
    if not answers:
        return Resolution(next_turn=0)
    if mode == "single":
        return Resolution(decided=answers[-1], rule="last_turn")
    if len(answers) == 1:
        return Resolution(next_turn=1)
    if len(answers) == 2:
        if answers[0].agrees_with(answers[1]):
            return Resolution(decided=answers[0], rule="majority")
        return Resolution(next_turn=2)
    return Resolution(decided=answers[-1], rule="third_breaks_tie")
