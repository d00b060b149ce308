"""`watchfloor verify`: whether the audit trail is what was written."""

import json
from dataclasses import asdict
from datetime import UTC, datetime

import click

from watchfloor.cli.operation import operation_at_hand


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(as_json: bool) -> None:
    """Check every link of the audit trail's chain of hashes.

    Entries that wait to be sealed are sealed first. A broken chain ends with exit code 2 and names the first
    link that is not what was sealed.
    """
    with operation_at_hand():
        from watchfloor.operations.record.sealing import seal, verify_chain

        while seal(now=datetime.now(UTC)):
            pass
        report = verify_chain()
    if as_json:
        click.echo(json.dumps(asdict(report)))
        return
    click.echo(f"The audit trail is whole: {report.sealed:,} entries sealed, {report.waiting:,} waiting.")
    click.echo(f"Last digest: {report.digest}")
