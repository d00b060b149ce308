"""One-time links: made for a user, kept as a hash, used once, gone after a day."""

import hashlib
from datetime import datetime, timedelta

from django.db import transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.models import SignInLink, User

LINK_LIFE = timedelta(hours=24)
FIRST_ADMINISTRATOR = "administrator@localhost"


class LinkRefusedError(WatchfloorError):
    """A sign-in link is unknown, used or too old."""


class UnknownUserError(WatchfloorError):
    """Nobody has an account with that address."""


def digest_of(token: str) -> str:
    """Return what is kept of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_link(*, user: User, token: str, now: datetime) -> SignInLink:
    """Return a new link of that user; `token` comes from the caller's source of randomness."""
    SignInLink.objects.filter(expires_at__lte=now).delete()
    return SignInLink.objects.create(
        digest=digest_of(token), user=user, created_at=now, expires_at=now + LINK_LIFE
    )


@transaction.atomic
def use_link(*, token: str, now: datetime) -> User:
    """Return the link's user and use the link up; of two uses at once one wins.

    Raises:
        LinkRefusedError: the link is unknown, used or too old, or its user was switched off.

    """
    link = (
        SignInLink.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(digest=digest_of(token))
        .first()
    )
    remedy = "Ask for a new one with `watchfloor sign-in`."
    if link is None or link.expires_at <= now or not link.user.is_active:
        raise LinkRefusedError("This sign-in link does not exist or is too old.", remedy=remedy)
    if link.used_at is not None:
        raise LinkRefusedError("This sign-in link was used already; each works once.", remedy=remedy)
    link.used_at = now
    link.save(update_fields=["used_at"])
    return link.user


@transaction.atomic
def administrator() -> User:
    """Return the first administrator by age of the account, made now when there is none."""
    found = User.objects.filter(is_superuser=True, is_active=True).order_by("id").first()
    return found or User.objects.create_superuser(FIRST_ADMINISTRATOR, name="Administrator")


def user_of(*, email: str) -> User:
    """Return the active user with that address.

    Raises:
        UnknownUserError: there is none.

    """
    found = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if found is None:
        raise UnknownUserError(
            f"Nobody active has the address {email!r}.", remedy="Add the account in the administration first."
        )
    return found
