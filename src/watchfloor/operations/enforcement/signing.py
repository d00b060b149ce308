"""Signs what goes to an endpoint, so that it can tell our message from anybody else's. Pure, save the key.

The secret of an endpoint is derived from the operation's key (`WATCHFLOOR_SECRET_KEY`), the endpoint and a
version: it stands in no table and in no backup of the database. A rotation raises the version; for a day both
are signed.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings

from watchfloor.operations.enforcement.models import Endpoint

BOTH_SIGNED_FOR = timedelta(hours=24)
HEADER = "Watchfloor-Signature"


def secret_of(endpoint: Endpoint, *, version: int | None = None) -> str:
    """Return the endpoint's secret, the one in force unless another version is asked for."""
    number = endpoint.secret_version if version is None else version
    said = f"watchfloor callback endpoint {endpoint.pk} secret {number}".encode()
    return "whsec_" + hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).hexdigest()


def secrets_at(endpoint: Endpoint, *, now: datetime) -> tuple[str, ...]:
    """Return the secrets to sign with: the one in force, and for a day after a rotation the one before."""
    rotated = endpoint.rotated_at
    if rotated is not None and endpoint.secret_version > 1 and now < rotated + BOTH_SIGNED_FOR:
        return secret_of(endpoint), secret_of(endpoint, version=endpoint.secret_version - 1)
    return (secret_of(endpoint),)


def signature(*, secrets: tuple[str, ...], body: bytes, at: datetime) -> str:
    """Return the value of the signature's header: the instant, and one signature a secret.

    What is signed is the instant in seconds, a dot, and the body as it is sent.
    """
    seconds = str(int(at.timestamp()))
    signed = [
        "v1=" + hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
        for secret in secrets
    ]
    return ",".join([f"t={seconds}", *signed])
