"""Compiles the message catalogues at set-up, by Babel: no gettext tools are needed on the machine."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

# `errors.po` is read as it is, by `shell.refusals`.
_CATALOGUE = "django.po"
LOCALE = Path(__file__).parent.parent / "locale"


def compile_translations(*, folder: Path = LOCALE) -> list[Path]:
    """Write a `.mo` beside each `.po` that is newer; return what was written."""
    written = []
    for source in sorted(folder.glob(f"*/LC_MESSAGES/{_CATALOGUE}")):
        target = source.with_suffix(".mo")
        if target.is_file() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parent.parent.name, domain=source.stem)
        partial = target.with_suffix(".partial")
        with partial.open("wb") as binary:
            write_mo(binary, catalogue)
        partial.replace(target)
        written.append(target)
    return written
