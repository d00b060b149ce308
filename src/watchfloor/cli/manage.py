"""`watchfloor manage`: Django's management commands over the operation's database."""

import click

from watchfloor.cli.operation import operation_at_hand


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Run one of Django's management commands, such as `createsuperuser` or `migrate`.

    The embedded database runs while the command does. `watchfloor manage help` lists the commands.
    """
    with operation_at_hand(make=True):
        from django.core.management import execute_from_command_line

        execute_from_command_line(["watchfloor manage", *arguments])
