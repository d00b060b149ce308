"""`watchfloor import`: load a log by a mapping, and show what became of its rows.

`import MAPPING FILE…` loads; `import report` and `import mappings` only read. The work is `facts.imports`.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from watchfloor.facts.imports import (
    ImportReport,
    ImportsError,
    NoSuchImportError,
    Observation,
    list_imports,
    list_mappings,
    load_mapping,
    read_import,
    rejected_rows_csv,
    run_import,
)
from watchfloor.facts.imports.files import Progress as Tell
from watchfloor.facts.imports.files import silent
from watchfloor.facts.store import FactStore, list_operations
from watchfloor.kernel import nearest
from watchfloor.settings.environment import read_environment

_LOAD = "load"


class _LoadOrShow(click.Group):
    """A group whose first word is a mapping unless it is one of its commands."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the loading command in front when no command is named."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [_LOAD, *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show how it is called."""
        formatter.write_usage(ctx.command_path, "MAPPING FILE… [--check] [--into OPERATION] [--json]")
        formatter.write_usage(ctx.command_path, "report [OPERATION] [ID] [--json] [--rejected FILE.csv]")
        formatter.write_usage(ctx.command_path, "mappings [--json]")


@click.group(
    name="import",
    cls=_LoadOrShow,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
def import_command() -> None:
    """Load a log into facts by a mapping, and show what became of every row.

    MAPPING is the name of a shipped mapping (`watchfloor import mappings` lists them) or a YAML file. FILE is
    CSV,
    JSON lines or Parquet; plain, gzip or zip. An import is one version of the facts, or nothing.
    """


@import_command.command(name=_LOAD)
@click.argument("mapping")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Read and count everything, write nothing.")
@click.option(
    "--into", "operation", metavar="OPERATION", help="Operation to load into (default: the mapping's)."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def load(mapping: str, files: tuple[Path, ...], check: bool, operation: str | None, as_json: bool) -> None:
    """Load FILES by MAPPING (the word `load` may be left out)."""
    chosen = load_mapping(mapping)
    name = operation or chosen.operation
    if name is None:
        raise ImportsError(f"The mapping {mapping!r} names no operation.", remedy="Say --into OPERATION.")
    root = _facts_root()
    known = name in list_operations(root)
    store = FactStore(root, name, partition=None if known else chosen.partition)
    with _progress(quiet=as_json) as tell:
        report = run_import(
            chosen,
            files,
            store,
            now=datetime.now(UTC),
            clock=lambda: datetime.now(UTC),
            check=check,
            progress=tell,
        )
    _show(report, as_json=as_json)


@import_command.command(name="report")
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option(
    "--rejected",
    "rejected",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the rejected rows with their reasons to this CSV file.",
)
def report_command(names: tuple[str, ...], as_json: bool, rejected: Path | None) -> None:
    """Show an import: rows read = loaded + duplicates + rejected, and what the checks saw.

    NAMES is an operation (its newest import), an import's id, or both. Without a name: the newest import of
    all.
    """
    store, report = _find(names)
    if rejected is not None:
        with rejected.open("w", encoding="utf-8", newline="") as file:
            file.writelines(rejected_rows_csv(store, report.id))
        click.echo(f"{report.rows_rejected:,} rejected rows written to {rejected}.", err=True)
    _show(report, as_json=as_json)


@import_command.command(name="mappings")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def mappings_command(as_json: bool) -> None:
    """List the mappings that ship with the product."""
    shipped = list_mappings()
    if as_json:
        rows = [
            {"mapping": m.mapping, "version": m.version, "title": m.title, "operation": m.operation}
            for m in shipped
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    table = Table("mapping", "title", "files", "facts", box=None, header_style="bold")
    for one in shipped:
        files = "; ".join(f"{name}: {', '.join(source.match)}" for name, source in one.sources.items())
        facts = dict.fromkeys(fact for source in one.sources.values() for fact in source.facts)
        table.add_row(one.mapping, one.title, files, ", ".join(facts))
    Console().print(table)


def _facts_root() -> Path:
    return read_environment().data / "facts"


def _find(names: tuple[str, ...]) -> tuple[FactStore, ImportReport]:
    root = _facts_root()
    operations = [folder.parent.name for folder in sorted(root.glob("*/_imports"))]
    if len(names) > 2:
        raise click.UsageError("Give an operation, an import's id, or both.")
    chosen = [name for name in names if name in operations] or operations
    wanted = next((name for name in names if name not in operations), None)
    found = []
    for operation in chosen:
        store = FactStore(root, operation)
        if wanted is None:
            found += [(report.started_at, report.id, store, report) for report in list_imports(store)[:1]]
            continue
        try:
            return store, read_import(store, wanted)
        except NoSuchImportError:
            continue
    if wanted is not None:
        near = nearest(wanted, operations)
        raise NoSuchImportError(
            f"There is no operation with imports and no import named {wanted!r}.",
            remedy=f"Did you mean {near!r}?" if near else "`watchfloor import report` shows the newest one.",
        )
    if not found:
        raise NoSuchImportError("Nothing was imported yet.", remedy="Run `watchfloor import MAPPING FILE…`.")
    _, _, store, report = max(found, key=lambda one: one[:2])
    return store, report


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Tell]:
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield silent
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Starting", total=None)

        def tell(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total or None)

        yield tell


def _show(report: ImportReport, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=1, default=str))
        return
    console = Console()
    console.print(f"[bold]{report.id}[/bold]  {_state(report)}")
    console.print(_files_table(report))
    for title, counts in (("Duplicates", report.duplicates), ("Rejected, by first reason", report.rejected)):
        if counts:
            table = Table(title, "rows", box=None, header_style="bold")
            table.columns[1].justify = "right"
            for reason, count in counts.items():
                table.add_row(reason, f"{count:,}")
            console.print(table)
    table = Table("fact", "new rows", "corrected", box=None, header_style="bold")
    for fact, counts in report.facts.items():
        table.add_row(fact, f"{counts['new']:,}", f"{counts['corrected']:,}")
    console.print(table)
    if report.observations:
        console.print(_observations_table(report.observations))


def _state(report: ImportReport) -> str:
    return {
        "checked": "checked, nothing was written",
        "loaded": f"loaded into {report.operation} as version {report.version}",
        "unchanged": f"nothing new for {report.operation}: no version was made",
    }.get(report.state, report.state)


def _files_table(report: ImportReport) -> Table:
    table = Table(
        "file",
        "rows read",
        "= loaded",
        "+ duplicates",
        "+ rejected",
        "corrected",
        box=None,
        header_style="bold",
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for one in report.files:
        numbers = (one.rows_read, one.rows_loaded, one.rows_duplicate, one.rows_rejected, one.rows_corrected)
        table.add_row(one.name, *(f"{number:,}" for number in numbers))
    if len(report.files) > 1:
        totals = (
            report.rows_read,
            report.rows_loaded,
            report.rows_duplicate,
            report.rows_rejected,
            report.rows_corrected,
        )
        table.add_row("[bold]total[/bold]", *(f"[bold]{number:,}[/bold]" for number in totals))
    return table


def _observations_table(observations: list[Observation]) -> Table:
    table = Table("observation", "about", "rows", "share", "example", box=None, header_style="bold")
    table.columns[2].justify = table.columns[3].justify = "right"
    for one in observations:
        share = (
            ""
            if one.share is None
            else f"{one.share:.1%}"
            if one.share >= 0.001 or not one.count
            else "<0.1%"
        )
        table.add_row(
            one.check,
            f"{one.source}: {one.about}".rstrip(": "),
            f"{one.count:,}",
            share,
            _example(one.examples),
        )
    return table


def _example(examples: list[dict[str, Any]]) -> str:
    if not examples:
        return ""
    text = ", ".join(f"{name} {value}" for name, value in examples[0].items() if value is not None)
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"
