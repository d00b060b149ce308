"""Endpoints are set up, given new secrets, and sent again what they missed."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.enforcement.callback_status import tell_status
from watchfloor.operations.enforcement.models import LONGEST_ADDRESS, Delivery, Endpoint
from watchfloor.operations.enforcement.outward import checked_address
from watchfloor.operations.enforcement.reaching import case_reach
from watchfloor.operations.people.models import DataBoundary
from watchfloor.operations.record.services import Place, audit
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError, Viewer

PERMISSION = "callbacks.change"
REPLAYABLE = ("dead", "failed")
MOST_REPLAYED = 10_000
_SLUG = re.compile(r"[a-zA-Z0-9_-]{1,50}\Z")


class EndpointError(WatchfloorError):
    """An endpoint cannot be set up as asked."""


@transaction.atomic
def put_endpoint(
    *, slug: str, url: str, by: Viewer, now: datetime, active: bool = True, boundary: str = ""
) -> Endpoint:
    """Return the endpoint of that name, made or changed. The address is checked again before each message.

    Raises:
        NotPermittedError: the viewer may not set up endpoints for the whole operation, or in that boundary.
        AddressRefusedError: the address is not one that may be called.
        EndpointError: name or boundary do not fit.

    """
    by.require(PERMISSION)
    if not _SLUG.match(slug):
        raise EndpointError(f"{slug!r} is no name of an endpoint.", remedy="Use letters, digits, - and _.")
    if len(url) > LONGEST_ADDRESS:
        raise EndpointError(
            f"The address has {len(url)} characters, more than {LONGEST_ADDRESS}.", remedy="Shorten it."
        )
    if url:
        checked_address(url, private_hosts=settings.WATCHFLOOR_ALLOW_PRIVATE_CALLBACKS)
    inside = DataBoundary.objects.filter(slug=boundary).first() if boundary else None
    if boundary and inside is None:
        raise EndpointError(f"There is no data boundary {boundary!r}.", remedy="Leave it out, or name one.")
    endpoint, created = Endpoint.objects.get_or_create(slug=slug, defaults={"created_at": now})
    endpoint = _locked(slug) or endpoint
    for place in (boundary, endpoint.boundary.slug if endpoint.boundary else ""):
        _refuse_beyond(by, place)
    before = None if created else _plain(endpoint)
    endpoint.url, endpoint.active, endpoint.boundary = url, active, inside
    endpoint.save(update_fields=["url", "active", "boundary"])
    _audit("create endpoint" if created else "change endpoint", endpoint, by, now, before)
    return endpoint


def _locked(slug: str) -> Endpoint | None:
    rows = Endpoint.objects.select_for_update(of=("self",)).select_related("boundary")
    return rows.filter(slug=slug).first()


@transaction.atomic
def rotate_secret(*, slug: str, by: Viewer, now: datetime) -> Endpoint:
    """Return the endpoint with a new secret; for a day messages are signed with the old one too.

    Raises:
        NotFoundError: there is no endpoint of that name within reach.

    """
    by.require(PERMISSION)
    endpoint = _locked(slug)
    if endpoint is None:
        raise NotFoundError(f"There is no endpoint {slug!r}.", remedy="Check the name and your access.")
    _refuse_beyond(by, endpoint.boundary.slug if endpoint.boundary else "")
    endpoint.secret_version += 1
    endpoint.rotated_at = now
    endpoint.save(update_fields=["secret_version", "rotated_at"])
    _audit("rotate endpoint secret", endpoint, by, now, None)
    return endpoint


@transaction.atomic
def replay(
    *, by: Viewer, now: datetime, delivery_ids: Sequence[int] | None = None, endpoint: str = ""
) -> int:
    """Return how many deliveries go out again at once: dead ones and failed ones, by id or of an endpoint.

    Their earlier attempts stay on record: a replay begins a new round of them.
    A delivery that was refused at a data boundary goes out again only if its endpoint lies inside by now.

    Raises:
        EndpointError: neither ids nor an endpoint are given.

    """
    if not delivery_ids and not endpoint:
        raise EndpointError("Nothing is named to send again.", remedy="Give deliveries, or an endpoint.")
    within = case_reach(viewer=by, permission=PERMISSION, prefix="decision__case__")
    rows = Delivery.objects.filter(within, state__in=REPLAYABLE)
    rows = rows.filter(pk__in=delivery_ids) if delivery_ids else rows.filter(endpoint__slug=endpoint)
    standing = rows.select_for_update(of=("self",)).select_related("endpoint__boundary", "decision__case")
    again = [
        each
        for each in standing.order_by("pk")[:MOST_REPLAYED]
        if not each.decision.case.data_boundary
        or (
            each.endpoint.boundary is not None
            and each.endpoint.boundary.slug == each.decision.case.data_boundary
        )
    ]
    for each in again:
        each.state, each.attempt, each.next_at, each.round = "pending", 0, now, each.round + 1
    Delivery.objects.bulk_update(again, ["state", "attempt", "next_at", "round"], batch_size=500)
    tell_status(facts={each.decision_id: each.fact for each in again}, now=now)
    if again:
        audit(
            actor=by.name,
            action="replay callbacks",
            object_kind="endpoint",
            object_id=endpoint or again[0].endpoint.slug,
            after={"deliveries": len(again), "first": again[0].pk},
            now=now,
        )
    return len(again)


def may_change(viewer: Viewer, endpoint: Endpoint) -> bool:
    """Return whether the viewer may change the endpoint and see its secret."""
    boundary = endpoint.boundary.slug if endpoint.boundary else ""
    return viewer.can(PERMISSION) and viewer.reaches(PERMISSION, {"data_boundary": boundary})


def _refuse_beyond(by: Viewer, boundary: str) -> None:
    if not by.reaches(PERMISSION, {"data_boundary": boundary}):
        where = f"in {boundary}" if boundary else "of the whole operation"
        raise NotPermittedError(
            f"{by.name} may not set up endpoints {where}.",
            remedy="Ask an administrator for a grant that is not limited to a group, site or market.",
        )


def _plain(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "url": endpoint.url,
        "active": endpoint.active,
        "boundary": endpoint.boundary.slug if endpoint.boundary else "",
        "secret_version": endpoint.secret_version,
    }


def _audit(action: str, endpoint: Endpoint, by: Viewer, now: datetime, before: dict[str, Any] | None) -> None:
    audit(
        actor=by.name,
        action=action,
        object_kind="endpoint",
        object_id=endpoint.slug,
        before=before,
        after=_plain(endpoint),
        now=now,
        place=Place(data_boundary=endpoint.boundary.slug if endpoint.boundary else ""),
    )
