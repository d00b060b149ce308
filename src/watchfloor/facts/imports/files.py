"""The log's files on disk: unpacked, hashed, turned to UTF-8, and checked for room first.

What stands in a file's rows is read by `facts.imports.reading`.
"""

import codecs
import gzip
import hashlib
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from watchfloor.facts.imports.errors import NoRoomError, SourceFileError

_CHUNK_BYTES = 1 << 20
_KEEP_FREE_BYTES = 512 << 20
_CONTROL = bytes(code for code in range(32) if code not in (9, 10, 13)) + b"\x7f"

Progress = Callable[[str, int, int], None]


def silent(step: str, done: int, total: int) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class LogFile:
    """One plain file of rows, ready to be read.

    `path` holds the rows (unpacked when the given file was packed); `given` is the file as the user named it,
    and
    `sha256` and `size_bytes` are those of the given file. `irregular` says that a carriage return stands
    alone,
    `has_control` that there are control characters.
    """

    given: Path
    name: str
    path: Path
    sha256: str
    size_bytes: int
    irregular: bool
    has_control: bool


def open_files(paths: list[Path], *, workspace: Path, progress: Progress = silent) -> list[LogFile]:
    """Return the plain files behind `paths`, unpacked into `workspace` where they were packed.

    Raises:
        SourceFileError: a file is missing, empty, unreadable or cut short.
        NoRoomError: the disk would run full.

    """
    files: list[LogFile] = []
    for number, path in enumerate(paths):
        try:
            head, size = head_of(path), path.stat().st_size
        except IsADirectoryError as error:
            raise SourceFileError(f"{path} is a folder.", remedy="Name the files in it.") from error
        except OSError as error:
            raise SourceFileError(
                f"{path} cannot be read: {error.strerror}.", remedy="Check its path."
            ) from error
        if not size:
            raise SourceFileError(f"{path} is empty (0 bytes).", remedy="Leave it out, or fetch it again.")
        need_room(workspace, size, what=str(path))
        folder = workspace / f"file{number}"
        folder.mkdir(parents=True, exist_ok=True)
        for name, plain in _members(path, head, folder):
            progress(f"Reading {name}", 0, 0)
            files.append(_scanned(path, name, plain))
    return files


def head_of(path: Path) -> bytes:
    """Return the first four bytes, which say how a file is packed."""
    with path.open("rb") as file:
        return file.read(4)


def need_room(folder: Path, size_bytes: int, *, what: str) -> None:
    """Check that `size_bytes` fit on the disk of `folder`, with a reserve.

    Raises:
        NoRoomError: they do not.

    """
    free = shutil.disk_usage(folder).free
    if free < size_bytes + _KEEP_FREE_BYTES:
        raise NoRoomError(
            f"{what} needs about {size_bytes / 1e9:.1f} GB of working space; {folder} has "
            f"{free / 1e9:.1f} GB free.",
            remedy="Free disk space, or set TMPDIR to a larger disk.",
        )


def to_utf8(path: Path, *, encoding: str, target: Path, name: str) -> Path:
    """Return `target`, holding the text of `path` in UTF-8.

    Raises:
        SourceFileError: the encoding is unknown, or a byte does not fit it.

    """
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError as error:
        raise SourceFileError(
            f"The encoding {encoding!r} is unknown.", remedy="Use a name such as utf-8, latin-1 or utf-16."
        ) from error
    done = 0
    with path.open("rb") as source, target.open("wb") as sink:
        while True:
            chunk = source.read(_CHUNK_BYTES)
            try:
                sink.write(decoder.decode(chunk, final=not chunk).encode("utf-8"))
            except UnicodeError as error:
                raise SourceFileError(
                    f"{name} is not {encoding}: {error} near byte {done:,}.",
                    remedy="Set `encoding` in the mapping's source.",
                ) from error
            if not chunk:
                return target
            done += len(chunk)


def first_bad_utf8(path: Path) -> tuple[int, int] | None:
    """Return (byte, line), counted from 1, of the first byte that is no UTF-8; None when all are."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    done, lines, pending = 0, 1, 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK_BYTES)
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                at = error.start - pending
                return done + at + 1, lines + chunk[: max(at, 0)].count(b"\n")
            if not chunk:
                return None
            pending = len(decoder.getstate()[0])
            done += len(chunk)
            lines += chunk.count(b"\n")


def _members(path: Path, head: bytes, folder: Path) -> Iterator[tuple[str, Path]]:
    if head[:2] == b"\x1f\x8b":
        name = path.name.removesuffix(".gz")
        target = folder / "rows"
        with gzip.open(path) as packed:
            _unpack(cast("BinaryIO", packed), target, name=path.name)
        yield name, target
    elif head == b"PK\x03\x04":
        yield from _zip_members(path, folder)
    elif head[:2] == b"PK":
        raise SourceFileError(f"{path} is a zip archive without files.", remedy="Fetch it again.")
    else:
        yield path.name, path


def _zip_members(path: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [
                m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")
            ]
            for number, member in enumerate(members):
                if member.flag_bits & 1:
                    raise SourceFileError(f"{path} is encrypted.", remedy="Unpack it first.")
                need_room(folder, member.file_size, what=f"{path.name}:{member.filename}")
                target = folder / f"member{number}"
                with archive.open(member) as packed:
                    _unpack(cast("BinaryIO", packed), target, name=f"{path.name}:{member.filename}")
                inner = head_of(target)
                if inner[:2] in (b"\x1f\x8b", b"PK"):
                    deeper = folder / f"inside{number}"
                    deeper.mkdir()
                    yield from _members_of_member(path, member.filename, target, inner, deeper)
                else:
                    yield Path(member.filename).name, target
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise SourceFileError(
            f"{path} is no readable zip archive: {error}.", remedy="It may be cut short; fetch it again."
        ) from error


def _members_of_member(
    path: Path, member: str, unpacked: Path, head: bytes, folder: Path
) -> Iterator[tuple[str, Path]]:
    named = folder / Path(member).name
    unpacked.rename(named)
    if head[:2] == b"PK" and path.parent.name.startswith("inside"):
        raise SourceFileError(f"{path} holds zip archives more than two deep.", remedy="Unpack it first.")
    yield from _members(named, head, folder)


def _unpack(packed: BinaryIO, target: Path, *, name: str) -> None:
    done = checked = 0
    try:
        with target.open("wb") as sink:
            while chunk := packed.read(_CHUNK_BYTES):
                sink.write(chunk)
                done += len(chunk)
                if done - checked > 256 * _CHUNK_BYTES:
                    need_room(target.parent, _CHUNK_BYTES, what=f"Unpacking {name}")
                    checked = done
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
        raise SourceFileError(
            f"{name} is cut short or damaged after {done:,} unpacked bytes: {error}.",
            remedy="Fetch it again.",
        ) from error
    if not done:
        raise SourceFileError(f"{name} is empty once unpacked.", remedy="Leave it out, or fetch it again.")


def _scanned(given: Path, name: str, plain: Path) -> LogFile:
    """Hash the given file and look over the plain one, side by side."""
    with ThreadPoolExecutor(1) as pool:
        hashed = pool.submit(_sha256, given)
        controls = returns = windows_ends = 0
        last = b""
        with plain.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                controls += len(chunk) - len(chunk.translate(None, _CONTROL))
                if b"\r" in chunk or last == b"\r":
                    returns += chunk.count(b"\r")
                    windows_ends += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
                last = chunk[-1:]
    return LogFile(
        given=given,
        name=name,
        path=plain,
        sha256=hashed.result(),
        size_bytes=given.stat().st_size,
        irregular=returns != windows_ends,
        has_control=controls > 0,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
