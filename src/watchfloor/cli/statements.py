"""`watchfloor statements`: DSA statements of reasons, built, written to files, or sent."""

import json
import random
from datetime import UTC, date, datetime
from pathlib import Path

import click

from watchfloor.cli.operation import operation_at_hand
from watchfloor.kernel import WatchfloorError


class DayError(WatchfloorError):
    """A day is not written as YYYY-MM-DD."""


def day(written: str | None) -> date | None:
    """Return the day, or None.

    Raises:
        DayError: it is none.

    """
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise DayError(f"{written!r} is no day.", remedy="Write it as 2026-03-01.") from None


@click.group()
def statements() -> None:
    """Build, write and send DSA statements of reasons."""


@statements.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--since", metavar="DAY", help="First day of the decisions, YYYY-MM-DD.")
@click.option("--until", metavar="DAY", help="First day that is not wanted any more.")
@click.option(
    "--state",
    type=click.Choice(["ready", "accepted", "rejected", "faulty"]),
    multiple=True,
    default=("ready",),
    help="Which statements; may be repeated.  [default: ready]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def export(folder: Path, since: str | None, until: str | None, state: tuple[str, ...], as_json: bool) -> None:
    """Write statements to FOLDER, a hundred a file, each file the body of one batch call.

    Statements of decisions that have none yet are built first. Nothing is marked as sent.
    """
    first, last = day(since), day(until)
    with operation_at_hand():
        from watchfloor.operations.enforcement.following import follow_all
        from watchfloor.operations.enforcement.statements import batches, build_statements, to_export

        now = datetime.now(UTC)
        follow_all(now=now)
        built = build_statements(now=now)
        folder.mkdir(parents=True, exist_ok=True)
        files, written = [], 0
        for number, batch in enumerate(
            batches(rows=to_export(states=state, since=first, until=last)), start=1
        ):
            path = folder / f"statements-{number:05d}.json"
            body = {"statements": [each.payload for each in batch]}
            path.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            files.append(str(path))
            written += len(batch)
    if as_json:
        found = {"built": built.ready, "faulty": built.faulty, "statements": written, "files": files}
        click.echo(json.dumps(found))
        return
    click.echo(f"{built.ready:,} built now, {built.faulty:,} of them faulty and left out.")
    click.echo(f"{written:,} statements in {len(files):,} files in {folder}.")


@statements.command()
@click.option(
    "--most", type=click.IntRange(1, 1_000_000), default=10_000, help="How many at most.", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def send(most: int, as_json: bool) -> None:
    """Send ready statements to the database that WATCHFLOOR_STATEMENTS_URL names, a hundred a call.

    What was refused is kept with its errors; after a call without an answer it is safe to send again.
    """
    with operation_at_hand() as environment:
        from watchfloor.operations.enforcement.statement_sending import Database, send_statements

        database = Database(environment.statements_url or "", environment.statements_token or "")
        report = send_statements(
            database=database, now=datetime.now(UTC), rng=random.SystemRandom(), most=most
        )
    if as_json:
        said = {"accepted": report.accepted, "rejected": report.rejected}
        click.echo(json.dumps(said | {"calls": report.calls, "trouble": report.trouble}))
        return
    click.echo(f"{report.accepted:,} accepted, {report.rejected:,} rejected, in {report.calls:,} calls.")
    if report.trouble:
        click.echo(f"The rest waits: {report.trouble}")
