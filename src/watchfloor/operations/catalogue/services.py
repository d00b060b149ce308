"""Writes of the catalogue: a definition drafted, proposed, approved by somebody else, retired."""

import os
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from watchfloor.metrics.definition import Definition
from watchfloor.operations.catalogue.errors import GovernanceError
from watchfloor.operations.catalogue.models import Proposal, Restatement, Retirement
from watchfloor.operations.catalogue.trials import beside
from watchfloor.operations.catalogue.versions import read_draft
from watchfloor.operations.cells.definitions import definitions_folder
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.record.services import audit, record_change
from watchfloor.operations.record.viewers import GrantScope, Viewer

_LARGEST_REASON = 4_000
# Sums that anybody may read: what lies outside every data boundary.
_OUTSIDE = Viewer(name="catalogue", grants=(GrantScope("administrator"),))


@transaction.atomic
def save_draft(
    *, text: str, reason: str, by: Viewer, now: datetime, proposal_id: int | None = None
) -> Proposal:
    """Return the proposal with this text, new or changed.

    Raises:
        DefinitionError: the text is no definition that could be approved.
        GovernanceError: the proposal is not open, or somebody has one open for the same metric.

    """
    by.require("metrics.change")
    draft = read_draft(text, catalogue=catalogue())
    columns = {
        "metric_id": draft.definition.id,
        "version": draft.definition.version,
        "text": text,
        "reason": reason.strip()[:_LARGEST_REASON],
    }
    if proposal_id is None:
        try:
            with transaction.atomic():
                proposal = Proposal.objects.create(author=by.name, created_at=now, **columns)
        except IntegrityError as error:
            raise GovernanceError(
                f"A version of {draft.definition.id} is being proposed already.",
                remedy="Change that proposal, or wait until it is decided.",
            ) from error
    else:
        proposal = _held(proposal_id, ("draft", "proposed"))
        if proposal.metric_id != draft.definition.id:
            raise GovernanceError(
                f"The proposal is about {proposal.metric_id}, the text about {draft.definition.id}.",
                remedy="Begin a proposal of its own for it.",
            )
        for name, value in columns.items():
            setattr(proposal, name, value)
        # What was proposed is no longer what would be approved.
        proposal.state, proposal.author, proposal.proposed_at = "draft", by.name, None
        proposal.revision += 1
        proposal.save()
    _note(proposal, "saved", by=by, now=now, after={"revision": proposal.revision})
    return proposal


@transaction.atomic
def propose(proposal_id: int, *, revision: int, by: Viewer, now: datetime) -> Proposal:
    """Return the proposal, put to whoever may approve it.

    Raises:
        GovernanceError: it is no draft, changed meanwhile, or gives no reason.

    """
    by.require("metrics.change")
    proposal = _held(proposal_id, ("draft",), revision=revision)
    if not proposal.reason:
        raise GovernanceError("The proposal gives no reason.", remedy="Say why the number should change.")
    read_draft(proposal.text, catalogue=catalogue())
    proposal.state, proposal.proposed_at = "proposed", now
    proposal.save(update_fields=["state", "proposed_at"])
    _note(proposal, "proposed", by=by, now=now)
    return proposal


@transaction.atomic
def approve(proposal_id: int, *, revision: int, by: Viewer, now: datetime, note: str = "") -> Definition:
    """Return the definition, in force from now on in every process.

    Raises:
        GovernanceError: it was not proposed, changed meanwhile, or its author approves it.
        DefinitionError: the catalogue moved on, and the text no longer fits it.

    """
    by.require("metrics.approve")
    proposal = _held(proposal_id, ("proposed",), revision=revision)
    if proposal.author == by.name:
        raise GovernanceError(
            f"{by.name} wrote this proposal and cannot approve it too.",
            remedy="Ask somebody else who may approve definitions.",
        )
    draft = read_draft(proposal.text, catalogue=catalogue())
    proposal.state, proposal.decided_by, proposal.decided_at = "approved", by.name, now
    proposal.decision_note = note.strip()[:_LARGEST_REASON]
    proposal.save()
    if draft.current is not None and not draft.computes_the_same:
        _restate(draft.current, draft.definition, by=by, now=now)
    record_change(
        object_kind="metric",
        object_id=proposal.metric_id,
        object_version=proposal.version,
        kind="changed" if draft.current else "created",
        at=now,
        author=by.name,
        summary=f"{proposal.metric_id}@{proposal.version} is in force.",
        detail={"changed": list(draft.changed), "reason": proposal.reason},
    )
    _note(proposal, "approved", by=by, now=now, after={"version": proposal.version})
    transaction.on_commit(publish_approved)
    return draft.definition


@transaction.atomic
def reject(proposal_id: int, *, note: str, by: Viewer, now: datetime) -> Proposal:
    """Return the proposal, turned down with the reason.

    Raises:
        GovernanceError: it was not proposed, or no reason is given.

    """
    by.require("metrics.approve")
    proposal = _held(proposal_id, ("proposed",))
    if not note.strip():
        raise GovernanceError("A rejection needs its reason.", remedy="Say what would have to change.")
    proposal.state, proposal.decided_by, proposal.decided_at = "rejected", by.name, now
    proposal.decision_note = note.strip()[:_LARGEST_REASON]
    proposal.save()
    _note(proposal, "rejected", by=by, now=now, after={"note": proposal.decision_note})
    return proposal


@transaction.atomic
def withdraw(proposal_id: int, *, by: Viewer, now: datetime) -> Proposal:
    """Return the proposal, given up."""
    by.require("metrics.change")
    proposal = _held(proposal_id, ("draft", "proposed"))
    proposal.state = "withdrawn"
    proposal.save(update_fields=["state"])
    _note(proposal, "withdrawn", by=by, now=now)
    return proposal


@transaction.atomic
def retire(metric_id: str, *, replacement: str, reason: str, by: Viewer, now: datetime) -> Retirement:
    """Return the retirement of a metric: it still answers, and every page says what to use instead.

    Raises:
        UnknownMetricError: the metric or its replacement does not exist.
        GovernanceError: it is retired already, replaces itself, or no reason is given.

    """
    by.require("metrics.approve")
    known = catalogue()
    known[metric_id]
    if replacement:
        known[replacement]
    if replacement == metric_id or not reason.strip():
        raise GovernanceError(
            f"{metric_id} cannot be retired like that.",
            remedy="Name another metric in its place, if any, and the reason.",
        )
    made, is_new = Retirement.objects.get_or_create(
        metric_id=metric_id,
        defaults={"replacement": replacement, "reason": reason.strip(), "author": by.name, "at": now},
    )
    if not is_new:
        raise GovernanceError(f"{metric_id} is retired since {made.at:%Y-%m-%d}.", remedy="Look at its page.")
    record_change(
        object_kind="metric",
        object_id=metric_id,
        object_version=known[metric_id].version,
        kind="retired",
        at=now,
        author=by.name,
        summary=f"{metric_id} is retired" + (f"; use {replacement}." if replacement else "."),
        detail={"reason": reason.strip(), "replacement": replacement},
    )
    audit(
        actor=by.name,
        action="metric.retired",
        object_kind="metric",
        object_id=metric_id,
        after={"replacement": replacement, "reason": reason.strip()},
        now=now,
    )
    return made


def publish_approved() -> int:
    """Write the newest approved version of each metric where every process reads it; return how many.

    The database is the truth; the folder can be written again from it at any time.
    """
    folder = definitions_folder()
    folder.mkdir(parents=True, exist_ok=True)
    newest: dict[str, Proposal] = {}
    for proposal in Proposal.objects.filter(state="approved").order_by("version"):
        newest[proposal.metric_id] = proposal
    for metric_id, proposal in newest.items():
        _write(folder / f"{metric_id}.yaml", proposal.text)
    return len(newest)


def _write(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".new")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(path)


def _restate(old: Definition, new: Definition, *, by: Viewer, now: datetime) -> None:
    found = beside(old=old, new=new, viewer=_OUTSIDE, operation=settings.WATCHFLOOR_OPERATION, now=now)
    before, after = found.whole.cell_old, found.whole.cell_new
    Restatement.objects.create(
        metric_id=new.id,
        old_version=old.version,
        new_version=new.version,
        at=now,
        period_start=found.period.start,
        period_end=found.period.end,
        old_value=before.estimate.value if before else None,
        new_value=after.estimate.value if after else None,
        facts_version=found.facts_version,
        author=by.name,
    )


def _held(proposal_id: int, states: tuple[str, ...], *, revision: int | None = None) -> Proposal:
    proposal = Proposal.objects.select_for_update().filter(pk=proposal_id).first()
    if proposal is None or proposal.state not in states:
        stands = f"is {proposal.state}" if proposal else "does not exist"
        raise GovernanceError(
            f"Proposal {proposal_id} {stands}; this needs one that is {' or '.join(states)}.",
            remedy="Open it again to see where it stands.",
        )
    if revision is not None and proposal.revision != revision:
        raise GovernanceError(
            f"The proposal of {proposal.metric_id} changed since you opened it.",
            remedy="Read it again; nothing was decided.",
        )
    return proposal


def _note(
    proposal: Proposal, action: str, *, by: Viewer, now: datetime, after: Mapping[str, Any] | None = None
) -> None:
    audit(
        actor=by.name,
        action=f"metric_proposal.{action}",
        object_kind="metric",
        object_id=proposal.metric_id,
        after={"proposal": proposal.pk, "version": proposal.version, **(after or {})},
        now=now,
    )
