"""How media is shown to a person: the class decides, then the operation, then the person.

Pure. The defaults follow docs/explanation/wellbeing.md: many find work more bearable with them; none of them
is shown to prevent harm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Presentation:
    """How media is shown. `blurred` reveals on demand; `notice` says what comes before it loads."""

    muted: bool
    paused: bool
    blurred: bool
    grey: bool
    notice: bool


ASPECTS = tuple(field.name for field in fields(Presentation))

DEFAULTS: Mapping[str, Presentation] = MappingProxyType(
    {
        "standard": Presentation(muted=True, paused=True, blurred=False, grey=False, notice=False),
        "elevated": Presentation(muted=True, paused=True, blurred=False, grey=False, notice=True),
        "severe": Presentation(muted=True, paused=True, blurred=True, grey=True, notice=True),
    }
)


def merged(*, wellness_class: str, levels: list[Mapping[str, bool | None]]) -> Presentation:
    """Return the class's default changed by each level in turn; None leaves an aspect as it is.

    >>> merged(wellness_class="severe", levels=[{"grey": False}, {"grey": None, "blurred": False}])
    Presentation(muted=True, paused=True, blurred=False, grey=False, notice=True)
    """
    shown = {aspect: getattr(DEFAULTS[wellness_class], aspect) for aspect in ASPECTS}
    for level in levels:
        shown |= {aspect: value for aspect in ASPECTS if (value := level.get(aspect)) is not None}
    return Presentation(**shown)
