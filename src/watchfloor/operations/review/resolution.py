"""How reviews become a decision. Pure: the rule, the answers so far, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

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


def is_doubled(*, mode: str, case_id: UUID, double_share: float) -> bool:
    """Return whether the case takes two reviews; in a sample, its own identifier decides, so always alike.

    >>> is_doubled(mode="sampled_double", case_id=UUID(int=0), double_share=0.1)
    True
    """
    if mode == "double_review":
        return True
    drawn = (case_id.int & 0xFFFFFFFF) / 2**32
    return mode == "sampled_double" and drawn < double_share


def resolve(*, doubled: bool, answers: Sequence[Answered]) -> Resolution:
    """Return what follows from the production answers of a case, in the order of their turns.

    A case reviewed once is decided by that answer (`last_turn`). A doubled case is decided when both agree
    (`majority`); otherwise a third reviewer's answer decides (`third_breaks_tie`).

    >>> spam, fine = Answered(("spam",), "remove"), Answered((), "none")
    >>> resolve(doubled=True, answers=[spam, fine]).next_turn
    2
    >>> resolve(doubled=True, answers=[spam, fine, fine]).rule
    'third_breaks_tie'
    """
    if not answers:
        return Resolution(next_turn=0)
    if not doubled:
        return Resolution(decided=answers[-1], rule="last_turn")
    if len(answers) == 1:
        return Resolution(next_turn=1)
    if len(answers) == 2:
        if answers[0].agrees_with(answers[1]):
            return Resolution(decided=answers[0], rule="majority")
        return Resolution(next_turn=2)
    return Resolution(decided=answers[-1], rule="third_breaks_tie")
