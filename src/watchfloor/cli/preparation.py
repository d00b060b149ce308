"""Makes an operation ready to be served: the database's tables, the pages' files."""

import hashlib
import shutil
from pathlib import Path

from watchfloor.settings.environment import Environment

STAMP_FILE = "static.stamp"


def migrate() -> None:
    """Bring the database's tables to this version."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


def prepare_pages(environment: Environment) -> None:
    """Compile the translations, build the chart library, and gather the static files when one has changed."""
    from django.core.management import call_command

    from watchfloor.operations.shell.bundle import build_bundle
    from watchfloor.operations.shell.translations import compile_translations

    compile_translations()
    build_bundle()
    stamp = environment.data / STAMP_FILE
    mark = static_mark()
    gathered = environment.data / "static"
    if stamp.is_file() and stamp.read_text(encoding="ascii") == mark and gathered.is_dir():
        return
    shutil.rmtree(gathered, ignore_errors=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(mark, encoding="ascii")


def static_mark() -> str:
    """Return a mark that changes when a static file is added, removed or changed."""
    from django.contrib.staticfiles.finders import get_finders

    lines = []
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            lines.append(f"{path} {found.st_size} {found.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
