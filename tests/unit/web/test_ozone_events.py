"""Ozone's events that are no reports are refused, and each refusal names the call that takes its place."""

from datetime import UTC, datetime

import pytest

from watchfloor.operations.intake.reports import ReportRefusedError
from watchfloor.operations.intake.shapes_atproto import INSTEAD, event_report_of

DEFS = "tools.ozone.moderation.defs#"
SUBJECT = {"$type": "com.atproto.admin.defs#repoRef", "did": "did:plc:abcdefghijklmnop"}


def refusal(event):
    body = {"event": event, "subject": SUBJECT, "createdBy": "did:plc:moderator"}
    with pytest.raises(ReportRefusedError) as refused:
        event_report_of(body, queue="", key="", joins=True, now=datetime(2026, 3, 1, tzinfo=UTC))
    return refused.value


@pytest.mark.parametrize("name", sorted(INSTEAD))
def test_an_event_that_is_no_report_names_what_takes_its_place(name):
    found = refusal({"$type": f"{DEFS}{name}", "comment": "Seen."})
    assert name in found.message
    assert found.remedy == INSTEAD[name]


@pytest.mark.parametrize("kind", [None, "", "modEventReport", f"{DEFS}modEventEmail", "x" * 500])
def test_an_event_that_nobody_knows_is_sent_to_the_report(kind):
    assert f"{DEFS}modEventReport" in refusal({"$type": kind}).remedy
