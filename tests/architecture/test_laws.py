"""The walls of the house that the import contracts do not see: length, names, locks, silences, clocks."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WALL_LINES = 400
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc"}


def tracked_files(*patterns: str) -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / line for line in listing.splitlines() if (ROOT / line).is_file()]


SOURCES = [
    path for path in tracked_files("src/**", "benchmarks/**", "scripts/**") if "migrations" not in path.parts
]
WRITTEN = [path for path in SOURCES if path.suffix in {".py", ".sql", ".css", ".js", ".html", ".yaml", ""}]


def test_no_source_file_is_longer_than_the_wall() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in WRITTEN}
    long = {path: lines for path, lines in lengths.items() if lines > WALL_LINES}
    assert not long, f"split by topic; {WALL_LINES} lines is the wall: {long}"


def test_no_file_or_folder_is_named_for_nothing() -> None:
    nameless = [str(path) for path in SOURCES if FORBIDDEN_NAMES & {path.stem, *path.parts}]
    assert not nameless


def test_the_readme_and_the_architecture_stay_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 100
    assert len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) <= 200


@pytest.mark.parametrize("name", ["run.txt", "dev.txt", "spark.txt"])
def test_the_locked_requirements_are_hashed_and_hold_no_address(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    assert "://" not in text
    pins = re.findall(r"^[A-Za-z0-9][^\s]*==", text, flags=re.MULTILINE)
    assert pins
    assert text.count("--hash=sha256:") >= len(pins)


def test_no_tracked_file_is_large() -> None:
    sizes = {str(path.relative_to(ROOT)): path.stat().st_size for path in tracked_files()}
    large = {path: size for path, size in sizes.items() if size > 1_000_000}
    assert not large


def test_each_silenced_warning_has_its_reason_beside_it() -> None:
    bare = []
    for path in SOURCES:
        if path.suffix != ".py":
            continue
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            if re.search(r"#\s*(type:\s*ignore|noqa)", line) and not re.search(
                r"#\s*(type:\s*ignore\[[^\]]+\]|noqa:\s*[A-Z]+[0-9]+(, [A-Z]+[0-9]+)*)[\s#—:;-]+[\w`]", line
            ):
                bare.append(f"{path.relative_to(ROOT)}:{number}")
    assert not bare, f"say why beside the silence: {bare}"


def test_no_module_reads_the_wall_clock_without_a_zone() -> None:
    naive = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.suffix == ".py" and re.search(r"datetime\.utcnow|datetime\.now\(\)", path.read_text())
    ]
    assert not naive


def test_science_and_kernel_read_no_clock() -> None:
    rooms = [ROOT / "src/watchfloor/kernel", ROOT / "src/watchfloor/science"]
    reading = [
        str(path.relative_to(ROOT))
        for room in rooms
        for path in room.rglob("*.py")
        if re.search(r"\btime\.time\(|datetime\.now\(|perf_counter", path.read_text())
    ]
    assert not reading
