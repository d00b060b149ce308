"""Nothing goes round the guard of outgoing requests: one module alone speaks to other servers."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "src" / "watchfloor"
SPEAKS = re.compile(
    r"^\s*(?:import|from)\s+(?:http\.client|urllib\.request|urllib3|requests|httpx|aiohttp|socket|ftplib|smtplib)\b",
    re.MULTILINE,
)
# The guard itself; the package's own client, which runs elsewhere; our own ports and our own address.
MAY = {"operations/enforcement/outward.py", "client.py", "cli/ports.py", "cli/serve.py"}


def test_only_the_guard_opens_connections_to_elsewhere() -> None:
    speaking = {
        str(path.relative_to(ROOT)) for path in ROOT.rglob("*.py") if SPEAKS.search(path.read_text("utf-8"))
    }
    assert speaking == MAY


def test_whatever_is_sent_goes_to_a_checked_target() -> None:
    """Who uses the guard gets its targets from `checked_target`; nobody makes one by hand."""
    made = [
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if "enforcement.outward import" in (text := path.read_text("utf-8"))
        and re.search(r"(?<![\w.])Target\(", text)
    ]
    assert made == []
