"""Writes the statement of reasons of one decision. Pure: everything it says is passed in.

The texts are made from the policy, the label and the measure; never from the content, so that no personal
data gets in. What a case does not tell is left out, or takes the value that the guide documents.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from watchfloor.operations.enforcement import statement_terms as terms
from watchfloor.operations.enforcement.models import Ground, Restriction
from watchfloor.operations.policies.models import Label
from watchfloor.operations.policies.vocabulary import SEVERITIES
from watchfloor.operations.review.models import Case, Decision

_VISIBILITY = {
    "removed": "DECISION_VISIBILITY_CONTENT_REMOVED",
    "disabled": "DECISION_VISIBILITY_CONTENT_DISABLED",
    "demoted": "DECISION_VISIBILITY_CONTENT_DEMOTED",
    "age_restricted": "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED",
    "interaction_restricted": "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED",
    "labelled": "DECISION_VISIBILITY_CONTENT_LABELLED",
}
# Of two of a kind the heavier one is stated; the lists run from the lightest to the heaviest.
_MONETARY = {
    "monetary_suspended": "DECISION_MONETARY_SUSPENSION",
    "monetary_terminated": "DECISION_MONETARY_TERMINATION",
}
_PROVISION = {
    "service_partly_suspended": "DECISION_PROVISION_PARTIAL_SUSPENSION",
    "service_suspended": "DECISION_PROVISION_TOTAL_SUSPENSION",
    "service_partly_terminated": "DECISION_PROVISION_PARTIAL_TERMINATION",
    "service_terminated": "DECISION_PROVISION_TOTAL_TERMINATION",
}
_ACCOUNT = {
    "account_suspended": "DECISION_ACCOUNT_SUSPENDED",
    "account_terminated": "DECISION_ACCOUNT_TERMINATED",
}
_END_OF_SCOPE = {
    "content": "end_date_visibility_restriction",
    "monetary": "end_date_monetary_restriction",
    "service": "end_date_service_restriction",
    "account": "end_date_account_restriction",
}
_TYPE_OF_SURFACE = {
    "search": "CONTENT_TYPE_TEXT",
    "comment": "CONTENT_TYPE_TEXT",
    "message": "CONTENT_TYPE_TEXT",
    "text": "CONTENT_TYPE_TEXT",
    "video": "CONTENT_TYPE_VIDEO",
    "live": "CONTENT_TYPE_VIDEO",
    "image": "CONTENT_TYPE_IMAGE",
    "audio": "CONTENT_TYPE_AUDIO",
    "product": "CONTENT_TYPE_PRODUCT",
    "app": "CONTENT_TYPE_APP",
}
_SOURCE = {
    "article_16": ("SOURCE_ARTICLE_16", "a notice under Article 16"),
    "trusted_flagger": ("SOURCE_TRUSTED_FLAGGER", "a notice by a trusted flagger"),
    "other_notification": ("SOURCE_TYPE_OTHER_NOTIFICATION", "a notification"),
    "order_to_act": ("SOURCE_TYPE_OTHER_NOTIFICATION", "an order of an authority"),
    "order_to_inform": ("SOURCE_TYPE_OTHER_NOTIFICATION", "an order of an authority"),
}
_OWN_INITIATIVE = ("SOURCE_VOLUNTARY", "the provider's own initiative")


@dataclass(frozen=True, slots=True)
class Reasons:
    """A decision with everything that its statement says."""

    decision: Decision
    case: Case
    surface: str
    policy: str
    policy_number: int | None
    labels: Sequence[Label]
    grounds: Mapping[tuple[str, str], Ground]
    policy_slug: str
    restrictions: Sequence[Restriction]


def puid_of(*, operation: str, decision_id: object) -> str:
    """Return the statement's identifier on the platform: always the same for the same decision.

    >>> puid_of(operation="demo", decision_id=7) == puid_of(operation="demo", decision_id=7)
    True
    """
    return hashlib.sha256(f"watchfloor statement {operation} {decision_id}".encode()).hexdigest()


def statement_of(*, reasons: Reasons, operation: str) -> dict[str, Any]:
    """Return the statement as the transparency database takes it; fields that do not apply are left out."""
    case, decision = reasons.case, reasons.decision
    ranked = sorted(reasons.labels, key=_rank)
    source, noticed = _SOURCE.get(case.source, _OWN_INITIATIVE)
    starts_at = min((each.starts_at for each in reasons.restrictions), default=decision.decided_at)
    statement: dict[str, Any] = {
        **_measures(reasons.restrictions),
        **_ground(reasons, ranked),
        **_category(ranked),
        **_content(reasons),
        "territorial_scope": _territories(reasons.restrictions),
        "application_date": starts_at.astimezone(UTC).date().isoformat(),
        "decision_facts": _facts(reasons, ranked, noticed),
        "source_type": source,
        "automated_detection": _yes_no(_was_detected_by_machine(case)),
        "automated_decision": "AUTOMATED_DECISION_FULLY"
        if decision.automated
        else "AUTOMATED_DECISION_NOT_AUTOMATED",
        "puid": puid_of(operation=operation, decision_id=decision.pk),
    }
    return {name: value for name, value in statement.items() if value not in (None, "", [])}


def _rank(label: Label) -> tuple[int, str]:
    return (SEVERITIES.index(label.severity) if label.severity in SEVERITIES else len(SEVERITIES), label.code)


def _measures(restrictions: Sequence[Restriction]) -> dict[str, Any]:
    types = {each.type for each in restrictions}
    measures: dict[str, Any] = {
        "decision_visibility": [code for type_, code in _VISIBILITY.items() if type_ in types],
        "decision_monetary": _heaviest(_MONETARY, types),
        "decision_provision": _heaviest(_PROVISION, types),
        "decision_account": _heaviest(_ACCOUNT, types),
    }
    for scope, name in _END_OF_SCOPE.items():
        ends = [each.ends_at for each in restrictions if each.scope == scope]
        known = [end for end in ends if end is not None]
        if known and len(known) == len(ends):  # one without an end leaves it open
            measures[name] = max(known).astimezone(UTC).date().isoformat()
    return measures


def _heaviest(codes: Mapping[str, str], types: set[str]) -> str | None:
    return next((code for type_, code in reversed(list(codes.items())) if type_ in types), None)


def _ground(reasons: Reasons, ranked: Sequence[Label]) -> dict[str, Any]:
    if not ranked:
        return {}
    label = ranked[0]
    ground = reasons.grounds.get((reasons.policy_slug, label.code))
    explanation = (ground.explanation if ground else "") or label.text
    reference = ground.reference if ground else f"{reasons.policy}: {label.name}"
    url = ground.url if ground else ""
    if ground and ground.is_illegal:
        return {
            "decision_ground": terms.ILLEGAL,
            "decision_ground_reference_url": url,
            "illegal_content_legal_ground": reference,
            "illegal_content_explanation": explanation,
        }
    return {
        "decision_ground": terms.INCOMPATIBLE,
        "decision_ground_reference_url": url,
        "incompatible_content_ground": reference,
        "incompatible_content_explanation": explanation,
    }


def _category(ranked: Sequence[Label]) -> dict[str, Any]:
    categories = list(dict.fromkeys(label.dsa_category for label in ranked if label.dsa_category))
    if not categories:
        return {}
    keywords = list(
        dict.fromkeys(terms.KEYWORD_PREFIX + label.dsa_keyword for label in ranked if label.dsa_keyword)
    )
    other = next((label.name for label in ranked if label.dsa_keyword == "OTHER"), None)
    return {
        "category": terms.CATEGORY_PREFIX + categories[0],
        "category_addition": [terms.CATEGORY_PREFIX + each for each in categories[1:]],
        "category_specification": keywords,
        "category_specification_other": other,
    }


def _content(reasons: Reasons) -> dict[str, Any]:
    case, content = reasons.case, reasons.case.content
    stated = content.get("types")
    named = stated if isinstance(stated, list) else []
    types = [f"CONTENT_TYPE_{each.upper()}" for each in named if isinstance(each, str)]
    if not types:
        types = [_TYPE_OF_SURFACE.get(reasons.surface, terms.CONTENT_TYPE_OTHER)]
    account = content.get("account_type")
    ean = content.get("ean_13")
    language = case.language.upper()
    return {
        "content_type": list(dict.fromkeys(types)),
        "content_type_other": reasons.surface if terms.CONTENT_TYPE_OTHER in types else None,
        "content_language": language if language in terms.LANGUAGES else None,
        "content_date": (_created(content) or case.enqueued_at.astimezone(UTC).date()).isoformat(),
        "account_type": f"ACCOUNT_TYPE_{account.upper()}" if isinstance(account, str) and account else None,
        "content_id": {"EAN-13": ean} if isinstance(ean, str) and ean else None,
    }


def _created(content: Mapping[str, Any]) -> date | None:
    written = content.get("created_at")
    if not isinstance(written, str):
        return None
    try:
        return datetime.fromisoformat(written).date()
    except ValueError:
        return None


def _territories(restrictions: Sequence[Restriction]) -> list[str]:
    named = {code for each in restrictions for code in each.territories}
    if not named or any(not each.territories for each in restrictions):
        return list(terms.TERRITORIES)
    return [code for code in terms.TERRITORIES if code in named]


def _was_detected_by_machine(case: Case) -> bool:
    stated = case.content.get("automated_detection")
    if isinstance(stated, bool):
        return stated
    return case.source in ("", "voluntary") and case.risk_score is not None


def _yes_no(holds: bool) -> str:
    return "Yes" if holds else "No"


def _facts(reasons: Reasons, ranked: Sequence[Label], noticed: str) -> str:
    decision = reasons.decision
    who = "An automated system decided" if decision.automated else "A person reviewed it and decided"
    found = "; ".join(f"“{label.name}”" for label in ranked) or "no label"
    version = f", version {reasons.policy_number}" if reasons.policy_number is not None else ""
    measures = ", ".join(each.type.replace("_", " ") for each in reasons.restrictions)
    text = (
        f"The content came to notice by {noticed}. {who} on {decision.decided_at.astimezone(UTC).date()} "
        f"under the policy “{reasons.policy}”{version}: {found}. Measure: {measures}."
    )
    return text[: terms.LONGEST["decision_facts"]]
