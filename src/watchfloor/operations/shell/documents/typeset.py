"""Sets a document as PDF. Its texts are data to the typesetter; its fonts come with the installation."""

import json
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import typst

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.shell import charts
from watchfloor.operations.shell.documents.tree import Chart, Document

_TEMPLATE = Path(__file__).with_name("document.typ")
_CHINESE = "Noto Sans SC"


class NoFontError(WatchfloorError):
    """No font of the installation can show the document's language."""


@cache
def fonts() -> typst.Fonts:
    """Return the fonts of the typesetter and of the installation, read once a process."""
    found = find_spec("zhplot")
    places = [Path(each) / "fonts" for each in (found.submodule_search_locations or [])] if found else []
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[place for place in places if place.is_dir()],
    )


def pdf_of(document: Document) -> bytes:
    """Return the document as PDF; the same document gives the same bytes.

    Raises:
        NoFontError: it is Chinese and no font for Chinese is installed.

    """
    if document.language.startswith("zh") and _CHINESE not in fonts().families():
        raise NoFontError(
            f"No font {_CHINESE!r} is installed, so that a Chinese PDF would show empty boxes.",
            remedy="Install the package zhplot, which carries it, or choose the page or the workbook.",
        )
    plain = document.plain()
    with tempfile.TemporaryDirectory(prefix="watchfloor-document-") as folder:
        root = Path(folder)
        for at, (block, written) in enumerate(zip(document.blocks, plain["blocks"], strict=True)):
            if isinstance(block, Chart):
                written["file"] = f"chart-{at}.svg"
                (root / written["file"]).write_text(charts.to_svg(dict(block.spec)), "utf-8")
                written.pop("spec")
        (root / "document.json").write_text(json.dumps(plain, ensure_ascii=False), "utf-8")
        (root / "document.typ").write_bytes(_TEMPLATE.read_bytes())
        made: bytes = typst.compile(
            root / "document.typ", root=root, font_paths=fonts(), timestamp=int(document.made_at.timestamp())
        )
    return made
