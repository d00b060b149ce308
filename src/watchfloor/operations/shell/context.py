"""Gives every template the frame: navigation, operation, instant, look, words for scripts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from babel import Locale
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext

from watchfloor.operations.shell import formats
from watchfloor.operations.shell.asked import Asked, asked_for, known_operations
from watchfloor.operations.shell.csp import live_base
from watchfloor.operations.shell.navigation import navigation
from watchfloor.operations.shell.parameters import ignored_parameters

THEMES = ("auto", "light", "dark")
DENSITIES = ("comfortable", "dense")
# The pages whose figures come from facts, so that they can be asked as they were known at an instant.
OF_FACTS = (
    "insights:floor",
    "insights:explore",
    "queues:detail",
    "targets:board",
    "targets:applied",
    "dashboards:detail",
)


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation."""

    name: str
    icon: str
    key: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant offered by the time picker."""

    name: str
    url: str


class Frame:
    """What the base template shows around a page."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.asked: Asked = asked_for(request)
        self.carry = self.asked.carry
        self.live_operation = str(settings.WATCHFLOOR_OPERATION)
        self.is_simulated = bool(settings.WATCHFLOOR_SIMULATED) and self.asked.is_live
        self.theme = _one_of(request.COOKIES.get("theme"), THEMES)
        self.density = _one_of(request.COOKIES.get("density"), DENSITIES)
        self.language = get_language() or "en"
        self.live_url = f"{live_base(request)}/floor"

    @property
    def groups(self) -> list[tuple[str, list[Place]]]:
        """The navigation by what people do, with the page that is shown marked; empty groups are left out."""
        viewer = getattr(self.request, "viewer", None)
        if viewer is None:
            return []
        found = [
            (
                name,
                [
                    self._place(entry.name, entry.icon, entry.key, reverse(entry.to))
                    for entry in entries
                    if any(viewer.can(permission) for permission in entry.permissions)
                ],
            )
            for name, entries in navigation()
        ]
        return [(name, places) for name, places in found if places]

    @property
    def places(self) -> list[Place]:
        """The entries of all groups, in order."""
        return [place for _, places in self.groups for place in places]

    @property
    def tools(self) -> list[Place]:
        """The navigation's second part."""
        entries = [(gettext("API"), "api", "a", "/api/docs")]
        user = getattr(self.request, "user", None)
        if user is not None and getattr(user, "is_staff", False):
            entries.insert(0, (gettext("Admin"), "admin", "d", reverse("admin:index")))
        return [Place(name, icon, key, url, is_current=False) for name, icon, key, url in entries]

    def _place(self, name: str, icon: str, key: str, url: str) -> Place:
        path = self.request.path
        current = path == url if url in {"/", "/console/"} else path.startswith(url)
        return Place(name, icon, key, url + self.carry, is_current=current)

    @property
    def ignored(self) -> list[tuple[str, str]]:
        """The address's parameters that this page does not know, each with the nearest that it knows."""
        match = self.request.resolver_match
        return ignored_parameters(self.request.GET, page=match.view_name if match else "")

    @property
    def operations(self) -> list[Moment]:
        """Every operation, with the address of this page for it."""
        return [
            Moment(name, self._with(op="" if name == self.live_operation else name, at=""))
            for name in known_operations()
        ]

    @property
    def moments(self) -> list[Moment]:
        """Instants that are often asked for, counted back from now."""
        now = timezone.now().replace(second=0, microsecond=0)
        offers = (
            (gettext("1 hour ago"), timedelta(hours=1)),
            (gettext("Yesterday, this time"), timedelta(days=1)),
            (gettext("A week ago, this time"), timedelta(days=7)),
        )
        return [Moment(name, self._with(at=_written(now - back))) for name, back in offers]

    @property
    def now_url(self) -> str:
        """This page as of now."""
        return self._with(at="")

    @property
    def shows_facts(self) -> bool:
        """Whether this page can be asked as it was known at an instant."""
        match = self.request.resolver_match
        return bool(match and match.view_name in OF_FACTS)

    @property
    def newest_knowledge_url(self) -> str:
        """This page with everything that is known by now."""
        return self._with(as_of="")

    @property
    def known_at_written(self) -> str:
        """The instant of knowledge as an input writes it; what could not be read stays as it was."""
        known_at = self.asked.known_at
        return known_at.strftime("%Y-%m-%dT%H:%M") if known_at else self.request.GET.get("as_of", "")

    @property
    def at_written(self) -> str:
        """The instant as the time picker's input writes it."""
        return self.asked.at.strftime("%Y-%m-%dT%H:%M") if self.asked.at else ""

    def _with(self, **changes: str) -> str:
        parameters = {name: values for name, values in self.request.GET.lists() if name not in changes}
        parameters |= {name: [value] for name, value in changes.items() if value}
        query = urlencode(parameters, doseq=True)
        return f"{self.request.path}?{query}" if query else self.request.path

    @property
    def words(self) -> dict[str, object]:
        """Texts and patterns that the page's scripts need, in the language in force."""
        return {
            **formats.duration_patterns(),
            "late": gettext("{duration} late"),
            "left": gettext("in {duration}"),
            "shown": gettext("{n} of {all}"),
            "copied": gettext("Link copied"),
            "unreachable": gettext("The server cannot be reached."),
            "failed": gettext("This part could not be loaded. Try again in a moment."),
            "no_chart": gettext("The chart could not be drawn; the table beside it holds the same figures."),
            "live": gettext("Updating live"),
            "lost": gettext("Connection lost. Trying again…"),
            "stale": gettext("Updated {duration} ago"),
            "time_format": time_format() if self.language.startswith("zh") else None,
        }


def frame(request: HttpRequest) -> dict[str, object]:
    """Return the template variables of the frame; computed only by pages that show it."""
    return {"frame": SimpleLazyObject(lambda: Frame(request))}


def time_format() -> dict[str, object]:
    """Return the names of days and months as the charts' axes take them, in the language in force."""
    locale = Locale.parse(formats.locale_name())

    def days(width: str) -> list[str]:
        names = locale.days["stand-alone"][width]
        return [names[at] for at in (6, 0, 1, 2, 3, 4, 5)]  # the charts' week starts on Sunday

    def months(width: str) -> list[str]:
        names = locale.months["stand-alone"][width]
        return [names[at] for at in range(1, 13)]

    return {
        "dateTime": "%Y-%m-%d %H:%M",
        "date": "%Y-%m-%d",
        "time": "%H:%M",
        "periods": ["AM", "PM"],
        "days": days("wide"),
        "shortDays": days("abbreviated"),
        "months": months("wide"),
        "shortMonths": months("abbreviated"),
    }


def _one_of(written: str | None, allowed: tuple[str, ...]) -> str:
    return written if written in allowed else allowed[0]


def _written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
