"""Who may do what: roles given and taken back, and the tokens of API clients."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.models import ApiClient, DataBoundary, Grant, Site, User
from watchfloor.operations.record.services import audit
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, ROLES, Viewer


class AccessError(WatchfloorError):
    """A role or token cannot be given as asked."""


class TokenRefusedError(WatchfloorError):
    """The API token is unknown, expired or switched off."""

    status = 401


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a role holds; blank means everywhere, save that a data boundary must be named (`*` for all)."""

    queue_group: str = ""
    site: Site | None = None
    market: str = ""
    data_boundary: str = ""


EVERYWHERE = Reach()


@transaction.atomic
def grant_role(*, user: User, role: str, by: Viewer, now: datetime, reach: Reach = EVERYWHERE) -> Grant:
    """Return the user's grant of a role within a reach; granting again changes nothing.

    Raises:
        AccessError: the role or the data boundary is unknown.

    """
    by.require("access.change")
    _check([role], reach)
    grant, created = Grant.objects.get_or_create(
        user=user,
        role=role,
        queue_group=reach.queue_group,
        site=reach.site,
        market=reach.market,
        data_boundary=reach.data_boundary,
        defaults={"granted_at": now},
    )
    if created:
        audit(
            actor=by.name,
            action="grant",
            object_kind="user",
            object_id=user.email,
            after=_plain([role], reach),
            now=now,
        )
    return grant


@transaction.atomic
def revoke(*, grant: Grant, by: Viewer, now: datetime) -> None:
    """Take a grant back."""
    by.require("access.change")
    reach = Reach(grant.queue_group, grant.site, grant.market, grant.data_boundary)
    audit(
        actor=by.name,
        action="revoke",
        object_kind="user",
        object_id=grant.user.email,
        before=_plain([grant.role], reach),
        now=now,
    )
    grant.delete()


@transaction.atomic
def issue_token(
    *,
    slug: str,
    name: str,
    roles: list[str],
    by: Viewer,
    now: datetime,
    reach: Reach = EVERYWHERE,
    expires_at: datetime | None = None,
) -> tuple[ApiClient, str]:
    """Return a client and its token, shown this once; a client of that slug gets a new token.

    Raises:
        AccessError: a role or the data boundary is unknown.

    """
    by.require("access.change")
    _check(roles, reach)
    token = f"wf_{secrets.token_urlsafe(32)}"
    client, _ = ApiClient.objects.update_or_create(
        slug=slug,
        defaults={
            "name": name,
            "roles": roles,
            "queue_group": reach.queue_group,
            "site": reach.site,
            "market": reach.market,
            "data_boundary": reach.data_boundary,
            "token_digest": token_digest(token),
            "token_start": token[:8],
            "active": True,
            "created_at": now,
            "expires_at": expires_at,
        },
    )
    audit(
        actor=by.name,
        action="issue token",
        object_kind="api_client",
        object_id=slug,
        after=_plain(roles, reach),
        now=now,
    )
    return client, token


def client_of(*, token: str, now: datetime) -> ApiClient:
    """Return the client that holds the token.

    Raises:
        TokenRefusedError: there is none, or it expired or was switched off.

    """
    client = (
        ApiClient.objects.select_related("site").filter(token_digest=token_digest(token), active=True).first()
    )
    if client is None or (client.expires_at is not None and client.expires_at <= now):
        raise TokenRefusedError(
            "The API token is unknown, expired or switched off.",
            remedy="Ask an administrator to issue a new one.",
        )
    return client


def token_digest(token: str) -> str:
    """Return what is kept of a token. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _check(roles: list[str], reach: Reach) -> None:
    if unknown := [role for role in roles if role not in ROLES]:
        raise AccessError(f"There is no role {unknown[0]!r}.", remedy=f"Use one of {', '.join(ROLES)}.")
    boundary = reach.data_boundary
    if boundary not in {"", ALL_BOUNDARIES} and not DataBoundary.objects.filter(slug=boundary).exists():
        raise AccessError(f"There is no data boundary {boundary!r}.", remedy="Use its slug, or * for all.")


def _plain(roles: list[str], reach: Reach) -> dict[str, object]:
    return {
        "roles": roles,
        "queue_group": reach.queue_group,
        "site": reach.site.slug if reach.site else "",
        "market": reach.market,
        "data_boundary": reach.data_boundary,
    }
