"""A template or a strategy that its trial showed to be worse goes no further unless an approver says why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pyarrow as pa
import pytest
from django.test import Client

from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.kernel import Estimate
from watchfloor.operations.intake import yield_guard
from watchfloor.operations.intake.figures import Measured, StrategyFigures
from watchfloor.operations.queues.changes import ChangeBlockedError, apply_due, approve_change, propose_change
from watchfloor.operations.queues.configuring import Settings, configure
from watchfloor.operations.queues.models import Queue, TemplateVersion
from watchfloor.operations.queues.templating import save_template
from watchfloor.operations.record.models import ChangeEvent
from watchfloor.operations.record.viewers import GrantScope, Viewer
from watchfloor.operations.routing.errors import RoutingError
from watchfloor.operations.routing.services import (
    StrategyTerms,
    approve_strategy,
    fingerprint,
    save_strategy,
    set_strategy_state,
)

pytestmark = pytest.mark.django_db
EVERYONE = Viewer.system("test")
BO = Viewer(name="bo@test", grants=(GrantScope("administrator", data_boundary="*"),))
Trial = Callable[..., tuple[Queue, TemplateVersion]]


@pytest.fixture
def trial(demo: list[Queue], facts: FactStore, now: datetime) -> Trial:
    """Return how to try a template for ten hours, so much slower and so often answered in two ways."""

    def run(*, slower_ms: int = 0, conflicts_of_ten: int = 0) -> tuple[Queue, TemplateVersion]:
        queue = Queue.objects.select_related("current_version__template_version__template").get(
            slug=demo[0].slug
        )
        assert queue.current_version is not None
        assert queue.current_version.template_version is not None
        old = queue.current_version.template_version
        new = save_template(
            slug=old.template.slug,
            parts={"schema": {"properties": {"note": {"type": "string"}}}},
            by=EVERYONE,
            now=now,
        )
        since = now - timedelta(hours=10)
        settings = replace(Settings.of(queue.current_version), canary_template_version=new, canary_share=0.5)
        configure(queue=queue, settings=settings, by=EVERYONE, now=now, effective_from=since)
        rows = []
        for number in range(200):
            tried = number % 2 == 0
            for turn in (0, 1):
                differs = turn and tried and number // 2 % 10 < conflicts_of_ten
                rows.append(
                    {"review_id": f"t{number}-{turn}", "case_id": f"t{number}", "turn": turn}
                    | {"kind": ("first", "second")[turn], "queue_id": queue.slug, "purpose": "production"}
                    | {"outcome": "submitted", "submitted_at": since + timedelta(minutes=number)}
                    | {"labels": ["b" if differs else "a"], "action": "remove"}
                    | {"handle_ms": 40_000 + number * 20 + (slower_ms if tried else 0)}
                    | {"template_version": (new if tried else old).version}
                )
        schema = TABLES["review"].arrow_schema
        whole = [{field.name: row.get(field.name) for field in schema} for row in rows]
        table = pa.Table.from_pylist(whole, schema=schema)
        facts.commit({"review": table}, published_at=now, source="test")
        return queue, new

    return run


def promoted(queue: Queue, new: TemplateVersion, now: datetime, **more: object) -> int:
    """Return the number of the change that makes the template on trial the one in force."""
    changes = {"template": f"{new.template.slug} v{new.version}", "canary_template": "", "canary_share": 0.0}
    made = propose_change(queue=queue, changes=changes, by=EVERYONE, now=now, **more)  # type: ignore[arg-type]  # instants by name
    return made.pk


@pytest.mark.parametrize(
    ("slower_ms", "conflicts_of_ten", "told"),
    [(12_000, 0, "s longer than"), (0, 3, "points more of the cases")],
    ids=["slower", "more disagreement"],
)
def test_a_template_that_was_surely_worse_on_trial_is_not_promoted(
    trial: Trial, now: datetime, slower_ms: int, conflicts_of_ten: int, told: str
) -> None:
    queue, new = trial(slower_ms=slower_ms, conflicts_of_ten=conflicts_of_ten)
    number = promoted(queue, new, now)
    with pytest.raises(ChangeBlockedError, match=told):
        approve_change(request_id=number, by=BO, now=now)
    done = approve_change(request_id=number, by=BO, now=now, override="The new law asks for it.")
    assert (done.state, done.reason) == ("applied", "The new law asks for it.")
    log = ChangeEvent.objects.get(object_id=queue.slug, detail__has_key="in_spite_of_trial")
    assert log.detail["in_spite_of_trial"] == "The new law asks for it."


@pytest.mark.parametrize(("slower_ms", "conflicts_of_ten"), [(0, 0), (2_000, 0), (-9_000, 0)])
def test_a_template_within_its_limits_is_promoted(
    trial: Trial, now: datetime, slower_ms: int, conflicts_of_ten: int
) -> None:
    queue, new = trial(slower_ms=slower_ms, conflicts_of_ten=conflicts_of_ten)
    assert approve_change(request_id=promoted(queue, new, now), by=BO, now=now).state == "applied"


def test_ending_the_trial_first_or_loosening_the_limit_with_it_does_not_help(
    trial: Trial, now: datetime
) -> None:
    queue, new = trial(slower_ms=12_000)
    settings = replace(
        Settings.of(Queue.objects.get(pk=queue.pk).current_version),  # type: ignore[arg-type]  # it has one
        canary_template_version=None,
        canary_share=0.0,
    )
    configure(queue=queue, settings=settings, by=EVERYONE, now=now)
    changes = {"template": f"{new.template.slug} v{new.version}", "canary_slower_share": 1.0}
    made = propose_change(queue=queue, changes=changes, by=EVERYONE, now=now)
    with pytest.raises(ChangeBlockedError):
        approve_change(request_id=made.pk, by=BO, now=now)


def test_a_trial_that_turns_out_worse_before_its_instant_fails_with_the_reason(
    trial: Trial, now: datetime
) -> None:
    queue, new = trial(slower_ms=12_000)
    number = promoted(queue, new, now, effective_at=now + timedelta(hours=1))
    type(queue.change_requests.get(pk=number)).objects.filter(pk=number).update(state="approved")
    [settled] = apply_due(now=now + timedelta(hours=2))
    assert settled.state == "failed"
    assert "s longer than" in settled.reason


@pytest.mark.parametrize(("language", "button"), [("en", "Approve all the same"), ("zh-hans", "仍然批准")])
def test_the_page_says_what_holds_a_promotion_up_and_asks_for_the_reason(
    trial: Trial, sign_in: Callable[..., Client], now: datetime, language: str, button: str
) -> None:
    queue, new = trial(slower_ms=12_000)
    number, client = promoted(queue, new, now), sign_in("administrator")
    client.cookies["watchfloor_language"] = language
    assert button in client.get(f"/queues/changes/{number}/").content.decode()
    assert client.post(f"/queues/changes/{number}/decide/", {"act": "approve"}).status_code == 409
    said = {"act": "approve", "override": "It is owed."}
    assert client.post(f"/queues/changes/{number}/decide/", said).status_code == 302
    assert queue.change_requests.get(pk=number).state == "applied"


@pytest.mark.parametrize(("high", "held"), [(0.12, True), (0.3, False)], ids=["surely low", "open"])
def test_a_canary_that_surely_yields_less_than_expected_does_not_send_in_full(
    db: None, now: datetime, monkeypatch: pytest.MonkeyPatch, high: float, held: bool
) -> None:
    terms = StrategyTerms(name="Risky", expected_violative_share=0.2)
    strategy = save_strategy(slug="risky", terms=terms, by=EVERYONE, now=now)
    approve_strategy(slug="risky", seen=fingerprint(strategy), by=BO, now=now)
    set_strategy_state(slug="risky", state="canary", by=EVERYONE, now=now)
    verdict = "low" if high < 0.2 else "open"
    row = StrategyFigures(strategy, violative_share=Estimate(0.1, 0.08, high, n=900), verdict=verdict)
    monkeypatch.setattr(yield_guard, "measure", lambda *_, **__: Measured((row,), 28.0))
    if not held:
        assert set_strategy_state(slug="risky", state="on", by=EVERYONE, now=now).state == "on"
        return
    with pytest.raises(RoutingError, match=r"yields 8\.0% to 12\.0%"):
        set_strategy_state(slug="risky", state="on", by=BO, now=now)
    with pytest.raises(RoutingError):  # who asked for it does not override
        set_strategy_state(slug="risky", state="on", by=EVERYONE, now=now, reason="r", override=True)
    turned = set_strategy_state(slug="risky", state="on", by=BO, now=now, reason="An event", override=True)
    assert turned.state == "on"
    assert ChangeEvent.objects.filter(object_id="risky", detail__has_key="in_spite_of").exists()
