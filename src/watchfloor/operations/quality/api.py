"""The API of quality: golden cases, designs with their draws, audits with their weights, who is certified."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from watchfloor.operations.people.api_access import ACCESS, Caller
from watchfloor.operations.policies.models import PolicyVersion
from watchfloor.operations.quality import selectors, services
from watchfloor.operations.quality.audit_answers import audited_answer
from watchfloor.operations.quality.models import Audit, GoldCase
from watchfloor.operations.record.viewers import NotFoundError

router = Router(auth=ACCESS, tags=["quality"])

LARGEST_PAGE = 500


class GoldIn(Schema):
    """A decided case to nominate."""

    model_config = {"extra": "forbid"}

    case_id: UUID
    note: Annotated[str, Field(max_length=400)] = ""


class GoldOut(Schema):
    """One version of a golden case; truth and rationale are told once it stands."""

    id: UUID
    gold_id: str
    version: int
    state: str
    case_id: UUID
    queue: str
    policy: str
    policy_version: int
    truth: dict[str, Any] | None
    rationale: str
    difficulty: float | None
    recorded_at: datetime | None
    expires_at: datetime | None


class GoldQuery(Schema):
    """What to keep of the golden cases."""

    queue: str | None = None
    state: str | None = None
    label: str | None = None
    limit: int = Field(100, ge=1, le=LARGEST_PAGE)


class DesignOut(Schema):
    """A sampling design."""

    slug: str
    title: str
    kind: str
    unit_kind: str
    queues: list[str]
    seed: int
    plan: dict[str, Any]
    frame_hours: int
    blind: bool
    starts_at: datetime
    ends_at: datetime | None


class StratumOut(Schema):
    """One stratum of a draw."""

    stratum: str
    population: int
    size: int
    pi: float


class DrawOut(Schema):
    """One draw: with its seed, its method and its frame anybody can draw it again."""

    frame_start: datetime
    frame_end: datetime
    seed: str
    method: str
    plan: dict[str, Any]
    population: int
    size: int
    audited: int
    wrong: int
    strata: list[StratumOut]


class AuditOut(Schema):
    """A drawn unit, its inclusion probability, and what was found once it was audited."""

    audit_id: UUID
    design: str
    unit_kind: str
    unit_id: UUID
    unit_at: datetime
    case_id: UUID
    queue: str
    stratum: str
    pi: float
    state: str
    audited: dict[str, Any] | None
    verdict: str
    severity: str
    cause: str
    dispute_state: str
    audited_at: datetime | None


class AuditQuery(Schema):
    """What to keep of the audits; `after` is the last audit of the page before."""

    state: str | None = None
    design: str | None = None
    queue: str | None = None
    after: UUID | None = None
    limit: int = Field(100, ge=1, le=LARGEST_PAGE)


class CertifiedOut(Schema):
    """How many active reviewers are certified on a version of a policy now."""

    policy: str
    version: int
    language: str
    certified: int


@router.get("/quality/gold", response=list[GoldOut], summary="List golden cases")
def list_gold(request: Caller, query: Query[GoldQuery]) -> list[dict[str, Any]]:
    """Return the golden cases within reach, newest first."""
    filters = selectors.GoldFilters(queue=query.queue, state=query.state, label=query.label)
    return [_gold(one) for one in selectors.gold_cases(viewer=request.auth, filters=filters)[: query.limit]]


@router.post("/quality/gold", response={201: GoldOut}, summary="Nominate a golden case")
def nominate_gold(request: Caller, body: GoldIn) -> Status[dict[str, Any]]:
    """Nominate a decided case; it stands once two people adjudicated it alike."""
    made = services.nominate_gold(
        case_id=body.case_id, by=request.auth, now=datetime.now(UTC), note=body.note
    )
    return Status(201, _gold(selectors.gold_case(viewer=request.auth, gold_id=made.pk)))


@router.get("/quality/designs", response=list[DesignOut], summary="List sampling designs")
def list_designs(request: Caller) -> list[dict[str, Any]]:
    """Return the designs all of whose queues are within reach."""
    names = ("slug", "title", "kind", "unit_kind", "seed", "plan", "frame_hours", "blind")
    return [
        {name: getattr(one, name) for name in (*names, "starts_at", "ends_at")}
        | {"queues": sorted(queue.slug for queue in one.queues.all())}
        for one in selectors.designs(viewer=request.auth)
    ]


@router.get("/quality/designs/{slug}/draws", response=list[DrawOut], summary="List the draws of a design")
def list_draws(request: Caller, slug: str) -> Any:
    """Return the newest draws with seed, strata and inclusion probabilities."""
    return list(selectors.draws(viewer=request.auth, slug=slug)[:LARGEST_PAGE])


@router.get("/quality/audits", response=list[AuditOut], summary="List audits")
def list_audits(request: Caller, query: Query[AuditQuery]) -> list[dict[str, Any]]:
    """Return audits as they were drawn, oldest first; a blind one shows no answer before its verdict."""
    rows = selectors.audits(viewer=request.auth).order_by("id")
    for name, lookup in (("state", "state"), ("design", "design__slug"), ("queue", "queue__slug")):
        if value := getattr(query, name):
            rows = rows.filter(**{lookup: value})
    if query.after is not None:
        rows = rows.filter(pk__gt=query.after)
    return [_audit(one) for one in rows[: query.limit]]


@router.get("/quality/certified", response=CertifiedOut, summary="Count the certified")
def count_certified(request: Caller, policy: str, version: int, language: str = "") -> dict[str, Any]:
    """Return how many active reviewers are certified on a version of a policy now."""
    request.auth.require("quality.view")
    found = (
        PolicyVersion.objects.select_related("policy").filter(policy__slug=policy, version=version).first()
    )
    if found is None:
        raise NotFoundError(
            f"There is no version {version} of policy {policy!r}.", remedy="See the policies."
        )
    count = selectors.certified_count(found, language, at=datetime.now(UTC))
    return {"policy": policy, "version": version, "language": language, "certified": count}


def _gold(gold: GoldCase) -> dict[str, Any]:
    told = gold.recorded_at is not None
    return {
        **{
            name: getattr(gold, name) for name in ("gold_id", "version", "state", "recorded_at", "expires_at")
        },
        "id": gold.pk,
        "case_id": gold.case_id,
        "queue": gold.queue.slug,
        "policy": gold.policy_version.policy.slug,
        "policy_version": gold.policy_version.version,
        "truth": gold.truth if told else None,
        "rationale": gold.rationale if told else "",
        "difficulty": gold.difficulty,
    }


def _audit(found: Audit) -> dict[str, Any]:
    names = ("unit_kind", "unit_id", "unit_at", "stratum", "pi", "state", "verdict", "severity", "cause")
    shown = not found.design.blind or found.state == "done"
    return {
        **{name: getattr(found, name) for name in (*names, "dispute_state", "audited_at")},
        "audit_id": found.pk,
        "design": found.design.slug,
        "case_id": found.case_id,
        "queue": found.queue.slug,
        "audited": audited_answer(found) if shown else None,
    }
