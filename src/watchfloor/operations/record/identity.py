"""The one place where the operation draws identifiers: time-ordered, so that indexes grow at their end."""

import secrets
from datetime import datetime
from uuid import UUID

from watchfloor.kernel import new_id


def fresh_id(*, now: datetime) -> UUID:
    """Return a new time-ordered identifier."""
    return new_id(now=now, random_bytes=secrets.token_bytes(10))
