"""`watchfloor callbacks`: dead letters, looked at and sent again."""

import json
from datetime import UTC, datetime

import click

from watchfloor.cli.operation import operation_at_hand


@click.group()
def callbacks() -> None:
    """Look at dead letters, and send them again."""


@callbacks.command()
@click.option("--endpoint", default="", help="Only those of this endpoint.")
@click.option(
    "--most", type=click.IntRange(1, 10_000), default=100, help="How many at most.", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def dead(endpoint: str, most: int, as_json: bool) -> None:
    """List the dead letters, newest first."""
    with operation_at_hand():
        from watchfloor.operations.enforcement.selectors import deliveries
        from watchfloor.operations.record.viewers import Viewer

        rows = list(deliveries(viewer=Viewer.system("command line"), state="dead", endpoint=endpoint)[:most])
    for each in rows:
        why = each.response.get("error") or f"answered {each.response.get('status', 'nothing')}"
        if as_json:
            said = {"delivery": each.pk, "decision": str(each.decision_id), "endpoint": each.endpoint.slug}
            click.echo(json.dumps(said | {"attempts": each.attempt, "reason": why}))
        else:
            click.echo(f"{each.pk:>10}  {each.endpoint.slug:<20} {each.decision_id}  {why}")
    if not rows and not as_json:
        click.echo("No dead letters.")


@callbacks.command()
@click.argument("delivery", type=click.IntRange(min=1), nargs=-1)
@click.option("--endpoint", default="", help="Everything of this endpoint that is dead or failed.")
def replay(delivery: tuple[int, ...], endpoint: str) -> None:
    """Send deliveries again: those named by number, or all of an endpoint.

    They go out when the operation runs.
    """
    with operation_at_hand():
        from watchfloor.operations.enforcement.endpoints import replay as send_again
        from watchfloor.operations.record.viewers import Viewer

        again = send_again(
            by=Viewer.system("command line"),
            now=datetime.now(UTC),
            delivery_ids=delivery,
            endpoint=endpoint,
        )
    click.echo(f"{again:,} go out again.")
