"""A one-time link signs its user in once, within a day."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from watchfloor.operations.people.models import SignInLink, User
from watchfloor.operations.people.sign_in import (
    LINK_LIFE,
    LinkRefusedError,
    UnknownUserError,
    administrator,
    make_link,
    use_link,
    user_of,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_a_link_is_used_once_and_kept_only_as_a_hash() -> None:
    user = administrator()
    make_link(user=user, token="a-token", now=NOW)
    assert "a-token" not in str(SignInLink.objects.values())
    assert use_link(token="a-token", now=NOW) == user
    with pytest.raises(LinkRefusedError, match="used already"):
        use_link(token="a-token", now=NOW)


def test_a_link_ends_after_a_day() -> None:
    make_link(user=administrator(), token="a-token", now=NOW)
    with pytest.raises(LinkRefusedError, match="too old"):
        use_link(token="a-token", now=NOW + LINK_LIFE)


def test_a_link_of_somebody_switched_off_is_refused() -> None:
    user = administrator()
    make_link(user=user, token="a-token", now=NOW)
    User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(LinkRefusedError):
        use_link(token="a-token", now=NOW)


def test_an_unknown_link_is_refused_by_a_page_that_says_what_to_do(client: Client) -> None:
    answer = client.get("/sign-in/never-made")
    assert answer.status_code == 410
    assert b"watchfloor sign-in" in answer.content


def test_the_page_signs_in_and_shows_the_floor(client: Client) -> None:
    user = administrator()
    make_link(user=user, token="a-token", now=datetime.now(UTC))
    answer = client.get("/sign-in/a-token")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(user.pk)


def test_old_links_are_forgotten_when_a_new_one_is_made() -> None:
    user = administrator()
    make_link(user=user, token="old", now=NOW - timedelta(days=2))
    make_link(user=user, token="new", now=NOW)
    assert SignInLink.objects.count() == 1


def test_the_first_administrator_is_made_once() -> None:
    assert administrator() == administrator()
    assert administrator().is_superuser


def test_somebody_without_an_account_gets_no_link() -> None:
    with pytest.raises(UnknownUserError, match="ann@"):
        user_of(email="ann@example.org")


def test_health_is_told_without_signing_in(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
