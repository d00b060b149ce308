"""A file that cannot be read is one clear error, and nothing of it is loaded."""

import gzip
import io
import random
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.facts.imports import SourceFileError, list_imports, mapping_from_text, run_import
from watchfloor.facts.imports import files as log_files
from watchfloor.facts.imports.errors import NoRoomError
from watchfloor.facts.store import FactStore


@pytest.fixture
def refused(load, store):
    """Return a function that imports what must be refused, and returns what was said."""

    def attempt(path, *, error=SourceFileError, using=None):
        with pytest.raises(error) as caught:
            load(path, using=using)
        assert store.snapshot().number == 0
        assert not list(store.folder.glob("_imports/*/report.json"))
        return str(caught.value)

    return attempt


def test_a_missing_file(tmp_path, refused):
    assert "log.csv cannot be read: No such file or directory" in refused(tmp_path / "log.csv")


def test_a_folder(tmp_path, refused):
    assert "is a folder" in refused(tmp_path)


def test_an_empty_file(tmp_path, refused):
    (tmp_path / "log.csv").touch()
    assert "is empty (0 bytes)" in refused(tmp_path / "log.csv")


def test_a_header_alone_is_no_error_and_loads_nothing(log, load, store):
    report = load(log())
    assert (report.rows_read, report.state, store.snapshot().number) == (0, "unchanged", 0)


def test_a_missing_column_suggests_the_nearest(log, header, good, refused):
    said = refused(log(good, header=header.replace("queue", "queues")))
    assert "has no column 'queue'" in said
    assert "Did you mean 'queues'?" in said


def test_a_header_with_the_same_name_twice(log, header, good, refused):
    assert "has the column 'id' 2 times" in refused(log(good, header=header.replace("text", "id")))


def test_a_file_of_another_mapping_says_what_was_expected(tmp_path, refused):
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    assert "Expected rows: log*" in refused(path)


def test_a_file_is_recognised_by_its_columns_when_its_name_says_nothing(log, good, load):
    assert load(log(good, name="export-7.csv")).rows_loaded == 1


def test_text_that_is_no_utf8_names_the_byte_and_the_line(log, good, refused):
    path = log(good, good.replace("r1", "r2").replace("fine", "café"), encoding="latin-1")
    place = path.read_bytes().index(b"\xe9") + 1
    assert f"is not UTF-8: byte {place}, line 3" in refused(path)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp1252"])
def test_another_encoding_is_read_when_the_mapping_names_it(log, good, load, rows, encoding):
    using = _with(f'match: ["log*"]\n    encoding: {encoding}')
    report = load(log(good.replace("fine", "café"), encoding=encoding), using=using)
    assert report.rows_loaded == 1
    assert "café" in rows()[0]["answer_json"]


def test_an_unknown_encoding(log, good, refused):
    assert "'klingon' is unknown" in refused(log(good), using=_with('match: ["log*"]\n    encoding: klingon'))


def test_a_byte_order_mark_is_no_part_of_the_first_column(log, good, load):
    assert load(log(good, encoding="utf-8-sig")).rows_loaded == 1


def test_a_gzip_file_that_is_cut_short(log, good, refused, tmp_path):
    whole = gzip.compress(log(*[good.replace("r1", f"r{n}") for n in range(5000)]).read_bytes())
    path = tmp_path / "log.csv.gz"
    path.write_bytes(whole[: len(whole) // 2])
    assert "is cut short or damaged" in refused(path)


def test_a_zip_file_that_is_cut_short(tmp_path, refused):
    path = tmp_path / "log.zip"
    path.write_bytes(_zipped({"log.csv": random.Random(1).randbytes(10_000)})[:5_000])
    assert "no readable zip archive" in refused(path)


def test_a_zip_archive_of_several_files_and_of_zip_archives(log, header, good, load, tmp_path):
    body = f"{header}\n{good}\n".encode()
    inner = _zipped({"log-2.csv": body.replace(b"r1", b"r2")})
    path = tmp_path / "log.zip"
    path.write_bytes(_zipped({"log-1.csv": body, "log-2.zip": inner, "__MACOSX/._log-1.csv": b"junk"}))
    report = load(path)
    assert [file.name for file in report.files] == ["log-1.csv", "log-2.csv"]
    assert report.rows_loaded == 2


def test_a_disk_that_is_too_small_is_noticed_before_anything_is_read(log, good, refused, monkeypatch):
    monkeypatch.setattr(log_files, "_KEEP_FREE_BYTES", 1 << 60)
    assert "GB free" in refused(log(good), error=NoRoomError)


def test_a_lone_carriage_return_ends_a_record_and_its_halves_are_rejected(log, good, load):
    report = load(log(good, good.replace("r1", "r2").replace("ann", "an\rn"), good.replace("r1", "r3")))
    assert (report.rows_read, report.rows_loaded, report.rows_rejected) == (4, 2, 2)
    assert {o.check: o.count for o in report.observations}["broken_record"] == 2


def test_text_over_several_lines_stays_one_record(log, good, load, rows):
    report = load(log(good.replace("fine", '"two\nlines, ""quoted"""')))
    assert report.rows_read == 1
    assert "two\\nlines" in rows()[0]["answer_json"]


def test_control_characters_are_removed_from_facts_and_counted(log, good, load, rows):
    report = load(log(good.replace("fine", "fi\x00n\x1be"), good.replace("r1", "r2")))
    assert {row["answer_json"] for row in rows()} == {'{"text":"fine"}'}
    (found,) = [o for o in report.observations if o.check == "control_characters"]
    assert (found.count, found.examples) == (1, [{"row": 1}])


def test_a_quote_that_is_never_closed_loads_nothing_by_mistake(log, good, load):
    lines = [good.replace("r1", f"r{n}") for n in range(3)]
    report = load(log(lines[0].replace("fine", '"fine'), *lines[1:]))
    assert report.balanced
    assert report.rows_read == 1  # the rest of the file is inside the quote


def test_an_instant_without_an_offset_needs_a_time_zone(log, good, load):
    using = _with("start: {type: instant}", of="start: {type: instant, time_zone: Asia/Manila}")
    report = load(log(good), using=using)
    assert report.rejected == {"start: instant without an offset, and the mapping names no time zone": 1}


def test_a_damaged_parquet_file(tmp_path, refused):
    path = tmp_path / "log.parquet"
    path.write_bytes(b"PAR1" + b"\x00" * 100)
    assert "no readable Parquet file" in refused(path, using=_with('match: ["log*"]\n    format: parquet'))


def test_a_failure_while_writing_leaves_nothing_behind(log, good, mapping, tmp_path, monkeypatch):
    def stop(step):
        if step == "before manifest":
            raise KeyboardInterrupt

    broken = FactStore(tmp_path / "facts", "mine", at_step=stop)
    now = datetime(2026, 6, 1, tzinfo=UTC)
    with pytest.raises(KeyboardInterrupt):
        run_import(mapping, [log(good)], broken, now=now)
    healthy = FactStore(tmp_path / "facts", "mine")
    assert healthy.snapshot().number == 0
    report = run_import(mapping, [log(good)], healthy, now=now)
    assert (report.rows_loaded, healthy.snapshot().row_count("review")) == (1, 1)


def test_an_import_that_dies_right_after_publishing_is_still_reported(log, good, mapping, tmp_path):
    def stop(step):
        if step == "published":
            raise KeyboardInterrupt

    now = datetime(2026, 6, 1, tzinfo=UTC)
    dying = FactStore(tmp_path / "facts", "mine", at_step=stop)
    with pytest.raises(KeyboardInterrupt):
        run_import(mapping, [log(good)], dying, now=now)
    healthy = FactStore(tmp_path / "facts", "mine")
    (report,) = list_imports(healthy)
    assert (report.state, report.version, report.rows_loaded) == ("loaded", 1, 1)
    assert run_import(mapping, [log(good)], healthy, now=now + timedelta(hours=1)).state == "unchanged"


def _zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def _with(new, of='match: ["log*"]'):
    from pathlib import Path

    text = (Path(__file__).parent / "conftest.py").read_text(encoding="utf-8")
    text = text.split('MAPPING = """')[1].split('"""')[0]
    return mapping_from_text(text.replace(of, new))
