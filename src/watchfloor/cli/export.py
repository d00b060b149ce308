"""`watchfloor export`: new events of the operation become facts, once."""

import json
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from watchfloor.cli.operation import operation_at_hand

if TYPE_CHECKING:
    from watchfloor.facts.store import FactStore


@click.command()
@click.option("--replay", is_flag=True, help="Then try the events again that were set aside.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def export(replay: bool, as_json: bool) -> None:
    """Export every event that is settled and not exported yet, exactly once.

    The running operation does this by itself; call it to catch up after a stop, or from a scheduler.
    Events that are no fact row are set aside; after an upgrade `--replay` makes rows of those that
    the present version reads, each once.
    """
    with operation_at_hand() as environment:
        from watchfloor.facts.export import export_all_events
        from watchfloor.facts.store import FactStore
        from watchfloor.operations.record.database import database_dsn

        store = FactStore(environment.facts_root, environment.operation)
        rows: Counter[str] = Counter()
        events = dead_letters = 0
        version = None
        for result in export_all_events(dsn=database_dsn(), store=store, clock=lambda: datetime.now(UTC)):
            rows.update(result.rows)
            events += result.events
            dead_letters += result.dead_letters
            version = result.version if result.version is not None else version
        again = _replayed(store) if replay else None
    if as_json:
        found = {"version": version, "events": events, "rows": dict(rows), "dead_letters": dead_letters}
        click.echo(json.dumps(found | {"replayed": again} if again else found))
        return
    if again:
        click.echo("Tried again: {rows} became rows, {superseded} gave way, {staying} stay.".format(**again))
    if not events:
        click.echo("Nothing new to export.")
        return
    click.echo(f"Version {version}: {events:,} events.")
    for fact, count in sorted(rows.items()):
        click.echo(f"  {fact:<20} {count:>12,}")
    if dead_letters:
        click.echo(f"  {'set aside':<20} {dead_letters:>12,}  (they are no fact row; see `_dead_letters`)")


def _replayed(store: "FactStore") -> dict[str, int]:
    from watchfloor.operations.insights.replaying import replay_letters
    from watchfloor.operations.record.viewers import Viewer

    found = replay_letters(store=store, by=Viewer.system("command line"), now=datetime.now(UTC))
    return {"rows": len(found.rows), "superseded": len(found.superseded), "staying": len(found.staying)}
