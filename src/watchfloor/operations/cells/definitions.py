"""The definitions in force: the product's own, and over them those that were approved here."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from watchfloor.metrics import Catalogue
from watchfloor.metrics.governing import load_catalogue


def definitions_folder() -> Path:
    """Return where approved definitions stand, a file a metric; it need not exist."""
    return Path(settings.WATCHFLOOR_DATA) / "definitions"


def catalogue_in_force() -> Catalogue:
    """Return the catalogue with what was approved here, read again when the folder changed.

    Raises:
        DefinitionError: a file of the folder is wrong; the message names it.

    """
    folder = definitions_folder()
    try:
        stamp = folder.stat().st_mtime_ns
    except FileNotFoundError:
        return load_catalogue()
    return _read(folder, stamp)


@lru_cache(maxsize=2)
def _read(folder: Path, stamp: int) -> Catalogue:
    del stamp  # it tells one state of the folder from the next
    return load_catalogue(folder)
