"""Which reports a viewer sees, and a transparency report as it stands: sheets, findings, hash."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from watchfloor.operations.record.viewers import ALL_BOUNDARIES, NotFoundError, Viewer
from watchfloor.operations.reports.dsa.checks import Finding, check
from watchfloor.operations.reports.dsa.sheets import Declared, Sheet, lay_out
from watchfloor.operations.reports.models import Report


def sees_everything(viewer: Viewer, permission: str) -> bool:
    """Return whether a grant with the permission reaches the whole operation."""
    return any(
        permission in grant.permissions
        and not (grant.queue_group or grant.site or grant.market)
        and grant.data_boundary == ALL_BOUNDARIES
        for grant in viewer.grants
    )


def reports(*, viewer: Viewer) -> QuerySet[Report]:
    """Return the reports: published ones, and the others for those who make them."""
    viewer.require("reports.view")
    every = Report.objects.order_by("-made_at", "id")
    return every if sees_everything(viewer, "reports.publish") else every.filter(state="published")


def report(report_id: UUID, *, viewer: Viewer) -> Report:
    """Return one report.

    Raises:
        NotFoundError: there is none that the viewer may see.

    """
    found = reports(viewer=viewer).filter(pk=report_id).first()
    if found is None:
        raise NotFoundError(f"There is no report {report_id}.", remedy="Choose one from the list of reports.")
    return found


def transparency(report_id: UUID, *, viewer: Viewer) -> Report:
    """Return one transparency report.

    Raises:
        NotFoundError: there is none that the viewer may see.

    """
    return _of_kind("transparency", report_id, viewer)


def kept_review(report_id: UUID, *, viewer: Viewer) -> Report:
    """Return one kept business review.

    Raises:
        NotFoundError: there is none that the viewer may see.

    """
    return _of_kind("review", report_id, viewer)


def _of_kind(kind: str, report_id: UUID, viewer: Viewer) -> Report:
    found = report(report_id, viewer=viewer)
    if found.kind != kind:
        raise NotFoundError(f"There is no report {report_id}.", remedy="Choose one from the list of reports.")
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """A transparency report as it stands."""

    report: Report
    declared: Declared
    sheets: tuple[Sheet, ...]
    findings: list[Finding]
    digest: str

    @property
    def errors(self) -> list[Finding]:
        """What keeps it from being frozen."""
        return [one for one in self.findings if one.weight == "error"]


def declared_of(report: Report) -> Declared:
    """Return what was typed into the report."""
    given: Mapping[str, Any] = report.inputs
    orders = {
        (one["category"], one["keyword"], one["scope"]): tuple(one["values"])
        for one in given.get("orders", [])
    }
    return Declared(
        provider=given.get("provider", ""),
        service=given.get("service", ""),
        start=report.starts_on,
        end=report.ends_on,
        published_on=_day(given.get("published_on")),
        previous_on=_day(given.get("previous_on")),
        is_hosting=given.get("is_hosting", True),
        is_very_large=given.get("is_very_large", False),
        multi_category=given.get("multi_category", False),
        multi_restriction=given.get("multi_restriction", False),
        carry_over=given.get("carry_over"),
        orders=orders,
        recipients=given.get("recipients", {}),
        suspensions=given.get("suspensions", {}),
        words=given.get("words", {}),
    )


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def standing(report: Report) -> Standing | None:
    """Return the report's sheets with what the rules find; None before its numbers were drawn."""
    if report.counted is None:
        return None
    declared = declared_of(report)
    sheets = lay_out(declared, report.counted)
    findings = check(sheets, declared=declared, bridge=report.counted["bridge"])
    if report.counted["unmapped"]:
        findings.append(
            Finding(
                2,
                "5_own_initiative_illegal",
                "",
                f"{report.counted['unmapped']:,d} measures carry no label with a category.",
                "Give their labels a category and publish the policy; they count "
                "as other violations of the terms.",
                "warning",
            )
        )
    return Standing(report, declared, sheets, findings, digest_of(sheets))


def digest_of(sheets: tuple[Sheet, ...]) -> str:
    """Return the SHA-256 of the sheets, hexadecimal: what the freeze log holds."""
    plain = [[sheet.name, sheet.header, sheet.rows] for sheet in sheets]
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest()
