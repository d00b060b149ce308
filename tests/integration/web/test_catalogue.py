"""A definition from its first text to being in force: checked as it is written, approved by another."""

from typing import Any

import pytest
from django.test import Client

from watchfloor.metrics.definition import DefinitionError
from watchfloor.operations.catalogue.errors import GovernanceError
from watchfloor.operations.catalogue.models import Proposal, Restatement
from watchfloor.operations.catalogue.services import (
    approve,
    propose,
    publish_approved,
    reject,
    retire,
    save_draft,
)
from watchfloor.operations.catalogue.trials import beside
from watchfloor.operations.catalogue.versions import next_text, read_draft
from watchfloor.operations.cells.definitions import definitions_folder
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.record.models import AuditEntry, ChangeEvent
from watchfloor.operations.record.viewers import GrantScope, NotPermittedError, Viewer

pytestmark = pytest.mark.django_db
ANA = Viewer(name="ana", grants=(GrantScope("analyst"),))
BEN = Viewer(name="ben", grants=(GrantScope("analyst"),))
LEE = Viewer(name="lee", grants=(GrantScope("team_lead"),))
LATE = "first_decided_at <= deadline_at"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Any, settings: Any) -> None:
    settings.WATCHFLOOR_DATA = tmp_path / "data"


@pytest.fixture
def stricter() -> str:
    """SLA attainment that counts a case on time only when it was decided before its deadline."""
    text = next_text(catalogue()["sla_attainment"])
    assert LATE in text
    return text.replace(LATE, "first_decided_at < deadline_at")


def test_a_version_comes_into_force_when_another_person_approves_it(
    stricter: str, facts: Any, now: Any
) -> None:
    draft = save_draft(text=stricter, reason="On time means before.", by=ANA, now=now)
    proposed = propose(draft.pk, revision=draft.revision, by=ANA, now=now)
    with pytest.raises(GovernanceError, match="cannot approve it too"):
        approve(draft.pk, revision=proposed.revision, by=ANA, now=now)
    with pytest.raises(NotPermittedError):
        approve(draft.pk, revision=proposed.revision, by=LEE, now=now)
    approve(draft.pk, revision=proposed.revision, by=BEN, now=now)
    publish_approved()
    assert catalogue()["sla_attainment"].version == 2
    change = ChangeEvent.objects.get(object_kind="metric")
    assert (change.object_id, change.object_version) == ("sla_attainment", 2)
    restated = Restatement.objects.get()
    assert (restated.old_version, restated.new_version) == (1, 2)
    actions = AuditEntry.objects.filter(object_kind="metric").order_by("pk").values_list("action", flat=True)
    assert [action.partition(".")[2] for action in actions] == ["saved", "proposed", "approved"]


def test_both_versions_run_over_the_same_facts(facts: Any, now: Any) -> None:
    old = catalogue()["sla_attainment"]
    text = next_text(old).replace(LATE, "first_decided_at <= deadline_at AND language = 'xx'")
    run = beside(
        old=old, new=read_draft(text, catalogue=catalogue()).definition, viewer=Viewer.system(),
        operation=facts.operation, now=now,
    )  # fmt: skip
    assert run.problem is None
    if run.whole.cell_old is not None and run.whole.cell_old.estimate.value:
        assert run.whole.delta == pytest.approx(-run.whole.cell_old.estimate.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("version: 2", "version: 1"), "Write version: 2"),
        (("version: 2", "version: 4"), "Write version: 2"),
        ((LATE, "first_decided_at <= dead_line"), "deadline_at"),
        (("time_basis: DUE", "time_basis: NOON"), "time_basis"),
        (("id: sla_attainment", "id: sla_again"), "Write version: 1"),
        (("relation: case_outcome", "relation: [}"), "YAML"),
    ],
)
def test_a_text_that_cannot_be_approved_says_what_would_be_right(change: tuple[str, str], words: str) -> None:
    text = next_text(catalogue()["sla_attainment"])
    assert change[0] in text
    with pytest.raises(DefinitionError, match=words):
        read_draft(text.replace(*change), catalogue=catalogue())


def test_a_copy_under_another_name_is_refused() -> None:
    text = next_text(catalogue()["sla_attainment"]).replace("version: 2", "version: 1")
    with pytest.raises(DefinitionError, match="says the same as"):
        read_draft(text.replace("id: sla_attainment", "id: sla_again"), catalogue=catalogue())


def test_words_alone_compute_the_same_and_restate_nothing(facts: Any, now: Any) -> None:
    text = next_text(catalogue()["sla_attainment"]).replace("owner: workflow-analytics", "owner: vendor-desk")
    draft = read_draft(text, catalogue=catalogue())
    assert draft.computes_the_same
    assert draft.changed == ("owner",)
    saved = save_draft(text=text, reason="New owner.", by=ANA, now=now)
    propose(saved.pk, revision=saved.revision, by=ANA, now=now)
    approve(saved.pk, revision=saved.revision, by=BEN, now=now)
    assert not Restatement.objects.exists()


def test_one_version_of_a_metric_waits_at_a_time(stricter: str, now: Any) -> None:
    save_draft(text=stricter, reason="", by=ANA, now=now)
    with pytest.raises(GovernanceError, match="being proposed already"):
        save_draft(text=stricter, reason="", by=BEN, now=now)


def test_a_changed_text_is_a_draft_again_and_what_was_seen_is_what_is_approved(
    stricter: str, now: Any
) -> None:
    saved = save_draft(text=stricter, reason="Stricter.", by=ANA, now=now)
    propose(saved.pk, revision=1, by=ANA, now=now)
    changed = save_draft(text=stricter + "\n", reason="Stricter.", by=ANA, now=now, proposal_id=saved.pk)
    assert (changed.state, changed.revision) == ("draft", 2)
    with pytest.raises(GovernanceError, match="changed since"):
        propose(saved.pk, revision=1, by=ANA, now=now)
    propose(saved.pk, revision=2, by=ANA, now=now)
    with pytest.raises(GovernanceError, match="needs its reason"):
        reject(saved.pk, note=" ", by=BEN, now=now)
    assert reject(saved.pk, note="Ask legal first.", by=BEN, now=now).state == "rejected"


def test_a_retired_metric_says_what_to_use_instead(now: Any) -> None:
    with pytest.raises(GovernanceError, match="cannot be retired"):
        retire("mape", replacement="mape", reason="Undefined at zero.", by=ANA, now=now)
    retire("mape", replacement="wape", reason="Undefined at zero.", by=ANA, now=now)
    with pytest.raises(GovernanceError, match="is retired since"):
        retire("mape", replacement="wape", reason="Again.", by=ANA, now=now)


def test_the_folder_can_be_written_again_from_the_record(stricter: str, facts: Any, now: Any) -> None:
    saved = save_draft(text=stricter, reason="Stricter.", by=ANA, now=now)
    propose(saved.pk, revision=1, by=ANA, now=now)
    approve(saved.pk, revision=1, by=BEN, now=now)
    assert publish_approved() == 1
    for path in definitions_folder().glob("*.yaml"):
        path.unlink()
    assert catalogue()["sla_attainment"].version == 1
    publish_approved()
    assert catalogue()["sla_attainment"].version == 2


def test_the_pages_show_check_and_decide(facts: Any, stricter: str, sign_in: Any, now: Any) -> None:
    administrator: Client = sign_in()
    page = administrator.get("/catalogue/?q=sla").content.decode()
    assert "sla_attainment" in page
    assert "aht" not in page.split("<main")[1].split("</main>")[0].replace("aht_", "")
    assert "case_outcome" in administrator.get("/catalogue/sla_attainment/").content.decode()
    assert administrator.get("/catalogue/none_such/").status_code == 404
    wrong = administrator.post(
        "/catalogue/check/", {"text": stricter.replace("time_basis: DUE", "time_basis: X")}
    )
    assert "time_basis" in wrong.content.decode()
    assert (
        "Computes another number"
        in administrator.post("/catalogue/check/", {"text": stricter}).content.decode()
    )
    saved = administrator.post("/catalogue/sla_attainment/edit/", {"text": stricter, "reason": "Stricter."})
    proposal = Proposal.objects.get()
    assert saved.headers["Location"] == f"/catalogue/proposals/{proposal.pk}/"
    decide = f"/catalogue/proposals/{proposal.pk}/decide/"
    administrator.post(decide, {"act": "propose", "revision": "1"})
    shown = administrator.get(f"/catalogue/proposals/{proposal.pk}/").content.decode()
    assert "Another person approves what you wrote." in shown
    refused = administrator.post(decide, {"act": "approve", "revision": "1"})
    assert refused.status_code == 422
