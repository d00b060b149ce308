"""Golden cases: nominated, adjudicated by two people apart, standing until they expire, renewed."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F, Q

from watchfloor.operations.policies.models import PolicyVersion
from watchfloor.operations.quality.errors import GoldError, NotIndependentError
from watchfloor.operations.quality.models import Adjudication, GoldCase
from watchfloor.operations.quality.standing import (
    case_within,
    plain,
    require_outsider,
    require_queue,
    reviewer_of,
)
from watchfloor.operations.quality.vocabulary import OPEN_GOLD_STATES
from watchfloor.operations.queues.services import place_of
from watchfloor.operations.record.services import audit, record_change, write_event
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.configuration import Answer, answer_rules
from watchfloor.operations.review.models import Case
from watchfloor.operations.review.resolution import Answered

GOLD_LIFE = timedelta(days=180)
_OPEN = Q(state__in=OPEN_GOLD_STATES)


@transaction.atomic
def nominate_gold(*, case_id: UUID, by: Viewer, now: datetime, note: str = "") -> GoldCase:
    """Return the case as a golden case in the making; it waits for two adjudications.

    Raises:
        NotFoundError: there is no such case within reach.
        GoldError: the case is undecided, carries a reference itself, its queue binds no policy, or it is
            golden already.

    """
    case = case_within(by=by, permission="quality.change", case_id=case_id)
    policy = _bound_policy(case)
    if case.gold_id or case.queue.purpose == "training":
        raise GoldError(f"Case {case.pk} replays another case.", remedy="Nominate the case it was made from.")
    if not case.decisions.exists():
        raise GoldError(f"Case {case.pk} is not decided yet.", remedy="Nominate it after its decision.")
    Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if GoldCase.objects.filter(_OPEN | Q(state="standing"), case=case).exists():
        raise GoldError(f"Case {case.pk} is golden or nominated already.", remedy="See the gold library.")
    return _nominate(case, policy, gold_id=f"gold-{uuid4().hex[:16]}", version=1, by=by, now=now, note=note)


@transaction.atomic
def adjudicate_gold(
    *, gold_id: UUID, answer: Answer, rationale: str, difficulty: float, by: Viewer, now: datetime
) -> GoldCase:
    """Return the golden case after one more person answered it, standing once two answers agree.

    `gold_id` is the id of the version. Answers agree on the same labels and action; while they do not, the
    case is contested and asks for another person.

    Raises:
        GoldError: the version takes no adjudication, the rationale is empty or the difficulty is outside 0–1.
        NotIndependentError: the person answered before, or reviewed the case.
        AnswerRejectedError: the answer does not fit the policy.

    """
    gold = GoldCase.objects.select_for_update(of=("self",)).select_related(
        "case", "queue__current_version", "queue__data_boundary"
    )
    found = gold.get(pk=gold_id)
    place = require_queue(by, "quality.audit", found.queue)
    _check_adjudication(found, rationale, difficulty, by)
    version = found.queue.current_version
    if version is None or version.policy_version_id != found.policy_version_id:
        raise GoldError(
            f"Golden case {found} belongs to a policy version that is no longer bound.",
            remedy="Adjudicate its new version.",
        )
    settled = answer_rules(version.pk).settle(answer)
    Adjudication.objects.create(
        gold=found,
        adjudicator=by.name,
        labels=sorted(settled.labels),
        action=settled.action,
        rationale=rationale.strip(),
        difficulty=difficulty,
        at=now,
    )
    audit(
        actor=by.name,
        action="adjudicate",
        object_kind="gold_case",
        object_id=str(found),
        after={"adjudications": found.adjudications.count()},
        now=now,
        place=place,
    )
    _settle(found, by=by, now=now)
    return found


@transaction.atomic
def reject_gold(*, gold_id: UUID, reason: str, by: Viewer, now: datetime) -> GoldCase:
    """Return the version ended: rejected while it was open, expired when it stood (a wrong gold).

    Raises:
        GoldError: it has ended already, or the reason is empty.

    """
    found = (
        GoldCase.objects.select_for_update(of=("self",))
        .select_related("case", "queue__data_boundary")
        .get(pk=gold_id)
    )
    require_queue(by, "quality.change", found.queue)
    if not reason.strip():
        raise GoldError("A golden case does not end without a reason.", remedy="Say why.")
    if found.state not in (*OPEN_GOLD_STATES, "standing"):
        raise GoldError(f"Golden case {found} is {found.state} already.", remedy="Leave it so.")
    _end(found, reason=reason.strip(), by=by, now=now)
    return found


@transaction.atomic
def renew_gold(*, gold_id: UUID, by: Viewer, now: datetime, note: str = "") -> GoldCase:
    """Return the next version of an ended golden case, nominated under the policy now bound.

    Raises:
        GoldError: the newest version has not ended.

    """
    found = GoldCase.objects.select_related("case__queue__current_version", "queue").get(pk=gold_id)
    require_queue(by, "quality.change", found.queue)
    Case.objects.select_for_update(of=("self",)).get(pk=found.case_id)
    newest = GoldCase.objects.filter(gold_id=found.gold_id).order_by("-version").first() or found
    if newest.state in (*OPEN_GOLD_STATES, "standing"):
        raise GoldError(f"Golden case {newest} is {newest.state}.", remedy="End it before you renew it.")
    policy = _bound_policy(found.case)
    return _nominate(
        found.case, policy, gold_id=found.gold_id, version=newest.version + 1, by=by, now=now, note=note
    )


def expire_gold(*, now: datetime, by: Viewer | None = None) -> int:
    """Return how many versions ended because their time ran out or another policy version is bound.

    What ended with its policy comes back as a nomination under the new one, so that the library is worked
    through again and not forgotten.
    """
    actor = by or Viewer.system("quality")
    outdated = ~Q(policy_version_id=F("queue__current_version__policy_version_id"))
    due = GoldCase.objects.filter(
        (_OPEN & outdated) | (Q(state="standing") & (outdated | Q(expires_at__lte=now)))
    )
    ended = 0
    for pk in list(due.order_by("queue_id", "id").values_list("pk", flat=True)):
        ended += _expire_one(pk, actor, now)
    return ended


@transaction.atomic
def _expire_one(pk: UUID, by: Viewer, now: datetime) -> int:
    found = (
        GoldCase.objects.select_for_update(of=("self",))
        .select_related("case__queue__current_version", "queue__current_version", "queue__data_boundary")
        .get(pk=pk)
    )
    if found.state not in (*OPEN_GOLD_STATES, "standing"):
        return 0
    version = found.queue.current_version
    bound = version.policy_version if version else None
    changed = bound is None or bound.pk != found.policy_version_id
    reason = (
        f"Policy version {bound.version if bound else 'none'} is bound." if changed else "Its time ran out."
    )
    _end(found, reason=reason, by=by, now=now)
    if bound is not None:
        _nominate(
            found.case, bound, gold_id=found.gold_id, version=found.version + 1, by=by, now=now, note=reason
        )
    return 1


def _check_adjudication(gold: GoldCase, rationale: str, difficulty: float, by: Viewer) -> None:
    if gold.state not in OPEN_GOLD_STATES:
        raise GoldError(f"Golden case {gold} is {gold.state}.", remedy="Adjudicate one that is open.")
    if not rationale.strip():
        raise GoldError("An adjudication needs its rationale.", remedy="Say which rule decides the case.")
    if not 0.0 <= difficulty <= 1.0:
        raise GoldError(f"Difficulty {difficulty} is outside 0 to 1.", remedy="0 is easy, 1 is hard.")
    if gold.adjudications.filter(adjudicator=by.name).exists():
        raise NotIndependentError(
            f"{by.name} has adjudicated golden case {gold} already.", remedy="Leave it to a second person."
        )
    require_outsider(reviewer=reviewer_of(by), case=gold.case, deed="adjudicate it")


def _settle(gold: GoldCase, *, by: Viewer, now: datetime) -> None:
    given = list(gold.adjudications.order_by("at", "id"))
    pairs = [(one, Answered(tuple(one.labels), one.action)) for one in given]
    newest = pairs[-1][1]
    agreeing = [one for one, answered in pairs if answered.agrees_with(newest)]
    if len(agreeing) < 2:
        if len(given) > 1 and gold.state != "contested":
            gold.state = "contested"
            gold.save(update_fields=["state"])
        return
    gold.state = "standing"
    gold.truth = plain(newest.labels, newest.action)
    gold.rationale = "\n".join(dict.fromkeys(one.rationale for one in agreeing))
    gold.difficulty = sum(one.difficulty for one in given) / len(given)
    gold.recorded_at, gold.expires_at = now, now + GOLD_LIFE
    gold.save()
    _write_fact(gold)
    record_change(
        object_kind="gold_case",
        object_id=gold.gold_id,
        object_version=gold.version,
        kind="created" if gold.version == 1 else "changed",
        at=now,
        author=by.name,
        summary=f"{gold.queue.title}: golden case {gold} stands.",
        place=place_of(gold.queue),
    )


def _nominate(
    case: Case, policy: PolicyVersion, *, gold_id: str, version: int, by: Viewer, now: datetime, note: str
) -> GoldCase:
    gold = GoldCase.objects.create(
        gold_id=gold_id,
        version=version,
        case=case,
        queue=case.queue,
        policy_version=policy,
        nominated_by=by.name,
        nominated_at=now,
        note=note[:400],
    )
    audit(
        actor=by.name,
        action="nominate",
        object_kind="gold_case",
        object_id=str(gold),
        after={"case": str(case.pk), "policy_version": policy.version},
        now=now,
        place=place_of(case.queue),
    )
    return gold


def _end(gold: GoldCase, *, reason: str, by: Viewer, now: datetime) -> None:
    stood = gold.state == "standing"
    before = gold.state
    gold.state = "expired" if stood else "rejected"
    gold.ended_reason = reason[:200]
    if stood:
        gold.expires_at = min(gold.expires_at or now, now)
        _write_fact(gold)
    gold.save(update_fields=["state", "ended_reason", "expires_at"])
    audit(
        actor=by.name,
        action="end",
        object_kind="gold_case",
        object_id=str(gold),
        before={"state": before},
        after={"state": gold.state, "reason": gold.ended_reason},
        now=now,
        place=place_of(gold.queue),
    )


def _write_fact(gold: GoldCase) -> None:
    write_event(
        fact="gold_case",
        key=f"{gold.gold_id}/{gold.version}",
        payload={
            "gold_id": gold.gold_id,
            "gold_version": gold.version,
            "case_id": str(gold.case_id),
            "queue_id": gold.queue.slug,
            "truth": json.dumps(gold.truth, ensure_ascii=False),
            **_meaning(gold),
            "rationale": gold.rationale,
            "difficulty": gold.difficulty,
            "recorded_at": gold.recorded_at,
            "expires_at": gold.expires_at,
        },
    )


def _meaning(gold: GoldCase) -> dict[str, Any]:
    """Return the adjudicated answer as the fact keeps it beside its text; nothing before there is one."""
    if not gold.truth:
        return {}
    labels, action = sorted(gold.truth.get("labels", [])), str(gold.truth.get("action", ""))
    version = gold.case.queue_version
    violative = answer_rules(version.pk).violative(tuple(labels), action) if version else None
    return {"labels": labels, "action": action, "violative": violative}


def _bound_policy(case: Case) -> PolicyVersion:
    version = case.queue.current_version
    if version is None or version.policy_version is None:
        raise GoldError(
            f"Queue {case.queue.slug!r} binds no policy.", remedy="Bind one; truth needs its labels."
        )
    return version.policy_version
