"""`watchfloor metric` prints a number with its interval, `watchfloor metrics` what can be asked."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.table import Table

from watchfloor.facts.engines import DuckDBEngine
from watchfloor.facts.store import FactStore, list_operations
from watchfloor.kernel import Period, WatchfloorError, nearest, parse_instant, parse_period
from watchfloor.metrics import (
    Answer,
    Catalogue,
    Cell,
    Definition,
    DefinitionError,
    Query,
    RefusedError,
    answer,
)
from watchfloor.metrics.catalogue import load_file
from watchfloor.metrics.exchange import FIELDS, answer_document, answer_records
from watchfloor.metrics.governing import duplicates, load_catalogue
from watchfloor.metrics.grid import Grain
from watchfloor.metrics.interchange import ossie_text
from watchfloor.metrics.lineage import lineage
from watchfloor.metrics.presentation import value_text
from watchfloor.metrics.relations import RELATIONS
from watchfloor.settings.environment import read_environment

_HISTORIC = timedelta(days=2)
_HELP = {"help_option_names": ["-h", "--help"]}


class UnknownOperationError(WatchfloorError):
    """No facts of that operation are kept in the data directory."""


@click.command(name="metric", context_settings=_HELP)
@click.argument("names", metavar="METRIC[,METRIC…]")
@click.option(
    "--by", default="", metavar="DIMENSION,…", help="Split by these dimensions, such as queue,site."
)
@click.option("--last", metavar="LENGTH", help="The last 12h, 7d or 4w (default: 7d).")
@click.option(
    "--period", "period_text", metavar="A..B", help="From A until B, such as 2026-03-01..2026-03-08."
)
@click.option("--grain", type=click.Choice(get_args(Grain)), help="One value a bucket of local time.")
@click.option(
    "--where", "restrictions", multiple=True, metavar="DIMENSION=VALUE,…", help="Keep these values."
)
@click.option("--as-of", "as_of_text", metavar="INSTANT", help="As it was known then.")
@click.option("--operation", metavar="NAME", help="Operation (default: the living one).")
@click.option(
    "--zone", default="UTC", metavar="ZONE", help="Time zone of days and hours, such as Europe/Dublin."
)
@click.option("--raw", is_flag=True, help="Read the facts even where a rollup could answer.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
def metric_command(
    names: str,
    by: str,
    last: str | None,
    period_text: str | None,
    grain: Grain | None,
    restrictions: tuple[str, ...],
    as_of_text: str | None,
    operation: str | None,
    zone: str,
    raw: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Print METRIC over a period, each value with its interval, n and definition version.

    `--last` counts back from now; for an imported operation whose facts ended long ago it counts back from
    their end, and the output says so. `watchfloor metrics` lists what can be asked.
    """
    if last and period_text:
        raise click.UsageError("--last and --period exclude each other.")
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other.")
    now = datetime.now(UTC)
    store = _store(operation)
    catalogue = Catalogue.standard()
    metrics = tuple(name.strip() for name in names.split(",") if name.strip())
    as_of = parse_instant(as_of_text, time_zone=zone) if as_of_text else None
    counted_from, note = _anchor(store, [catalogue[name] for name in metrics], as_of or now)
    if period_text:
        period, note = parse_period(period_text, now=counted_from, time_zone=zone), ""
    else:
        period = parse_period(last or "7d", now=counted_from, time_zone=zone)
    query = Query(
        metrics=metrics,
        period=period,
        by=tuple(name.strip() for name in by.split(",") if name.strip()),
        grain=grain,
        where=_restrictions(restrictions),
        time_zone=zone,
        as_of=as_of,
    )
    found = answer(
        query,
        catalogue=catalogue,
        store=store,
        engine=DuckDBEngine(),
        now=now,
        rollups="never" if raw else "auto",
    )
    if as_json:
        document = {"operation": store.operation, "note": note, **answer_document(found)}
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    elif as_csv:
        click.echo(_csv(found, query.by), nl=False)
    else:
        _print(found, query, store.operation, note, catalogue)


@click.group(name="metrics", invoke_without_command=True, context_settings=_HELP)
@click.pass_context
def metrics_command(context: click.Context) -> None:
    """List the metrics, or show one definition."""
    if context.invoked_subcommand is None:
        context.invoke(list_metrics)


@metrics_command.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_metrics(as_json: bool = False) -> None:
    """List every metric with its unit and what it can be split by."""
    catalogue = Catalogue.standard()
    if as_json:
        click.echo(json.dumps([_document(d) for d in catalogue.values()], ensure_ascii=False, indent=1))
        return
    table = Table("Metric", "Name", "Unit", "Time", "Formula", box=None, header_style="bold")
    for definition in catalogue.values():
        table.add_row(
            definition.reference,
            definition.name.en,
            definition.unit,
            definition.time_basis,
            definition.formula.en,
        )
    Console().print(table)


@metrics_command.command(name="show")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show_metric(name: str, as_json: bool) -> None:
    """Show one definition: what it computes, from what, its trap and its guard."""
    definition = Catalogue.standard()[name]
    if as_json:
        click.echo(json.dumps(_document(definition), ensure_ascii=False, indent=1))
        return
    traced = lineage(definition)
    table = Table(box=None, show_header=False)
    for label, text in (
        (definition.reference, f"{definition.name.en} · {definition.name.zh_hans}"),
        ("code", f"{definition.code}, {definition.family}, owner {definition.owner}"),
        ("description", definition.description.en),
        ("formula", definition.formula.en),
        ("time basis", definition.time_basis),
        ("unit", f"{definition.unit}, {definition.direction.replace('_', ' ')}"),
        ("interval", definition.interval.method),
        ("aggregation", definition.additivity),
        ("trap", definition.trap.en),
        ("guard", definition.guard.en),
        ("split by", ", ".join(definition.dimensions)),
        ("facts", ", ".join(traced.facts)),
        ("columns", ", ".join(traced.columns)),
        ("rows", traced.filter),
    ):
        table.add_row(f"[bold]{label}[/]", text)
    Console().print(table)


@metrics_command.command(name="export")
@click.option("--format", "kind", type=click.Choice(["ossie"]), default="ossie", help="Ossie, as YAML.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File (default: print it).")
def export_metrics(kind: str, out: Path | None) -> None:
    """Write the catalogue for other tools: every metric with its SQL, and our definition beside it."""
    text = ossie_text(Catalogue.standard())
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        click.echo(f"{len(Catalogue.standard())} metrics written to {out} ({kind}).")


@metrics_command.command(name="check")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def check_metrics(folder: Path) -> None:
    """Check a FOLDER of definitions against the facts, and against the catalogue for duplicates."""
    own = Catalogue.standard()
    found = {d.id: d for d in map(load_file, sorted(folder.glob("*.yaml")))}
    pairs = duplicates([*(own[name] for name in own if name not in found), *found.values()])
    for first, second in pairs:
        click.echo(f"{second} says the same as {first}.")
    if pairs:
        raise DefinitionError(
            f"{len(pairs)} of {len(found)} definitions in {folder} are duplicates.",
            remedy="Keep one of each pair and name the other in its description.",
        )
    load_catalogue(folder)
    click.echo(f"{len(found)} definitions hold.")


def _store(operation: str | None) -> FactStore:
    environment = read_environment()
    root: Path = environment.facts_root
    name = operation or environment.operation
    known = list_operations(root)
    if name not in known:
        guess = nearest(name, known)
        listed = (
            f"There are: {', '.join(known)}."
            if known
            else "`watchfloor demo` or `watchfloor import` makes some."
        )
        raise UnknownOperationError(
            f"No facts of operation {name!r} in {root}.",
            remedy=f"Did you mean {guess!r}?" if guess else listed,
        )
    return FactStore(root, name)


def _anchor(store: FactStore, definitions: Sequence[Definition], now: datetime) -> tuple[datetime, str]:
    """Return the instant from which `--last` counts back, and what to say about it."""
    snapshot = store.snapshot()
    facts = {RELATIONS[name].facts[0] for d in definitions for name in d.relations}
    ends = [extent.end for extent in map(snapshot.extent, sorted(facts)) if extent is not None]
    if not ends or max(ends) > now - _HISTORIC:
        return now, ""
    end = max(ends).replace(microsecond=0) + timedelta(seconds=1)
    return end, f"The facts end at {end:%Y-%m-%d %H:%M} UTC; the period counts back from there."


def _restrictions(given: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for text in given:
        name, equals, values = text.partition("=")
        if not equals or not values:
            raise RefusedError(
                f"--where {text!r} is no restriction.", remedy="Write --where queue=spam,hate."
            )
        found[name.strip()] = (*found.get(name.strip(), ()), *(v.strip() for v in values.split(",")))
    return found


def _csv(found: Answer, by: Sequence[str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, [*FIELDS[:2], *by, *FIELDS[2:]], lineterminator="\n")
    writer.writeheader()
    writer.writerows(answer_records(found, by=by))
    return out.getvalue()


def _print(found: Answer, query: Query, operation: str, note: str, catalogue: Catalogue) -> None:
    console = Console()
    period = _span(query.period)
    console.print(f"[bold]{operation}[/] · {period} · {query.time_zone} · facts version {found.version}")
    if note:
        console.print(note, style="yellow")
    table = Table("Metric", *query.by, box=None, header_style="bold")
    if query.grain:
        table.add_column(query.grain)
    for label in ("Value", "95 % interval", "n", ""):
        table.add_column(label, justify="right" if label else "left")
    for cell in found.cells:
        scope = cell.scope.as_dict()
        row = [catalogue[cell.metric].reference, *("|".join(scope.get(name, ("",))) for name in query.by)]
        if query.grain:
            row.append(f"{cell.period.start:%Y-%m-%d %H:%M}" if cell.bucket_start else "")
        value = value_text(cell.estimate.value, cell.unit)
        table.add_row(*row, value, _interval(cell), f"{cell.n:,}", cell.reason)
    console.print(table)
    for source in sorted(set(found.notes.values()) - {"none"}):
        named = ", ".join(name for name, note in found.notes.items() if note == source)
        console.print(f"[dim]{named}: from {'the facts' if source == 'raw' else source}[/]")
    for warning in found.warnings:
        console.print(f"Note: {warning}", style="yellow")


def _interval(cell: Cell) -> str:
    low, high = cell.estimate.low, cell.estimate.high
    if low is None and high is None:
        return ""
    return f"{value_text(low, cell.unit)} – {value_text(high, cell.unit)} ({cell.estimate.method})"


def _span(period: Period) -> str:
    return f"{period.start:%Y-%m-%d %H:%M} – {period.end:%Y-%m-%d %H:%M} UTC"


def _document(definition: Definition) -> dict[str, object]:
    return definition.model_dump(mode="json", by_alias=True)
