"""Gives a benchmark an operation to throw away: its own server, migrated, Django set up. One a process."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_operation(*, forgetful: bool = False) -> Iterator[Path]:
    """Yield the data directory of a new operation whose server runs while this lasts.

    `forgetful` gives durability up for speed, where the server itself is not what is measured.
    """
    # The server runs as another user, who must pass through; sockets need short paths.
    data = Path(tempfile.mkdtemp(prefix="wfb-"))
    data.chmod(0o711)
    os.environ["WATCHFLOOR_DATA"] = str(data)
    os.environ.pop("DATABASE_URL", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "watchfloor.settings.django"
    try:
        from watchfloor.settings.embedded.server import Server

        with Server(data, forgetful=forgetful):
            import django

            django.setup()
            from django.core.management import call_command
            from django.db import connections

            call_command("migrate", interactive=False, verbosity=0)
            yield data
            connections.close_all()
    finally:
        shutil.rmtree(data, ignore_errors=True)
