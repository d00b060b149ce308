"""The navigation: every page to begin at, by what people come to do. `context` shows what each may open."""

from dataclasses import dataclass

from django.utils.translation import gettext


@dataclass(frozen=True, slots=True)
class Entry:
    """One place: its name, its icon, the key after `g`, its address's name, and who may go there."""

    name: str
    icon: str
    key: str
    to: str
    permissions: tuple[str, ...]


def navigation() -> list[tuple[str, list[Entry]]]:
    """Return the groups with their entries, in the language in force."""
    enforced = ("callbacks.view", "appeals.view", "statements.export")
    return [
        (
            gettext("Work"),
            [
                Entry(gettext("Floor"), "floor", "f", "insights:floor", ("floor.view",)),
                Entry(gettext("Alerts"), "bell", "x", "alerts:list", ("alerts.view",)),
                Entry(gettext("Console"), "console", "w", "console:work", ("cases.work",)),
                Entry(gettext("Team"), "team", "t", "console:team", ("cases.assign",)),
                Entry(gettext("Cases"), "cases", "s", "console:cases", ("cases.view",)),
                Entry(gettext("Audits"), "audits", "u", "console:audits", ("quality.audit",)),
                Entry(gettext("Your scorecard"), "scorecards", "m", "scorecards:mine", ("cases.work",)),
            ],
        ),
        (
            gettext("Measure"),
            [
                Entry(gettext("Explore"), "explore", "e", "insights:explore", ("metrics.view",)),
                Entry(gettext("Dashboards"), "dashboards", "h", "dashboards:list", ("metrics.view",)),
                Entry(gettext("Targets"), "targets", "v", "targets:board", ("targets.view",)),
                Entry(gettext("Scorecards"), "scorecards", "k", "scorecards:start", ("scorecards.view",)),
                Entry(gettext("Reports"), "reports", "z", "reports:list", ("reports.view",)),
                Entry(gettext("Catalogue"), "catalogue", "g", "catalogue:list", ("metrics.view",)),
            ],
        ),
        (
            gettext("Design"),
            [
                Entry(gettext("Queues"), "queues", "q", "queues:list", ("queues.view",)),
                Entry(gettext("Launches"), "launches", "l", "launches:list", ("queues.change",)),
                Entry(gettext("Intake"), "intake", "n", "intake:strategies", ("queues.view",)),
                Entry(gettext("Policies"), "policies", "o", "policies:list", ("policies.view",)),
                Entry(gettext("Quality"), "quality", "y", "quality:overview", ("quality.view",)),
                Entry(gettext("Enforcement"), "enforcement", "r", "enforcement:start", enforced),
            ],
        ),
        (
            gettext("Record"),
            [
                Entry(gettext("People"), "people", "p", "people:overview", ("people.view",)),
                Entry(gettext("Wellbeing"), "wellbeing", "b", "wellbeing:rules", ("wellbeing.rules",)),
                Entry(gettext("Imports"), "imports", "i", "insights:imports", ("imports.view",)),
                Entry(gettext("Change log"), "changes", "c", "insights:changes", ("changes.view",)),
            ],
        ),
    ]
