"""Says errors in the viewer's language. The rooms below speak English, to commands and the API alike.

An English sentence is recognised by its template (`errors.po`: `{0}`, `{1}` … stand for its values) and
said anew with the same values. What is not recognised stays as it is.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

from babel.messages.pofile import read_po
from django.utils.translation import get_language, to_locale

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.shell.translations import LOCALE

LONGEST_TEXT = 4000
_DEEPEST = 3
_MOST_SENTENCES = 16


@dataclass(frozen=True, slots=True)
class _Template:
    """A sentence: the literals around its values, and how it is said."""

    literals: tuple[str, ...]
    said: str

    def values(self, text: str) -> list[str] | None:
        """Return the values that `text` puts between the literals, or None when it is another sentence.

        Each literal is taken where it stands first, so that no text, however hostile, is read more than once.
        """
        first, *inner, last = self.literals
        if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
            return None
        place, end, found = len(first), len(text) - len(last), []
        for literal in inner:
            at = text.find(literal, place, end)
            if at < 0:
                return None
            found.append(text[place:at])
            place = at + len(literal)
        return [*found, text[place:end]]


@dataclass(frozen=True, slots=True)
class Said:
    """A message and its remedy, as a page shows them."""

    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


def said(error: WatchfloorError | str) -> Said:
    """Return an error, or the text of one that was kept, in the language that is active."""
    if isinstance(error, WatchfloorError):
        return Said(told(error.message), told(error.remedy))
    return Said(told(str(error)))


def told(text: str) -> str:
    """Return what an error says, in the language that is active; texts of no error stay as they are."""
    language = get_language() or "en"
    if not text or len(text) > LONGEST_TEXT or not _templates(language)[0]:
        return text
    return _told(text, language, depth=0) or text


def sentences(language: str) -> dict[str, str]:
    """Return the templates of a language: the English one → how it is said."""
    source: Path = LOCALE / to_locale(language) / "LC_MESSAGES" / "errors.po"
    if not source.is_file():
        return {}
    with source.open("rb") as file:
        return {str(each.id): str(each.string) for each in read_po(file) if each.id}


@cache
def _templates(language: str) -> tuple[dict[str, str], tuple[_Template, ...]]:
    """Return the sentences without values, and those with values, in the order in which they are tried.

    Those that begin with words of their own come before those that begin with a value, and among them the one
    that says most by itself comes first.
    """
    whole, with_values = {}, []
    for english, other in sentences(language).items():
        literals = _literals(english)
        if len(literals) == 1:
            whole[literals[0]] = other.format()
        else:
            with_values.append(_Template(literals, other))
    with_values.sort(key=lambda each: (not each.literals[0], -sum(map(len, each.literals)), each.literals))
    return whole, tuple(with_values)


def _literals(template: str) -> tuple[str, ...]:
    literals = [""]
    for literal, field, _, _ in Formatter().parse(template):
        literals[-1] += literal
        if field is not None:
            literals.append("")
    return tuple(literals)


def _told(text: str, language: str, *, depth: int) -> str | None:
    """Return a text of several sentences, each as a known one; None when not even the first is known.

    Two short sentences are preferred to a long one whose value would hold a full stop.
    """
    starts = [0]
    while (place := text.find(". ", starts[-1])) >= 0 and len(starts) < _MOST_SENTENCES:
        starts.append(place + 2)
    ends = [start - 1 for start in starts[1:]] + [len(text)]
    rests: list[str | None] = [None] * len(starts) + [""]
    for first in range(len(starts) - 1, -1, -1):
        for last in range(first, len(starts)):
            rest = rests[last + 1]
            if rest is not None and (
                one := _sentence(text[starts[first] : ends[last]], language, depth=depth)
            ):
                rests[first] = one + rest
                break
    if rests[0] is not None:
        return rests[0]
    for last in range(len(starts) - 1):
        if one := _sentence(text[: ends[last]], language, depth=depth):
            return one + text[starts[last + 1] :]
    return None


def _sentence(text: str, language: str, *, depth: int) -> str | None:
    whole, with_values = _templates(language)
    if text in whole:
        return whole[text]
    for each in with_values:
        values = each.values(text)
        if values is not None:
            inner = [_value(value, language, depth=depth + 1) for value in values]
            return each.said.format(*inner)
    return None


def _value(value: str, language: str, *, depth: int) -> str:
    """Return a value; one that is itself a sentence, such as a fault within a message, is said too."""
    if depth >= _DEEPEST or (not value.endswith(".") and value not in _templates(language)[0]):
        return value
    return _told(value, language, depth=depth) or value
