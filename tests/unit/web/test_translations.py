"""Every text of the pages has its Chinese: taken from sources and templates, looked up in the catalogue."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from watchfloor.operations.shell.translations import LOCALE, compile_translations

ROOT = Path(__file__).resolve().parents[3] / "src" / "watchfloor"
KEYWORDS = {"gettext": None, "gettext_lazy": None, "_": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2)}
PLACE = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def texts() -> dict[str, str]:
    found: dict[str, str] = {}
    sources = [
        *ROOT.glob("operations/**/*.py"),
        *ROOT.glob("operations/**/*.html"),
        *ROOT.glob("settings/*.py"),
    ]
    for path in sorted(sources):
        if "migrations" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        source = templatize(text, origin=str(path)) if path.suffix == ".html" else text
        for _, message, _, _ in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
            found[message if isinstance(message, str) else message[-1]] = str(path.relative_to(ROOT))
    return found


@pytest.fixture(scope="module")
def catalogue() -> dict[str, list[str]]:
    with (LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.po").open("rb") as file:
        messages = read_po(file, locale="zh_Hans")
    return {
        (m.id if isinstance(m.id, str) else m.id[-1]): [m.string]
        if isinstance(m.string, str)
        else list(m.string)
        for m in messages
        if m.id
    }


def test_every_text_has_its_chinese(catalogue: dict[str, list[str]]) -> None:
    missing = {text: path for text, path in texts().items() if not all(catalogue.get(text, [""]))}
    assert not missing


def test_every_place_of_a_text_is_kept(catalogue: dict[str, list[str]]) -> None:
    broken = {
        text: said
        for text, forms in catalogue.items()
        for said in forms
        if set(PLACE.findall(said)) != set(PLACE.findall(text))
    }
    assert not broken


def test_no_chinese_stands_for_a_text_that_is_gone(catalogue: dict[str, list[str]]) -> None:
    assert not set(catalogue) - set(texts())


def test_the_catalogue_compiles_without_outside_tools(tmp_path: Path) -> None:
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_bytes((LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.po").read_bytes())
    assert compile_translations(folder=tmp_path) == [folder / "django.mo"]
    assert compile_translations(folder=tmp_path) == []
