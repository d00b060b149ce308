"""Django's DATABASES from the environment. Starts nothing: the embedded socket is known by convention."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from watchfloor.settings.embedded.places import places_of
from watchfloor.settings.environment import Environment

EMBEDDED_USER = "watchfloor"
EMBEDDED_NAME = "watchfloor"
# A transaction that sits idle pins the oldest snapshot and slows every claim, so the server ends it.
IDLE_IN_TRANSACTION_SECONDS = 60


def databases(environment: Environment) -> dict[str, dict[str, Any]]:
    """Return Django's DATABASES: the given PostgreSQL, or the embedded one of the data directory."""
    address = url_parts(environment.database_url) if environment.database_url else embedded_parts(environment)
    options: dict[str, Any] = dict(address.pop("OPTIONS", {}))
    # Only the hot statements are prepared; planning one anew costs several times its execution.
    options.setdefault("options", "-c plan_cache_mode=force_generic_plan")
    if environment.database_pool:
        options["pool"] = {"min_size": 1, "max_size": environment.database_pool, "timeout": 10}
    else:
        options.setdefault("connect_timeout", 10)
    return {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": True,
            "ATOMIC_REQUESTS": False,
            "DISABLE_SERVER_SIDE_CURSORS": False,
            "OPTIONS": options,
            "TEST": {"TEMPLATE": "template0"},
            **address,
        }
    }


def embedded_parts(environment: Environment) -> dict[str, Any]:
    """Return how the embedded server of that data directory is reached."""
    return {
        "HOST": str(places_of(environment.data).sockets),
        "PORT": "5432",
        "NAME": EMBEDDED_NAME,
        "USER": EMBEDDED_USER,
        "PASSWORD": "",
    }


def url_parts(url: str) -> dict[str, Any]:
    """Return Django's parts of a connection address.

    >>> parts = url_parts("postgresql://ann:s%40fe@db.example:6432/floor?sslmode=require")
    >>> parts["HOST"], parts["PORT"], parts["NAME"], parts["PASSWORD"], parts["OPTIONS"]
    ('db.example', '6432', 'floor', 's@fe', {'sslmode': 'require'})
    >>> url_parts("postgresql:///floor?host=/run/postgresql")["HOST"]
    '/run/postgresql'
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(parts.port or "")),
        "NAME": unquote(parts.path[1:]),
        "USER": options.pop("user", unquote(parts.username or "")),
        "PASSWORD": unquote(parts.password or ""),
        "OPTIONS": options,
    }
