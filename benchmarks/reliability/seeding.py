"""What a history begins with: queues, people, a client's token, and the sessions of people on pages."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

LEASE_SECONDS = 10


def seed(people: list[str], url: str) -> str:
    """Make the queues, the people and a client; return the client's token."""
    from watchfloor.operations.enforcement.endpoints import put_endpoint
    from watchfloor.operations.people.access import issue_token
    from watchfloor.operations.people.models import Reviewer, Site, Team
    from watchfloor.operations.policies.services import NewLabel, create_policy, draft_version, publish
    from watchfloor.operations.queues.models import Queue, Template, TemplateVersion
    from watchfloor.operations.queues.services import NewQueue, Settings, create_queue
    from watchfloor.operations.record.viewers import Viewer

    by, now = Viewer.system("soak"), datetime.now(UTC)
    site = Site.objects.create(slug="dublin", name="Dublin", employer_kind="in_house", country="IE")
    team = Team.objects.create(slug="a", name="A", site=site)
    policy = create_policy(slug="spam", name="Spam", by=by, now=now)
    labels = [
        NewLabel("scam", "Scam", "Deceives for gain.", "high", "remove", "SCAMS_AND_FRAUD", "PHISHING"),
        NewLabel("nudity", "Nudity", "Shows it.", "low", "age_restrict", "OTHER_VIOLATION_TC", "NUDITY"),
        NewLabel("fine", "Fine", "Nothing wrong.", "", "none", violative=False),
    ]
    version = publish(version=draft_version(policy=policy, labels=labels, by=by, now=now), by=by, now=now)
    template = Template.objects.create(slug="plain", name="Plain")
    form = TemplateVersion.objects.create(template=template, version=1, created_at=now)
    put_endpoint(slug="product", url=url, by=by, now=now)

    def queue(slug: str, mode: str, purpose: str = "production", **settings: Any) -> Queue:
        title = slug.capitalize()
        new = NewQueue(slug=slug, title=title, group="text", surface="comment", mode=mode, purpose=purpose)
        values = {"policy_version": version, "template_version": form, "lease_seconds": LEASE_SECONDS}
        values |= {"callback_endpoint": "product"} | settings
        made = create_queue(new=new, by=by, now=now, settings=Settings(**values))
        Queue.objects.filter(pk=made.pk).update(state="live")
        return made

    experts = queue("experts", "label")
    queue("appeals", "label", purpose="appeal")
    queue("single", "label", escalation_queue=experts)
    queue("double", "double_review", escalation_queue=experts)
    queue("consensus", "consensus", consensus_required=2, consensus_of=3)
    Reviewer.objects.bulk_create(
        Reviewer(code=code, team=team, hired_on=date(2025, 1, 6), languages=["en"], skills=[])
        for code in people
    )
    return issue_token(slug="soak", name="Soak", roles=["engineer"], by=by, now=now)[1]


def cookies() -> tuple[str, str]:
    """Return the names of the cookies of a session and of its guard against forgery."""
    from django.conf import settings

    return settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME


def sessions_of(codes: Sequence[str]) -> dict[str, str]:
    """Return the key of a session for each reviewer, who is given an account."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from watchfloor.operations.people.access import grant_role
    from watchfloor.operations.people.models import Reviewer, User
    from watchfloor.operations.record.viewers import Viewer

    store = import_module(settings.SESSION_ENGINE).SessionStore
    by, now, found = Viewer.system("soak"), datetime.now(UTC), {}
    for code in codes:
        user = User.objects.create_user(f"{code}@example.org")
        grant_role(user=user, role="reviewer", by=by, now=now)
        Reviewer.objects.filter(code=code).update(user=user)
        session = store()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        found[code] = str(session.session_key)
    return found
