"""Reads a case's content: the shape that platforms send, turned into parts that a page can show.

The shape (every key is optional; a key that is not listed is shown in a table, never dropped):

    kind         text, image, video, audio, conversation, account or mixed; guessed from the rest when absent
    title, text  what was written
    translation  a text, or texts by language: {"en": "…", "zh-hans": "…"}
    author       a name, or {"name", "handle", "bio", "joined", "followers", "translation", "picture": media}
    posted_at    an instant
    context      what it answers to: a text, or [{"author", "text", "translation"}, …]
    media        [{"kind": image|video|audio|frames, "url", "alt", "poster", "seconds", "transcript",
                 "frames": [url, …], "sound": url}, …]; a single one may stand without the list
    messages     [{"from", "text", "at", "translation", "reported": true, "media": […]}, …]
    items        further contents of the same shape, for kind mixed

Everything here is data from strangers: it is escaped by the templates, and media is shown only from the
platform's origins (see `console.origins`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from watchfloor.operations.console.origins import is_allowed

KINDS = ("text", "image", "video", "audio", "conversation", "account", "mixed")
MEDIA_KINDS = ("image", "video", "audio", "frames")
DEEPEST = 2
MOST_MESSAGES = 200
MOST_FRAMES = 60

_READ = frozenset(
    ("kind", "title", "text", "translation", "author", "posted_at", "context", "media", "messages", "items")
)
_SILENT = frozenset(("simulated", "simulated_truth"))


@dataclass(frozen=True, slots=True)
class Media:
    """One picture, clip, sound or strip of frames; `is_allowed` says whether the page may load it."""

    kind: str
    url: str
    alt: str
    is_allowed: bool
    origin: str = ""
    poster: str = ""
    seconds: float | None = None
    transcript: str = ""
    frames: tuple[str, ...] = ()
    sound: str = ""


@dataclass(frozen=True, slots=True)
class Writing:
    """A text with who wrote it, when, and its translation into the reader's language."""

    text: str
    author: str = ""
    at: str = ""
    translation: str = ""
    is_reported: bool = False
    is_own: bool = False
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class Author:
    """Who published it, as the platform describes them."""

    name: str = ""
    handle: str = ""
    bio: str = ""
    translation: str = ""
    joined: str = ""
    followers: str = ""
    picture: Media | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A content in the parts that a page shows."""

    kind: str
    title: str = ""
    text: str = ""
    translation: str = ""
    language: str = ""
    author: Author | None = None
    posted_at: str = ""
    context: tuple[Writing, ...] = ()
    media: tuple[Media, ...] = ()
    messages: tuple[Writing, ...] = ()
    messages_left_out: int = 0
    items: tuple["Shown", ...] = ()
    others: tuple[tuple[str, str], ...] = field(default=())
    is_simulated: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look at."""
        parts = (self.title, self.text, self.author, self.context, self.media, self.messages, self.items)
        return not any(parts) and not self.others

    @property
    def media_urls(self) -> list[str]:
        """What the page will load, so that it can be loaded ahead."""
        own = [url for one in self.media if one.is_allowed for url in (one.url, one.poster, *one.frames[:1])]
        return [url for url in (*own, *(url for item in self.items for url in item.media_urls)) if url]


def shown(
    content: Mapping[str, Any], *, reader: str = "en", language: str = "", origins: Iterable[str] = ()
) -> Shown:
    """Return the content in parts; `reader` is the language that translations are wanted in.

    >>> shown({"text": "Hello", "colour": "red"}).others
    (('colour', 'red'),)
    >>> shown({"messages": [{"from": "a", "text": "hi"}]}).kind
    'conversation'
    """
    return _Reader(reader=reader, origins=tuple(origins)).read(content, language=language, depth=0)


@dataclass(frozen=True, slots=True)
class _Reader:
    reader: str
    origins: tuple[str, ...]

    def read(self, content: Mapping[str, Any], *, language: str, depth: int) -> Shown:
        media = self._media_list(content.get("media"))
        messages = [self._writing(each, language) for each in _many(content.get("messages"))]
        items = _many(content.get("items")) if depth < DEEPEST else []
        text = _text(content.get("text"))
        return Shown(
            kind=_kind(content, media, messages, items),
            title=_text(content.get("title")),
            text=text,
            translation=self._translation(content.get("translation"), text, language),
            language=language,
            author=self._author(content.get("author"), language),
            posted_at=_text(content.get("posted_at")),
            context=tuple(self._writing(each, language) for each in _many(content.get("context"))[:20]),
            media=media,
            messages=tuple(messages[-MOST_MESSAGES:]),
            messages_left_out=max(0, len(messages) - MOST_MESSAGES),
            items=tuple(
                self.read(each, language=language, depth=depth + 1)
                for each in items[:20]
                if isinstance(each, Mapping)
            ),
            others=tuple(
                (str(key), _plain(value))
                for key, value in content.items()
                if key not in _READ and key not in _SILENT
            ),
            is_simulated=content.get("simulated") is True,
        )

    def _translation(self, written: object, text: str, language: str) -> str:
        """Return the translation that helps the reader; none where they read the text's own language."""
        if language and self.reader.startswith(language):
            return ""
        if isinstance(written, Mapping):
            chosen = written.get(self.reader) or written.get("en") or next(iter(written.values()), "")
        else:
            chosen = written
        found = _text(chosen)
        return "" if found == text else found

    def _author(self, written: object, language: str) -> Author | None:
        if isinstance(written, str) and written:
            return Author(name=written)
        if not isinstance(written, Mapping):
            return None
        pictures = self._media_list(written.get("picture"))
        return Author(
            name=_text(written.get("name")),
            handle=_text(written.get("handle")),
            bio=_text(written.get("bio")),
            translation=self._translation(written.get("translation"), _text(written.get("bio")), language),
            joined=_text(written.get("joined")),
            followers=_text(written.get("followers")),
            picture=pictures[0] if pictures else None,
        )

    def _writing(self, written: object, language: str) -> Writing:
        if not isinstance(written, Mapping):
            return Writing(text=_text(written))
        author = written.get("from") or written.get("author")
        text = _text(written.get("text"))
        return Writing(
            text=text,
            author=_text(author.get("name") if isinstance(author, Mapping) else author),
            at=_text(written.get("at")),
            translation=self._translation(written.get("translation"), text, language),
            is_reported=written.get("reported") is True,
            is_own=written.get("own") is True,
            media=self._media_list(written.get("media")),
        )

    def _media_list(self, written: object) -> tuple[Media, ...]:
        return tuple(
            self._media(each if isinstance(each, Mapping) else {"url": each})
            for each in _many(written)[:40]
            if isinstance(each, Mapping | str)
        )

    def _media(self, written: Mapping[str, Any]) -> Media:
        url = _text(written.get("url"))
        frames = tuple(_text(each) for each in _many(written.get("frames"))[:MOST_FRAMES])
        sound, poster = _text(written.get("sound")), _text(written.get("poster"))
        kind = written.get("kind")
        if kind not in MEDIA_KINDS:
            kind = "frames" if frames else "image"
        loaded = [each for each in (url, poster, sound, *frames) if each]
        allowed = bool(loaded) and all(is_allowed(each, origins=self.origins) for each in loaded)
        return Media(
            kind=str(kind),
            url=url,
            alt=_text(written.get("alt")),
            is_allowed=allowed,
            origin=loaded[0] if loaded and not allowed else "",
            poster=poster,
            seconds=_number(written.get("seconds")),
            transcript=_text(written.get("transcript")),
            frames=frames,
            sound=sound,
        )


def _kind(
    content: Mapping[str, Any], media: tuple[Media, ...], messages: list[Writing], items: list[Any]
) -> str:
    written = content.get("kind")
    if written in KINDS:
        return str(written)
    if items:
        return "mixed"
    if messages:
        return "conversation"
    if media:
        return {"frames": "video"}.get(media[0].kind, media[0].kind)
    return "text"


def _many(value: object) -> list[Any]:
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _text(value: object) -> str:
    if value is None or isinstance(value, bool):
        return ""
    return value if isinstance(value, str) else _plain(value)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value < 10**7 else None


def _plain(value: object, *, depth: int = 0) -> str:
    """Return any value as readable text: lists by commas, mappings as `key: value`, cut where deep."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, Mapping):
        if depth >= DEEPEST:
            return "…"
        return "; ".join(f"{key}: {_plain(each, depth=depth + 1)}" for key, each in list(value.items())[:50])
    if isinstance(value, list | tuple):
        return "…" if depth >= DEEPEST else ", ".join(_plain(each, depth=depth + 1) for each in value[:50])
    return str(value)
