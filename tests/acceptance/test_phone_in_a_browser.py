"""On a phone nothing is cut off sideways, on any page, in either language."""

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

SCRIPT = (Path(__file__).parent / "scripts" / "clipped.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_nothing_is_cut_off_on_a_phone(visit: Any, every_path: tuple[str, ...], language: str) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.page.context.add_cookies([{"name": "watchfloor_language", "value": language, "url": visit.base}])
    cut: dict[str, Any] = {}
    for path in every_path:
        page = visit.open(path)
        page.wait_for_load_state("networkidle")
        if found := page.evaluate(SCRIPT):
            cut[path] = found
    assert not cut, "\n".join(f"{path}: {one}" for path, found in cut.items() for one in found)
