"""Reads from the address which operation the reader looks at, as of when, and as it was known when."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from watchfloor.facts.store import list_operations
from watchfloor.kernel import PeriodError, nearest, parse_instant

_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader asked for.

    Attributes:
        operation: Folder name of the operation.
        is_live: Whether that is this deployment's own, living operation.
        at: The instant to look from; None is now (for a log: its last instant).
        known_at: Only what was known then; None is everything known by now.
        problem: What could not be read, as a sentence; empty when all could.

    """

    operation: str
    is_live: bool
    at: datetime | None
    problem: str = ""
    known_at: datetime | None = None
    unknowable: PeriodError | None = None

    def require_knowledge(self) -> None:
        """Refuse an instant of knowledge that could not be read: newer facts in its place would mislead.

        Raises:
            PeriodError: `as_of` is no instant, or lies after now.

        """
        if self.unknowable is not None:
            raise self.unknowable

    @property
    def carry(self) -> str:
        """The query that keeps operation and instant on the next page; empty for the living present."""
        parts = {} if self.is_live else {"op": self.operation}
        if self.at is not None:
            parts["at"] = self.at.isoformat().replace("+00:00", "Z")
        if self.known_at is not None:
            parts["as_of"] = self.known_at.isoformat().replace("+00:00", "Z")
        return f"?{urlencode(parts)}" if parts else ""

    @property
    def is_present(self) -> bool:
        """Whether this is the living operation now, so that live updates apply."""
        return self.is_live and self.at is None and self.known_at is None and self.unknowable is None


def known_operations() -> list[str]:
    """Return the operations a reader may look at: the living one first, then the imported logs by name."""
    live = str(settings.WATCHFLOOR_OPERATION)
    return [live, *(name for name in sorted(list_operations(settings.WATCHFLOOR_FACTS_ROOT)) if name != live)]


def asked_for(request: HttpRequest) -> Asked:
    """Return what this request's address asks for; what cannot be read is named, and the present is shown."""
    held = getattr(request, "_watchfloor_asked", None)
    if isinstance(held, Asked):
        return held
    live = str(settings.WATCHFLOOR_OPERATION)
    operation, problem = request.GET.get("op") or live, ""
    if operation != live:
        known = known_operations()
        if operation not in known:
            close = nearest(operation, known)
            problem = f"{operation!r} → {close or live!r}"
            operation = close or live
    at = None
    if written := request.GET.get("at", "").strip():
        try:
            at = parse_instant(written)
        except PeriodError as error:
            problem = " ".join(filter(None, (problem and f"{problem}.", str(error))))
        else:
            if not _EARLIEST <= at <= timezone.now() + timedelta(days=366):
                problem, at = " ".join(filter(None, (problem and f"{problem}.", f"{written!r}"))), None
    known_at, unknowable = _known_at(request.GET.get("as_of", "").strip(), now=timezone.now())
    answer = Asked(
        operation=operation,
        is_live=operation == live,
        at=at,
        problem=problem,
        known_at=known_at,
        unknowable=unknowable,
    )
    request._watchfloor_asked = answer  # type: ignore[attr-defined]  # kept for the templates of this request
    return answer


def _known_at(written: str, *, now: datetime) -> tuple[datetime | None, PeriodError | None]:
    """Return the instant of knowledge, or why there is none."""
    if not written:
        return None, None
    try:
        known_at = parse_instant(written)
    except PeriodError as error:
        return None, PeriodError(f"“As it was known at”: {error.message}", remedy=error.remedy)
    if known_at > now:
        return None, PeriodError(
            f"“As it was known at” asks for {written}, which lies after now: nothing was known then yet.",
            remedy="Give an earlier instant, or leave it empty for everything known by now.",
        )
    return known_at, None
