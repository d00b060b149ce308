"""`watchfloor sign-in`: a link that signs somebody in once."""

import secrets
from datetime import UTC, datetime

import click

from watchfloor.cli.operation import operation_at_hand
from watchfloor.settings.environment import Environment

# Written while the pages are served: `--port` of that command is not known to this one.
ADDRESS_FILE = "address"


@click.command()
@click.argument("email", required=False)
def sign_in(email: str | None) -> None:
    """Print a link that signs EMAIL in once, within a day.

    Without EMAIL it is for the first administrator, who is made when there is none.
    """
    with operation_at_hand() as environment:
        click.echo(new_link(environment, email=email))


def new_link(environment: Environment, *, email: str | None = None) -> str:
    """Return the address of a new one-time link. Django is set up and the database answers.

    Raises:
        UnknownUserError: nobody has that address.

    """
    from watchfloor.operations.people.sign_in import administrator, make_link, user_of

    token = secrets.token_urlsafe(24)
    user = user_of(email=email) if email else administrator()
    make_link(user=user, token=token, now=datetime.now(UTC))
    return f"{served_address(environment)}/sign-in/{token}"


def served_address(environment: Environment) -> str:
    """Return where the running operation said that its pages are; where they would be when none runs."""
    try:
        return (environment.data / ADDRESS_FILE).read_text(encoding="utf-8").strip()
    except OSError:
        return page_address(environment)


def page_address(environment: Environment) -> str:
    """Return the address of the pages, without a slash at its end.

    >>> page_address(Environment(port=8010))
    'http://127.0.0.1:8010'
    """
    if environment.origin:
        return environment.origin
    host = "127.0.0.1" if environment.host in {"0.0.0.0", "::"} else environment.host  # noqa: S104 -- compared, not bound
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"http://{host}:{environment.port}"
