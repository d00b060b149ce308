"""The viewer of a signed-in user or of an API client: grants read from the database."""

from dataclasses import replace

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from watchfloor.operations.people.models import ApiClient, Reviewer, User
from watchfloor.operations.record.viewers import (
    ALL_BOUNDARIES,
    PERMISSIONS,
    ROLES,
    GrantScope,
    NotPermittedError,
    Viewer,
)

__all__ = [
    "ALL_BOUNDARIES",
    "PERMISSIONS",
    "ROLES",
    "GrantScope",
    "NotPermittedError",
    "Viewer",
    "viewer_for",
    "viewer_for_client",
]


def viewer_for(user: AbstractBaseUser | AnonymousUser) -> Viewer:
    """Return who the user is as a viewer; somebody signed out, or switched off, has no grants.

    A superuser is an administrator everywhere. A reviewer who works inside a data boundary sees it as one,
    without a grant that names it.
    """
    if not isinstance(user, User) or not user.is_active:
        return Viewer(name="nobody")
    grants = tuple(
        GrantScope(
            grant.role,
            grant.queue_group,
            grant.site.slug if grant.site else "",
            grant.market,
            grant.data_boundary,
        )
        for grant in user.grants.select_related("site").order_by("id")
    )
    if any(grant.role == "reviewer" and not grant.data_boundary for grant in grants):
        own = _own_boundary(user)
        grants = tuple(
            replace(grant, data_boundary=own)
            if grant.role == "reviewer" and not grant.data_boundary
            else grant
            for grant in grants
        )
    if user.is_superuser:
        grants = (GrantScope("administrator", data_boundary=ALL_BOUNDARIES), *grants)
    return Viewer(name=user.email, grants=grants, user_id=user.pk)


def _own_boundary(user: User) -> str:
    held = Reviewer.objects.filter(user=user, data_boundary__isnull=False)
    return held.values_list("data_boundary__slug", flat=True).first() or ""


def viewer_for_client(client: ApiClient) -> Viewer:
    """Return an API client as a viewer."""
    site = client.site.slug if client.site else ""
    grants = tuple(
        GrantScope(role, client.queue_group, site, client.market, client.data_boundary)
        for role in client.roles
    )
    return Viewer(name=f"client:{client.slug}", grants=grants)
