"""Keeps what nobody may read back: addresses of webhooks and their secrets, encrypted with the server's key.

The key is derived from the secret key of the settings, so a copied database alone gives nothing away. With
another secret key what was sealed cannot be opened: the channel says so, and asks for its address anew.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from watchfloor.operations.alerts.errors import ChannelError

_PURPOSE = b"watchfloor alerts channel 1"


def sealed(plain: str) -> str:
    """Return the text so that only this server can open it; nothing stays nothing."""
    return _box().encrypt(plain.encode()).decode() if plain else ""


def opened(kept: str) -> str:
    """Return what was sealed.

    Raises:
        ChannelError: it was sealed with another key.

    """
    if not kept:
        return ""
    try:
        return _box().decrypt(kept.encode()).decode()
    except InvalidToken as error:
        raise ChannelError(
            "The channel's address was kept with another secret key.",
            remedy="Give its address again, and test it.",
        ) from error


def _box() -> Fernet:
    key = hashlib.sha256(_PURPOSE + str(settings.SECRET_KEY).encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
