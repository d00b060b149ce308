"""The command `watchfloor`. Each command stands in a module of its own, imported when it is called.

An expected failure is one message on standard error and exit code 2; `--debug` adds the traceback.
"""

import importlib
import sys
from typing import Any

import click

from watchfloor import __version__
from watchfloor.kernel import WatchfloorError, nearest

# Name → where the command stands, and its line in the help. The line is written here so that the help
# needs no import of the database's and the columnar store's libraries.
COMMANDS = {
    "demo": ("watchfloor.cli.demo:demo", "Run the simulated demo operation and its pages."),
    "serve": ("watchfloor.cli.serve:serve", "Run your own operation and its pages."),
    "import": ("watchfloor.cli.imports:import_command", "Load a log into facts by a mapping."),
    "metric": ("watchfloor.cli.metric:metric_command", "Print a metric with its interval."),
    "metrics": ("watchfloor.cli.metric:metrics_command", "List the metrics and their definitions."),
    "export": ("watchfloor.cli.export:export", "Export new events of the operation to facts, once."),
    "statements": ("watchfloor.cli.statements:statements", "Build, write and send statements of reasons."),
    "callbacks": ("watchfloor.cli.callbacks:callbacks", "Look at dead letters, and send them again."),
    "sign-in": ("watchfloor.cli.sign_in:sign_in", "Print a link that signs somebody in once."),
    "verify": ("watchfloor.cli.verify:verify", "Check the audit trail's chain of hashes."),
    "backup": ("watchfloor.cli.backup:backup", "Copy the whole operation to a directory."),
    "restore": ("watchfloor.cli.backup:restore", "Put a backup in place as a new operation."),
    "database": ("watchfloor.cli.database:database", "Look at the operation's database."),
    "manage": ("watchfloor.cli.manage:manage", "Run one of Django's management commands."),
}
EXIT_EXPECTED_FAILURE = 2
EXIT_INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group that imports a command when it is called, and suggests the nearest name for an unknown one."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """Return the commands in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click's
        """Return the command, imported now, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is no command.")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command of these arguments; an unknown one fails with the nearest name."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            close = nearest(name, COMMANDS)
            raise click.UsageError(
                f"No command {name!r}." + (f" Did you mean {close!r}?" if close else ""), ctx=ctx
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- click's
        """Write the commands' lines without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--debug", is_flag=True, help="Show the traceback of an expected failure too.")
@click.version_option(__version__, prog_name="watchfloor", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Run human content-moderation operations.

    What a command works on is set by the environment: WATCHFLOOR_DATA names the data directory (`var` here
    when absent), DATABASE_URL a PostgreSQL of your own. Every setting: docs/reference/settings.md.
    """
    ctx.obj = {"debug": debug}


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    debug = "--debug" in (sys.argv[1:] if arguments is None else arguments)
    try:
        result: Any = cli.main(args=arguments, prog_name="watchfloor", standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone, as `head` does.
        sys.stderr.close()
        sys.exit(0)
    except WatchfloorError as error:
        if debug:
            raise
        click.echo(f"{click.style('Error:', fg='red')} {error.message}", err=True)
        if error.remedy:
            click.echo(error.remedy, err=True)
        sys.exit(EXIT_EXPECTED_FAILURE)
    sys.exit(result if isinstance(result, int) else 0)


if __name__ == "__main__":
    main()
