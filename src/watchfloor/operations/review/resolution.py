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


def kind_of(turn: int) -> str:
    """Return what a production turn is called; every turn after the second is a third.

    >>> kind_of(0), kind_of(4)
    ('first', 'third')
    """
    return KINDS[min(turn, len(KINDS) - 1)]


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


def resolve_consensus(*, required: int, most: int, answers: Sequence[Answered]) -> Resolution:
    """Return what follows in a queue that asks until `required` answers agree, at most `most` reviewers.

    As soon as `required` agree, that answer decides (`majority`). When the last has answered, the answer
    given most often decides (`majority`); where several were given equally often, the one among them given
    last (`third_breaks_tie`). Collecting stops early only on agreement: further answers inform the tie.

    >>> spam, fine = Answered(("spam",), "remove"), Answered((), "none")
    >>> resolve_consensus(required=2, most=3, answers=[spam]).next_turn
    1
    >>> resolve_consensus(required=2, most=3, answers=[spam, fine, spam]).rule
    'majority'
    >>> resolve_consensus(required=3, most=4, answers=[spam, fine, spam, fine]).decided == fine
    True
    """
    if not answers:
        return Resolution(next_turn=0)
    given = [sum(one.agrees_with(other) for other in answers) for one in answers]
    highest = max(given)
    if highest >= required:
        return Resolution(decided=answers[given.index(highest)], rule="majority")
    if len(answers) < most:
        return Resolution(next_turn=len(answers))
    leading = [one for one, count in zip(answers, given, strict=True) if count == highest]
    alone = all(one.agrees_with(leading[0]) for one in leading)
    return Resolution(decided=leading[-1], rule="majority" if alone else "third_breaks_tie")
