"""Gate 11's arithmetic: how many audits each stratum needs for a stated half-width, and the share to draw."""

from collections.abc import Mapping
from dataclasses import dataclass

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.quality.vocabulary import STRATA
from watchfloor.science.sampling.sizes import size_for_half_width

MOST_STRATA = 100


class AuditPlanError(WatchfloorError):
    """The plan of the audits cannot be computed."""


@dataclass(frozen=True, slots=True)
class AuditPlan:
    """Audits a stratum in one period, all of them, and the share of the reviews that they are."""

    by: str
    sizes: Mapping[str, int]
    populations: Mapping[str, int]
    half_width: float
    accuracy: float
    floor: int

    @property
    def audits(self) -> int:
        """All audits of a period."""
        return sum(self.sizes.values())

    @property
    def share(self) -> float:
        """The audits as a share of the reviews; drawn at least once in a hundred thousand."""
        return max(1e-5, min(1.0, self.audits / max(1, sum(self.populations.values()))))


def audit_plan(
    *, by: str, populations: Mapping[str, int], half_width: float, accuracy: float, floor: int = 5
) -> AuditPlan:
    """Return the audits that each stratum needs so that its accuracy is known to ± the half-width.

    Args:
        by: What divides the reviews into strata, one of `quality.vocabulary.STRATA`.
        populations: Reviews expected in each stratum in the period; a small one needs fewer.
        half_width: Half the width of the 95 % interval, as a share.
        accuracy: The accuracy expected; a guess towards one half asks for more.
        floor: Fewest audits of a stratum.

    Raises:
        AuditPlanError: a figure is out of range.

    """
    if by not in STRATA:
        raise AuditPlanError(f"Nothing is divided by {by!r}.", remedy=f"Use one of {', '.join(STRATA)}.")
    if not 1 <= len(populations) <= MOST_STRATA or any(count < 1 for count in populations.values()):
        raise AuditPlanError(
            f"{len(populations)} strata, or one without reviews, cannot be planned.",
            remedy=f"Give 1 to {MOST_STRATA} strata with at least one review each.",
        )
    try:
        sizes = {
            name: min(
                count,
                max(
                    floor,
                    size_for_half_width(share=accuracy, half_width=half_width, population=count),
                ),
            )
            for name, count in populations.items()
        }
    except ValueError as error:
        raise AuditPlanError(
            f"Half-width {half_width} and accuracy {accuracy} must lie between 0 and 1.",
            remedy="Correct them.",
        ) from error
    return AuditPlan(by, sizes, dict(populations), half_width, accuracy, floor)
