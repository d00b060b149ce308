"""What stands beside a case: the policy at the bound version, and the queue's procedure."""

from dataclasses import dataclass

from django.utils.translation import get_language

from watchfloor.operations.queues.models import QueueVersion, Sop
from watchfloor.operations.queues.sops import sop_of


@dataclass(frozen=True, slots=True)
class Guide:
    """The policy and the procedure in force for a case."""

    policy: str
    policy_slug: str
    policy_version: int | None
    paragraphs: tuple[str, ...]
    summary: str
    sop_title: str
    sop_version: int | None
    sop: tuple[str, ...]


def guide_of(*, version: QueueVersion) -> Guide:
    """Return the guide of a queue version in the language in force."""
    chinese = (get_language() or "en").startswith("zh")
    bound = version.policy_version
    sop = sop_of(version)
    return Guide(
        policy=((chinese and bound.policy.name_zh_hans) or bound.policy.name) if bound else "",
        policy_slug=version.policy_slug,
        policy_version=version.policy_number,
        paragraphs=paragraphs(bound.text) if bound else (),
        summary=bound.summary if bound else "",
        sop_title=sop.title if sop else "",
        sop_version=version.sop_version,
        sop=paragraphs(_text(sop, chinese=chinese)),
    )


def _text(sop: Sop | None, *, chinese: bool) -> str:
    if sop is None:
        return ""
    return (chinese and sop.text_zh_hans) or sop.text


def paragraphs(text: str) -> tuple[str, ...]:
    """Return a text's paragraphs: what empty lines set apart.

    >>> paragraphs("One.\\n\\nTwo.")
    ('One.', 'Two.')
    """
    return tuple(part.strip() for part in text.split("\n\n") if part.strip())
