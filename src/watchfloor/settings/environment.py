"""Reads the environment once, strictly, into one frozen value.

Owns the names, meanings, limits and defaults of every setting. Django's own settings are made from it in
`settings.django`; how a written value becomes a Python value stands in `settings.parsers`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from watchfloor.kernel import WatchfloorError, nearest
from watchfloor.settings.parsers import (
    Parser,
    choice,
    flag,
    host_name,
    host_names,
    name,
    origins,
    path,
    postgresql_url,
    secret,
    text,
    web_address,
    whole_number,
)

_HIDDEN = {"DATABASE_URL", "WATCHFLOOR_STATEMENTS_TOKEN"}


class SettingsError(WatchfloorError):
    """The environment cannot be used as it is."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable of the environment: what it is called, what it means and what it may hold.

    Attributes:
        variable: Name in the environment.
        meaning: One sentence for the reference page.
        parse: Turns the written text into the value, or raises ValueError saying the limit.
        limit: What may be written, in words.
        default: What holds when the variable is absent, in words.
        remedy: What to write instead of a wrong value.

    """

    variable: str
    meaning: str
    parse: Parser
    limit: str
    default: str
    remedy: str


def _setting(
    variable: str,
    meaning: str,
    parser: tuple[Parser, str],
    default: Any,
    *,
    shown: str = "",
    remedy: str = "",
) -> Any:
    parse, limit = parser
    setting = Setting(
        variable=variable,
        meaning=meaning,
        parse=parse,
        limit=limit,
        default=shown or ("none" if default in (None, "", ()) else str(default)),
        remedy=remedy or f"Write {limit}, or remove the variable.",
    )
    return field(default=default, metadata={"setting": setting})


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Everything that an operator may set from outside, parsed and checked."""

    data: Path = _setting(  # noqa: RUF009 -- makes a field
        "WATCHFLOOR_DATA",
        "Directory that holds everything the operation writes: the embedded database, facts, the secret key.",
        path(),
        Path("var"),
        shown="`var` in the working directory",
    )
    operation: str = _setting(
        "WATCHFLOOR_OPERATION", "Name of the living operation, and of its folder of facts.", name(), "demo"
    )
    simulated: bool | None = _setting(
        "WATCHFLOOR_SIMULATED",
        "Whether the living operation is simulated, which every page then says.",
        flag(),
        None,
        shown="yes for the operation `demo`, no otherwise",
    )
    database_url: str | None = _setting(
        "DATABASE_URL",
        "A PostgreSQL (15 or newer) of your own. Without it an embedded server is started in the data.",
        postgresql_url(),
        None,
        remedy="Write postgresql://user:password@host:5432/name.",
    )
    database_pool: int = _setting(
        "WATCHFLOOR_DATABASE_POOL",
        "Connections that one process may hold open in a pool; 0 opens one connection a request.",
        whole_number(0, 200),
        0,
        shown="0; the web process is started with one for each of its threads",
    )
    host: str = _setting("WATCHFLOOR_HOST", "Address to listen on.", host_name(), "127.0.0.1")
    port: int = _setting(
        "WATCHFLOOR_PORT",
        "Port of the pages; live updates use the next one unless set.",
        whole_number(1, 65534),
        8000,
    )
    live_port: int | None = _setting(
        "WATCHFLOOR_LIVE_PORT",
        "Port of the live updates.",
        whole_number(1, 65535),
        None,
        shown="the port of the pages plus one",
    )
    live_url: str | None = _setting(
        "WATCHFLOOR_LIVE_URL",
        "Address at which browsers reach the live updates, when a proxy stands before them.",
        web_address(),
        None,
        shown="the page's host with the live port",
    )
    origin: str | None = _setting(
        "WATCHFLOOR_ORIGIN",
        "Public address of the pages. When it is https, cookies are sent over https only.",
        web_address(),
        None,
    )
    allowed_hosts: tuple[str, ...] = _setting(
        "WATCHFLOOR_ALLOWED_HOSTS",
        "Further host names that requests may name, separated by commas.",
        host_names(),
        (),
        shown="127.0.0.1, localhost, [::1], the listening address and the public address",
    )
    media_origins: tuple[str, ...] = _setting(
        "WATCHFLOOR_MEDIA_ORIGINS",
        "Origins from which the console may load a case's pictures, clips and sounds.",
        origins(),
        (),
    )
    secret_key: str | None = _setting(
        "WATCHFLOOR_SECRET_KEY",
        "Key that signs sessions and links.",
        secret(32),
        None,
        shown="made at the first start and kept in `secret_key` in the data directory",
        remedy="Write at least 32 random characters, or remove the variable.",
    )
    debug: bool = _setting(
        "WATCHFLOOR_DEBUG",
        "Shows tracebacks in the browser. For development only.",
        flag(),
        False,
        shown="no",
    )
    log_level: str = _setting(
        "WATCHFLOOR_LOG_LEVEL",
        "Least severe message that is logged.",
        choice("debug", "info", "warning", "error"),
        "info",
    )
    language: str = _setting(
        "WATCHFLOOR_LANGUAGE",
        "Language of the pages for a visitor whose browser asks for neither.",
        choice("en", "zh-hans"),
        "en",
    )
    web_workers: int = _setting("WATCHFLOOR_WEB_WORKERS", "Web processes.", whole_number(1, 64), 1)
    web_threads: int = _setting(
        "WATCHFLOOR_WEB_THREADS", "Requests that one web process serves at once.", whole_number(1, 64), 8
    )
    api_requests_per_minute: int = _setting(
        "WATCHFLOOR_API_REQUESTS_PER_MINUTE",
        "Requests a minute that one caller of the API may make; 0 limits nobody.",
        whole_number(0, 10_000_000),
        12_000,
    )
    demo_days: int = _setting(
        "WATCHFLOOR_DEMO_DAYS", "Days of history that a new demo operation gets.", whole_number(1, 365), 60
    )
    demo_seed: int = _setting(
        "WATCHFLOOR_DEMO_SEED",
        "Seed of the demo operation's random draws.",
        whole_number(0, 2**31 - 1),
        20_260_101,
    )
    oidc_issuer: str | None = _setting(
        "WATCHFLOOR_OIDC_ISSUER",
        "Address of an OpenID Connect provider people sign in with.",
        web_address(),
        None,
    )
    oidc_client_id: str | None = _setting(
        "WATCHFLOOR_OIDC_CLIENT_ID", "Client id at that provider; needed with the issuer.", text(200), None
    )
    oidc_client_secret: str | None = _setting(
        "WATCHFLOOR_OIDC_CLIENT_SECRET",
        "Client secret at that provider; needed with the issuer.",
        text(500),
        None,
    )
    oidc_name: str = _setting(
        "WATCHFLOOR_OIDC_NAME", "What the sign-in page calls that provider.", text(60), "Single sign-on"
    )
    saml_metadata_url: str | None = _setting(
        "WATCHFLOOR_SAML_METADATA_URL",
        "Address of a SAML identity provider's metadata. Needs the package extra `saml`.",
        web_address(),
        None,
    )
    saml_entity_id: str | None = _setting(
        "WATCHFLOOR_SAML_ENTITY_ID", "That provider's entity id; needed with the metadata.", text(300), None
    )
    private_callbacks: tuple[str, ...] = _setting(
        "WATCHFLOOR_ALLOW_PRIVATE_CALLBACKS",
        "Hosts that callbacks may reach in the clear and on private addresses, separated by commas.",
        host_names(),
        (),
    )
    statements_url: str | None = _setting(
        "WATCHFLOOR_STATEMENTS_URL",
        "Address of the DSA transparency database's API, up to `/v1`; without it statements go nowhere.",
        web_address(),
        None,
    )
    statements_token: str | None = _setting(
        "WATCHFLOOR_STATEMENTS_TOKEN",
        "Token of the platform there, a secret; needed with the address.",
        text(500),
        None,
    )
    logs: Path | None = _setting(  # noqa: RUF009 -- makes a field
        "WATCHFLOOR_LOGS",
        "Folder of real logs that tests and benchmarks read; without it those tests are skipped.",
        path(),
        None,
    )

    @property
    def facts_root(self) -> Path:
        """Where the facts of every operation stand."""
        return self.data / "facts"

    @property
    def is_simulated(self) -> bool:
        """Whether pages say that the operation is simulated."""
        return self.operation == "demo" if self.simulated is None else self.simulated

    @property
    def live_port_in_use(self) -> int:
        """The port of the live updates: as set, or the one after the pages'."""
        return self.port + 1 if self.live_port is None else self.live_port


def settings() -> tuple[Setting, ...]:
    """Return every setting, in the order of the reference page."""
    return tuple(f.metadata["setting"] for f in fields(Environment))


def read_environment(
    environ: Mapping[str, str] | None = None, *, directory: Path | None = None
) -> Environment:
    """Return the environment, parsed and checked.

    Args:
        environ: Variables and their texts; the process's own when None.
        directory: What relative paths are relative to; the working directory when None.

    Raises:
        SettingsError: a variable is unknown, a value is outside its limit, or two settings contradict.

    """
    environ = os.environ if environ is None else environ
    directory = Path.cwd() if directory is None else directory
    refuse_unknown(environ)
    values: dict[str, Any] = {}
    for f in fields(Environment):
        setting: Setting = f.metadata["setting"]
        written = environ.get(setting.variable, "").strip()
        if not written:
            continue
        try:
            values[f.name] = setting.parse(written)
        except ValueError as error:
            hidden = "SECRET" in setting.variable or setting.variable in _HIDDEN
            shown = "set to a value" if hidden else repr(written)
            raise SettingsError(
                f"{setting.variable} is {shown}, which {error}.", remedy=setting.remedy
            ) from None
    environment = Environment(**values)
    environment = replace(
        environment,
        data=directory / environment.data,
        logs=directory / environment.logs if environment.logs else None,
    )
    refuse_contradictions(environment)
    return environment


def refuse_unknown(environ: Mapping[str, str]) -> None:
    """Refuse a WATCHFLOOR_* variable that no setting has: it is misspelt, and would be ignored in silence.

    Raises:
        SettingsError: naming the variable and the nearest known one.

    """
    known = [setting.variable for setting in settings()]
    for variable in sorted(environ):
        if variable.startswith("WATCHFLOOR_") and variable not in known:
            close = nearest(variable, known)
            remedy = f"Did you mean {close}?" if close else "docs/reference/settings.md lists every setting."
            raise SettingsError(f"{variable} is not a setting of Watchfloor.", remedy=remedy)


def refuse_contradictions(environment: Environment) -> None:
    """Refuse settings that cannot hold together.

    Raises:
        SettingsError: naming both settings.

    """
    if environment.live_port_in_use == environment.port:
        raise SettingsError(
            f"WATCHFLOOR_LIVE_PORT and WATCHFLOOR_PORT are both {environment.port}.",
            remedy="Give the live updates a port of their own.",
        )
    together = (
        {
            "WATCHFLOOR_OIDC_ISSUER": environment.oidc_issuer,
            "WATCHFLOOR_OIDC_CLIENT_ID": environment.oidc_client_id,
            "WATCHFLOOR_OIDC_CLIENT_SECRET": environment.oidc_client_secret,
        },
        {
            "WATCHFLOOR_STATEMENTS_URL": environment.statements_url,
            "WATCHFLOOR_STATEMENTS_TOKEN": environment.statements_token,
        },
        {
            "WATCHFLOOR_SAML_METADATA_URL": environment.saml_metadata_url,
            "WATCHFLOOR_SAML_ENTITY_ID": environment.saml_entity_id,
        },
    )
    for group in together:
        missing = [variable for variable, value in group.items() if not value]
        if missing and len(missing) < len(group):
            raise SettingsError(
                f"{', '.join(missing)} is missing beside {', '.join(v for v in group if v not in missing)}.",
                remedy="Set all of them, or none.",
            )
