"""Reads reports in the shapes of atproto and Ozone. Pure: values in, values out.

`com.atproto.moderation.createReport`, and `tools.ozone.moderation.emitEvent` with a `modEventReport`.
What each part becomes stands in docs/reference/adapters.md.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from watchfloor.operations.intake.reports import NewReport, ReportRefusedError
from watchfloor.operations.intake.shapes_coop import REPORT_STRATEGY, digest
from watchfloor.operations.review.cases import NewCase

REPO = "com.atproto.admin.defs#repoRef"
RECORD = "com.atproto.repo.strongRef"
EVENTS = "tools.ozone.moderation.defs#"
REPORT_EVENT = f"{EVENTS}modEventReport"
# What takes the place of an event that does nothing here (`events_ozone` holds those that act): each names a
# decision, an appeal or a person's work, which need what the event does not carry.
INSTEAD = {
    "modEventTakedown": "Send POST /api/v1/cases/{case_id}/corrections with the label that is violated.",
    "modEventAcknowledge": "Send POST /api/v1/cases/{case_id}/corrections with a label without violation.",
    "modEventLabel": "Send POST /api/v1/cases/{case_id}/corrections with the policy's own labels.",
    "modEventResolveAppeal": "Send POST /api/v1/appeals/{appeal_id}/settlement.",
    "modEventComment": "Send a modEventReport with the comment; it joins the item's open case.",
    "modEventTag": "Send what is known of the item with the case: POST /api/v1/cases.",
    "modEventPriorityScore": "Send the risk score with the case: POST /api/v1/cases.",
    "modEventMute": "Send POST /api/v1/claims/{token}/hold while you hold the case.",
    "modEventUnmute": "Nothing: a case that is held comes back by itself, at the instant it was held until.",
    "modEventMuteReporter": "Send the reporter's reports with isReporterMuted: they open no case.",
    "modEventUnmuteReporter": "Send the reporter's reports without isReporterMuted.",
}
_REASON = re.compile(r"(?:com\.atproto\.moderation|tools\.ozone\.report)\.defs#reason([A-Za-z]{1,60})")
_URI = re.compile(
    r"at://(did:[a-z0-9]+:[A-Za-z0-9._:%-]{1,150})/([A-Za-z0-9.-]{3,120})/([A-Za-z0-9._~:@!$&')(*+,;=-]{1,200})"
)
_DID = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]{1,150}")
_GRAVE = ("child_safety", "violence_extremist_content", "terror_violent_extremist", "violence_threats")


def label_of(reason_type: str) -> str:
    """Return the label of a reason: its last word, in small letters set apart by low lines.

    Raises:
        ReportRefusedError: it is no reason, or an appeal.

    >>> label_of("tools.ozone.report.defs#reasonChildSafetyCSAM")
    'child_safety_csam'
    >>> label_of("com.atproto.moderation.defs#reasonSpam")
    'spam'
    """
    match = _REASON.fullmatch(reason_type)
    if match is None:
        raise ReportRefusedError(
            f"reasonType {reason_type[:120]!r} is unknown.",
            remedy="Send a token of com.atproto.moderation.defs or tools.ozone.report.defs.",
        )
    label = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", match[1]).lower()
    if label == "appeal":
        raise ReportRefusedError(
            "An appeal is no report: it belongs to a decision.", remedy="Send it to POST /api/v1/appeals."
        )
    return label


def subject_of(subject: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return an item's name, its surface, and whose it is.

    Raises:
        ReportRefusedError: the subject is no account and no record, or its address cannot be read.

    """
    kind = subject.get("$type")
    if kind == REPO and _DID.fullmatch(str(subject.get("did", ""))):
        return str(subject["did"]), "account", str(subject["did"])
    if kind == RECORD and (match := _URI.fullmatch(str(subject.get("uri", "")))):
        return str(subject["uri"]), match[2].rpartition(".")[2][:40], match[1]
    raise ReportRefusedError(
        f"The subject {str(dict(subject))[:160]} is no account and no record.",
        remedy=f"Send $type {REPO} with a did, or {RECORD} with an at:// uri.",
    )


def report_of(
    body: Mapping[str, Any],
    *,
    queue: str,
    key: str,
    reporter: str,
    joins: bool,
    now: datetime,
    is_muted: bool = False,
) -> NewReport:
    """Return a `createReport` call as a report of ours.

    Raises:
        ReportRefusedError: reason or subject cannot be read.

    """
    label = label_of(str(body["reasonType"]))
    item_id, surface, author = subject_of(body["subject"])
    cid, comment = str(body["subject"].get("cid") or ""), str(body.get("reason") or "")
    content: dict[str, Any] = {"uri": item_id, "author": {"handle": author}}
    if cid:
        content["cid"] = cid
    if blobs := body.get("subjectBlobCids"):
        content["blobs"] = list(blobs)
    case = NewCase(
        queue=queue,
        object_id=item_id[:200],
        strategy_id=REPORT_STRATEGY,
        severity_hint="critical" if label.startswith(_GRAVE) else "",
        content=content,
        source="other_notification",
        author_id=author,
        surface=surface,
        labels=(label,),
    )
    return NewReport(
        client_key=key or digest("report", reporter, item_id, cid, label, comment),
        shape="atproto",
        item_id=item_id,
        case=case,
        reporter=reporter,
        reason=label,
        comment=comment,
        reported_at=now,
        opens=not is_muted,
        joins=joins,
    )


def event_report_of(
    body: Mapping[str, Any], *, queue: str, key: str, joins: bool, now: datetime
) -> NewReport:
    """Return an `emitEvent` call with a `modEventReport` as a report of ours.

    Raises:
        ReportRefusedError: it is another event, or reason or subject cannot be read.

    """
    event = body["event"]
    kind = str(event.get("$type"))
    if kind != REPORT_EVENT:
        usual = f"Send {REPORT_EVENT}; decisions are made in Watchfloor and read from its feed."
        raise ReportRefusedError(
            f"The event {kind[:120]!r} is no report.",
            remedy=INSTEAD.get(kind.removeprefix(EVENTS), usual),
        )
    called = {
        "reasonType": event.get("reportType", ""),
        "reason": event.get("comment", ""),
        "subject": body["subject"],
        "subjectBlobCids": body.get("subjectBlobCids"),
    }
    return report_of(
        called,
        queue=queue,
        key=key,
        reporter=str(body["createdBy"]),
        joins=joins,
        now=now,
        is_muted=bool(event.get("isReporterMuted")),
    )
