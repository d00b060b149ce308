"""A world with a sealed side: everything inside the boundary carries words that nothing outside has."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.kernel import Period
from watchfloor.metrics import Catalogue
from watchfloor.operations.alerts.channels import NewChannel, put_channel
from watchfloor.operations.alerts.models import Alert
from watchfloor.operations.alerts.rule_checks import NewRule
from watchfloor.operations.alerts.rules import save_rule
from watchfloor.operations.cells import warehouse
from watchfloor.operations.dashboards.models import Dashboard
from watchfloor.operations.enforcement.appeals import file_appeal
from watchfloor.operations.enforcement.models import Delivery, Endpoint, Restriction
from watchfloor.operations.enforcement.statement_models import Statement
from watchfloor.operations.people.models import DataBoundary, Grant, Reviewer, Site, Team, User
from watchfloor.operations.policies.services import NewLabel, create_policy, draft_version, publish
from watchfloor.operations.quality.models import Audit
from watchfloor.operations.quality.services import (
    NewDesign,
    create_design,
    draw_audits,
    nominate_gold,
)
from watchfloor.operations.queues.changes import propose_change
from watchfloor.operations.queues.logical import NewLogical, save_logical
from watchfloor.operations.queues.models import Queue, Template, TemplateVersion
from watchfloor.operations.queues.services import NewQueue, Settings, create_queue
from watchfloor.operations.queues.sops import NewSop, publish_sop
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.models import Decision, Review
from watchfloor.operations.review.services import Answer, NewCase, claim, enqueue_batch, submit
from watchfloor.operations.targets.plans import Outline, Unit, draw_up
from watchfloor.operations.targets.publishing import NewTarget, write_target

ALL = Viewer.system("founder")
SPAM = NewLabel(
    code="spam",
    name="Spam",
    text="Unwanted.",
    severity="medium",
    action="remove",
    dsa_category="SCAMS_AND_FRAUD",
    dsa_keyword="OTHER",
)


@dataclass
class World:
    """What stands inside the boundary, by the name that an address gives it, and the words that betray it."""

    named: dict[str, Any] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    now: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def world(db: None, tmp_path: Path, settings: Any) -> World:
    """The sealed side and an open side, each with a case decided, one held, one waiting."""
    settings.WATCHFLOOR_FACTS_ROOT = tmp_path
    warehouse.store_of.cache_clear()
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=30)
    world = World(now=now)
    boundary = DataBoundary.objects.create(slug="sealed-boundary", name="Sealedland")
    site = Site.objects.create(slug="dublin", name="Dublin", employer_kind="in_house", country="IE")
    team = Team.objects.create(slug="team-a", name="A", site=site)
    policy = create_policy(slug="spam", name="Spam", by=ALL, now=now)
    drafted = draft_version(policy=policy, text="No spam.", labels=[SPAM], by=ALL, now=now)
    version = publish(version=drafted, by=ALL, now=now)
    template = TemplateVersion.objects.create(
        template=Template.objects.create(slug="plain", name="Plain"), version=1, created_at=now
    )
    for side, held in (("open", None), ("sealed", boundary)):
        group = f"{side}group"
        asked = Settings(policy_version=version, template_version=template, audit_share=1.0)
        new = NewQueue(
            slug=f"{side}-queue", title=f"{side}title", group=group, surface="video", data_boundary=held
        )
        queue = create_queue(new=new, by=ALL, now=now, settings=asked)
        appeals = NewQueue(
            slug=f"{side}-appeals", title=f"{side}appeals", group=group, surface="video", purpose="appeal",
            data_boundary=held,
        )  # fmt: skip
        create_queue(new=appeals, by=ALL, now=now, settings=Settings(policy_version=version))
        Queue.objects.filter(slug__startswith=side).update(state="live")
        reviewer = Reviewer.objects.create(
            code=f"{side}-reviewer", team=team, hired_on=now.date(), data_boundary=held
        )
        made = enqueue_batch(
            cases=[
                NewCase(
                    queue=queue.slug,
                    client_key=f"{side}-key-{number}",
                    object_id=f"{side}object{number}",
                    author_id=f"{side}author",
                    strategy_id="plain",
                    content={"kind": "text", "text": f"{side}text"},
                )
                for number in range(4)
            ],
            now=now,
            client=f"{side}client",
        )
        first = claim(reviewer=reviewer, now=now, queues=[queue.pk])
        assert first
        done = submit(lease_token=first.token, answer=Answer(labels=("spam",)), now=now)
        lease = claim(reviewer=reviewer, now=datetime.now(UTC), queues=[queue.pk])
        assert lease
        if side == "sealed":
            decision = Decision.objects.get(pk=done.decision_id)
            _more(world, queue, decision, reviewer, now)
            world.named |= {"case_id": first.case_id, "token": lease.token, "code": reviewer.code}
            world.named |= {"decision_id": decision.pk, "review_id": done.review_id}
            world.words += [
                f"sealed{word}" for word in ("title", "text", "object", "author", "client", "group")
            ]
            world.words += ["sealed-queue", "sealed-reviewer", "sealed-logical", "sealedsop"]
            world.words += [str(each.case_id) for each in made] + [str(decision.pk), str(lease.token)]
            world.words += [str(pk) for pk in Review.objects.filter(queue=queue).values_list("pk", flat=True)]
    _facts(tmp_path, settings.WATCHFLOOR_OPERATION, world)
    yield world
    warehouse.store_of.cache_clear()


def _more(world: World, queue: Queue, decision: Decision, reviewer: Reviewer, now: datetime) -> None:
    appeal = file_appeal(
        decision_id=decision.pk, kind="internal_complaint", complainant_role="user", by=ALL, now=now
    )
    gold = nominate_gold(case_id=decision.case_id, by=ALL, now=now)
    design = create_design(
        new=NewDesign(
            slug="sealed-design",
            title="sealeddesign",
            queues=[queue],
            unit_kind="decision",
            plan={"count": 1},
            frame_hours=1,
            starts_at=now - timedelta(minutes=30),
        ),
        seed=1, by=ALL, now=now,
    )  # fmt: skip
    draw_audits(design=design, now=now + timedelta(days=1, hours=1))
    change = propose_change(queue=queue, changes={"lease_seconds": 900}, by=ALL, now=now)
    save_logical(
        new=NewLogical(
            slug="sealed-logical",
            title="sealedlogical",
            data_boundary=queue.data_boundary,
            conditions={"queue": [queue.slug]},
        ),
        by=ALL,
        now=now,
    )
    publish_sop(queue=queue, new=NewSop(title="sealedsop", text="sealedsop"), by=ALL, now=now)
    endpoint = Endpoint.objects.create(
        slug="sealed-endpoint",
        url="https://sealedcallback.test/",
        boundary=queue.data_boundary,
        created_at=now,
    )
    delivery = Delivery.objects.create(
        decision=decision, endpoint=endpoint, next_at=now, created_at=now, state="dead"
    )
    Restriction.objects.create(decision=decision, type="visibility", scope="content", starts_at=now)
    statement = Statement.objects.create(
        decision=decision, puid="sealedpuid", payload={"puid": "sealedpuid"}, state="ready", built_at=now
    )
    Dashboard.objects.create(
        slug="sealed-board",
        title="sealedboard",
        owner="somebody@example.com",
        shared=True,
        data_boundary="sealed-boundary",
        tiles=[{"id": "sealedtile", "kind": "text", "note": "sealedboardtext"}],
        created_at=now,
        updated_at=now,
    )
    world.named |= {"tile_id": "sealedtile"}
    world.words += ["sealedboard", "sealedboardtext"]
    world.words += ["sealedcallback", "sealedpuid"]
    sla = Catalogue.standard()["sla_attainment"]
    wanted = NewTarget({"queue": [queue.slug]}, "floor", 0.9, effective_from=now, reason="sealedreason")
    target = write_target(wanted, definition=sla, by=ALL, now=now)
    outline = Outline("sealedplan", "floor", Period(now - timedelta(days=7), now), effective_from=now)
    plan = draw_up(outline, [Unit({"queue": [queue.slug]}, 1.0)], definition=sla, by=ALL, now=now)
    world.words += ["sealedreason", "sealedplan"]
    world.named |= {
        "target_id": target.target_id,
        "plan_id": plan.pk,
        "line_id": plan.lines.get().pk,
    }
    _alerts(world, queue, now)
    audit = Audit.objects.filter(case_id=decision.case_id).first()
    world.named |= {
        "appeal_id": appeal.appeal_id if hasattr(appeal, "appeal_id") else appeal.appeal.pk,
        "gold_id": gold.pk,
        "number": change.pk,
        "delivery_id": delivery.pk,
        "statement_id": statement.pk,
        "audit_id": audit.pk,
    }


def _alerts(world: World, queue: Queue, now: datetime) -> None:
    """Write a rule, a channel and an alert of the sealed queue."""
    boundary = queue.data_boundary.slug if queue.data_boundary else ""
    new = NewChannel(slug="sealed-channel", title="sealedchannel", kind="email", data_boundary=boundary)
    channel = put_channel(new=new, by=ALL, now=now)
    said = NewRule(
        slug="sealed-rule", title="sealedrule", metric_id="intake", scope={"queue": [queue.slug]}, level=1.0
    )
    rule = save_rule(new=said, channels=[channel], by=ALL, now=now)
    alert = Alert.objects.create(
        rule=rule, queue=queue, dedup_key="sealed", unit=f"queue={queue.slug}", severity="high", rank=1,
        scope={"queue": queue.slug}, owner="sealedowner", metric_id="intake", cell={"value": 9.0},
        plan="sealedplan", fired_at=now, seen_at=now, queue_group=queue.group, data_boundary=boundary,
    )  # fmt: skip
    world.named["alert_id"] = alert.pk
    world.words += ["sealedrule", "sealedchannel", "sealedowner", "sealedplan"]


def _facts(root: Path, operation: str, world: World) -> None:
    rows = [
        {
            "case_id": str(world.named["case_id"]) if side == "sealed" else "c-open",
            "queue_id": f"{side}-queue",
        }
        | {
            "purpose": "production",
            "surface": "video",
            "enqueued_at": world.now,
            "object_id": f"{side}object0",
        }
        | {"data_boundary": "sealed-boundary" if side == "sealed" else None}
        for side in ("open", "sealed")
    ]
    schema = TABLES["case"].arrow_schema
    table = pa.Table.from_pylist([{f.name: row.get(f.name) for f in schema} for row in rows], schema=schema)
    FactStore(root, operation).commit({"case": table}, published_at=world.now, source="test")


@pytest.fixture
def sign_in(db: None) -> Callable[..., Client]:
    """Return a client signed in as somebody of one role, outside or inside the boundary."""

    def as_role(role: str, *, data_boundary: str = "", with_reviewer: bool = True) -> Client:
        user = User.objects.create_user(email=f"{role}-{random.random()}@example.com", password="x")
        if role:
            Grant.objects.create(
                user=user, role=role, data_boundary=data_boundary, granted_at=datetime.now(UTC)
            )
        if with_reviewer:
            Reviewer.objects.create(
                code=f"own-{user.pk}",
                user=user,
                team=Team.objects.get(slug="team-a"),
                hired_on=datetime.now(UTC).date(),
            )
        client = Client()
        client.force_login(user)
        return client

    return as_role
