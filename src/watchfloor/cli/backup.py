"""`watchfloor backup` and `restore`: the whole operation to a directory, and back.

Facts are copied before the database: an export after a restore then finds every event that the facts lack.
"""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import click

from watchfloor import __version__
from watchfloor.cli.operation import database_at_hand, operation_at_hand
from watchfloor.cli.steps import Steps
from watchfloor.settings.embedded.backup import BackupError, check_copy, place_copy, take_copy
from watchfloor.settings.embedded.places import LOCATION_FILE, places_of
from watchfloor.settings.environment import Environment, read_environment

ABOUT = "backup.json"
DATABASE = "database"
REST = "data"
# What belongs to a running server or is made anew at every start.
_LEFT_OUT = ("postgresql", "logs", "owner.lock", "static", "static.stamp", LOCATION_FILE)


@click.command()
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
def backup(target: Path) -> None:
    """Copy the operation to the directory TARGET, which must not exist yet.

    Serving goes on meanwhile. The copy holds the database, all facts and the key that signs sessions: keep it
    as safe as the operation itself. With a PostgreSQL of your own (DATABASE_URL), the database is left to
    that server's own backup; take it after this one.
    """
    if target.exists():
        raise BackupError(f"{target} exists already.", remedy="Name a directory that does not exist yet.")
    steps = Steps()
    with database_at_hand() as environment:
        draft = target.with_name(target.name + ".part")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True, mode=0o700)
        about: dict[str, object] = {
            "watchfloor": __version__,
            "operation": environment.operation,
            "began_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with steps.step("Copying facts"):
            about["facts"] = _copy_data(environment, draft / REST)
        if environment.database_url:
            steps.tell("The database is at DATABASE_URL: back it up now with its own tools.")
        else:
            with steps.step("Copying and checking the database"):
                take_copy(places=places_of(environment.data), target=draft / DATABASE)
        about["database"] = "given" if environment.database_url else "embedded"
        about["ended_at"] = datetime.now(UTC).isoformat(timespec="seconds")
        (draft / ABOUT).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
        draft.rename(target)
    steps.tell(f"The backup stands in {target}.")


@click.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only compare the backup's files with its own list.")
def restore(source: Path, check: bool) -> None:
    """Put the backup in SOURCE in place as the operation of WATCHFLOOR_DATA, which must be new.

    The database is started once and the audit trail's chain of hashes is checked before it is called done.
    """
    about = _about(source)
    steps = Steps()
    if about["database"] == "embedded":
        with steps.step("Checking the backup"):
            check_copy(source / DATABASE)
    if check:
        steps.tell(f"The backup of {about['began_at']} is whole.")
        return
    environment = read_environment()
    if environment.data.exists() and any(environment.data.iterdir()):
        raise BackupError(
            f"{environment.data} is not empty.",
            remedy="Set WATCHFLOOR_DATA to a new directory; nothing is overwritten.",
        )
    if about["database"] == "embedded" and environment.database_url:
        raise BackupError(
            "The backup holds an embedded database, but DATABASE_URL names another.",
            remedy="Unset DATABASE_URL.",
        )
    if about["database"] == "embedded":
        with steps.step("Placing the database"):
            place_copy(data=environment.data, copy=source / DATABASE)
    with steps.step("Placing facts"):
        shutil.copytree(source / REST, environment.data, dirs_exist_ok=True)
    with steps.step("Checking the audit trail"), operation_at_hand():
        from watchfloor.operations.people.boundary_roles import install
        from watchfloor.operations.record.sealing import verify_chain

        install()
        report = verify_chain()
    steps.tell(f"The operation stands in {environment.data}; {report.sealed:,} audit entries are whole.")


def _copy_data(environment: Environment, target: Path) -> dict[str, int]:
    """Return the newest version of each operation's facts, as it was copied."""
    from watchfloor.facts.store import FactStore, list_operations

    target.mkdir()
    for entry in sorted(environment.data.iterdir()):
        if entry.name in _LEFT_OUT or entry == environment.facts_root:
            continue
        if entry.is_dir():
            shutil.copytree(entry, target / entry.name, symlinks=True)
        else:
            shutil.copy2(entry, target / entry.name)
    versions = {}
    for name in list_operations(environment.facts_root):
        store = FactStore(environment.facts_root, name)
        with store.held_still():
            shutil.copytree(store.folder, target / "facts" / name, symlinks=True)
            versions[name] = store.snapshot().number
    return versions


def _about(source: Path) -> dict[str, str]:
    try:
        about = json.loads((source / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BackupError(
            f"{source} is no backup: {ABOUT} is missing or unreadable.", remedy="Name a finished backup."
        ) from error
    return dict(about)
