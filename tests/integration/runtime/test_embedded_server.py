"""The embedded PostgreSQL starts, holds what it acknowledged, and leaves nothing behind."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from watchfloor.settings.embedded.errors import AlreadyOwned, PlaceUnfit, ProgramsMissing
from watchfloor.settings.embedded.places import LONGEST_SOCKET_PATH, places_of
from watchfloor.settings.embedded.server import Server

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
NOBODY = 65534

WRITING_OWNER = """
    import sys
    from pathlib import Path
    from watchfloor.settings.embedded.server import Server
    server = Server(Path(sys.argv[1]), by_pipe="pipe" in sys.argv).start()
    with server.connect() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n bigint PRIMARY KEY)")
        n = connection.execute("SELECT coalesce(max(n), 0) FROM kept").fetchone()[0]
        print("server", server.pid, flush=True)
        while True:
            n += 1
            connection.execute("INSERT INTO kept VALUES (%s)", [n])
            print(n, flush=True)
"""


def read_until(process: subprocess.Popen[str], count: int) -> tuple[int, int]:
    """Return the server's process id and the last row that was acknowledged."""
    assert process.stdout
    server = int(process.stdout.readline().split()[1])
    last = 0
    for _ in range(count):
        last = int(process.stdout.readline())
    return server, last


def drain(process: subprocess.Popen[str], last: int) -> int:
    """Return the last acknowledged row, after the process has ended."""
    assert process.stdout
    lines = process.stdout.read().splitlines()
    process.wait()
    whole = [int(line) for line in lines if line.isdigit()]
    # The very last line may have been cut by the kill; it is then smaller than the one before.
    return max([last, *whole[:-1]])


def kept_rows(data: Path) -> list[int]:
    with Server(data) as server, server.connect() as connection:
        return [row[0] for row in connection.execute("SELECT n FROM kept ORDER BY n")]


def test_a_new_server_is_utf8_with_its_own_locale_and_listens_on_no_port(data: Path) -> None:
    with Server(data) as server, server.connect() as connection:
        found = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datlocprovider, datlocale, "
            "current_setting('listen_addresses'), current_setting('synchronous_commit'), "
            "current_setting('jit') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert found == ("UTF8", "b", "C.UTF-8", "", "on", "off")


def test_rows_stay_from_one_start_to_the_next(data: Path) -> None:
    with Server(data) as server, server.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    assert kept_rows(data) == [7]


def test_a_second_owner_is_told_who_the_first_is(data: Path) -> None:
    with Server(data) as server:
        with pytest.raises(AlreadyOwned, match=rf"process {os.getpid()}"):
            Server(data).start()
        with server.connect() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_two_operations_run_side_by_side(data: Path) -> None:
    with Server(data / "one") as one, Server(data / "two") as two:
        with one.connect() as first, two.connect() as second:
            first.execute("CREATE TABLE mine AS SELECT 1 AS n")
            with pytest.raises(psycopg.errors.UndefinedTable):
                second.execute("SELECT * FROM mine")
        assert one.pid != two.pid


@pytest.mark.parametrize("tie", ["signal", "pipe"])
def test_killing_the_owner_ends_the_server_and_loses_no_acknowledged_row(
    data: Path, owner: Callable[..., subprocess.Popen[str]], await_nothing_in: Callable[..., None], tie: str
) -> None:
    process = owner(WRITING_OWNER, data, tie)
    _, last = read_until(process, 30)
    process.kill()
    last = drain(process, last)
    await_nothing_in(data)
    assert kept_rows(data)[:last] == list(range(1, last + 1))


def test_killing_the_owner_and_starting_at_once_waits_for_the_old_server(
    data: Path, owner: Callable[..., subprocess.Popen[str]]
) -> None:
    process = owner(WRITING_OWNER, data)
    _, last = read_until(process, 30)
    process.kill()
    process.wait()
    assert len(kept_rows(data)) >= last


def test_killing_the_server_loses_no_acknowledged_row(
    data: Path, owner: Callable[..., subprocess.Popen[str]]
) -> None:
    process = owner(WRITING_OWNER, data)
    server, last = read_until(process, 30)
    os.kill(server, signal.SIGKILL)
    last = drain(process, last)
    assert kept_rows(data)[:last] == list(range(1, last + 1))


def test_a_killed_server_is_restarted_by_its_owner(data: Path) -> None:
    with Server(data) as server:
        with server.connect() as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)
        while server.ended() is None:
            time.sleep(0.01)
        server.restart()
        with server.connect() as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


@pytest.mark.parametrize("pid", [1, 2**22 - 3, "own"])
def test_a_stale_pid_file_does_not_stand_in_the_way(data: Path, pid: int | str) -> None:
    with Server(data) as server:
        cluster = server.places.cluster
    written = os.getpid() if pid == "own" else pid
    (cluster / "postmaster.pid").write_text(f"{written}\n{cluster}\n1700000000\n5432\n\n\n")
    with Server(data) as server, server.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_half_made_cluster_is_made_again(data: Path) -> None:
    draft = data / "postgresql" / "cluster.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    with Server(data) as server, server.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_files_of_a_version_that_is_not_installed_are_refused_untouched(data: Path) -> None:
    cluster = data / "postgresql" / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("99\n")
    with pytest.raises(ProgramsMissing, match="PostgreSQL 99"):
        Server(data).start()
    assert [entry.name for entry in cluster.iterdir()] == ["PG_VERSION"]


def test_a_deep_data_directory_gets_a_short_private_socket_directory(data: Path) -> None:
    deep = data / ("d" * 60) / ("e" * 60)
    with Server(deep) as server, server.connect() as connection:
        sockets = server.places.sockets
        assert len(str(server.places.socket)) <= LONGEST_SOCKET_PATH
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert places_of(deep).sockets == sockets
    sockets.rmdir()


def test_a_socket_directory_that_others_may_enter_is_refused(data: Path) -> None:
    deep = data / ("d" * 60) / ("f" * 60)
    sockets = places_of(deep).sockets
    sockets.mkdir()
    sockets.chmod(0o777)
    try:
        with pytest.raises(PlaceUnfit, match="not a private directory"):
            Server(deep).start()
    finally:
        sockets.rmdir()


def test_nothing_outside_the_data_directory_changes_its_mode_or_owner(data: Path) -> None:
    watched = [*data.parents, Path(sys.prefix), *Path(sys.prefix).parents]

    def look() -> list[tuple[int, int, int]]:
        found = [place.stat() for place in watched]
        return [(state.st_mode, state.st_uid, state.st_gid) for state in found]

    before = look()
    with Server(data):
        assert look() == before
    assert look() == before


@AS_ROOT
def test_as_root_the_server_runs_as_a_private_user_and_its_files_are_closed(data: Path) -> None:
    with Server(data) as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid not in {0, NOBODY}
        assert stat.S_IMODE(server.places.cluster.stat().st_mode) == 0o700
        assert stat.S_IMODE(server.places.sockets.stat().st_mode) == 0o700
        assert server.places.cluster.stat().st_uid == Path(f"/proc/{server.pid}").stat().st_uid


@AS_ROOT
def test_as_root_a_closed_data_directory_gets_its_database_elsewhere_and_stays_closed(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data.mkdir()
    data.chmod(0o700)
    system = data.parent / "system"
    monkeypatch.setattr("watchfloor.settings.embedded.cluster.SYSTEM_DIRECTORY", system)
    with Server(data) as server, server.connect() as connection:
        assert server.places.home.parent == system
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert kept_rows(data) == [7]


@AS_ROOT
def test_as_root_a_place_that_nobody_else_may_enter_is_refused_with_what_to_do(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data.mkdir()
    data.chmod(0o700)
    monkeypatch.setattr("watchfloor.settings.embedded.cluster.SYSTEM_DIRECTORY", data / "also-closed")
    with pytest.raises(PlaceUnfit, match="Set WATCHFLOOR_DATA"):
        Server(data).start()


@AS_ROOT
def test_as_root_programs_in_a_closed_place_are_copied(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "watchfloor.settings.embedded.binaries.closed_parent", lambda *_, **__: Path("/closed")
    )
    with Server(data) as server, server.connect() as connection:
        program = Path(f"/proc/{server.pid}/exe").readlink()
        assert program.is_relative_to(server.places.home)
        assert connection.execute("SELECT 1").fetchone() == (1,)


@AS_ROOT
def test_as_a_normal_user_the_server_runs_as_that_user(
    data: Path, owner: Callable[..., subprocess.Popen[str]], await_nothing_in: Callable[..., None]
) -> None:
    data.mkdir()
    os.chown(data, NOBODY, NOBODY)
    process = owner(WRITING_OWNER, data, uid=NOBODY)
    server, last = read_until(process, 10)
    assert Path(f"/proc/{server}").stat().st_uid == NOBODY
    process.kill()
    await_nothing_in(data)
    assert len(kept_rows(data)) >= last
    assert data.stat().st_uid == NOBODY
