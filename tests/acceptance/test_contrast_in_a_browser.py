"""Every text stands out from its ground, measured in the browser: light and dark, normal and dense."""

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

SCRIPT = (Path(__file__).parent / "scripts" / "contrast.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("density", ["comfortable", "dense"])
def test_every_text_stands_out_from_its_ground(
    visit: Any, every_path: tuple[str, ...], theme: str, density: str
) -> None:
    visit.page.context.add_cookies(
        [
            {"name": name, "value": value, "url": visit.base}
            for name, value in (("theme", theme), ("density", density))
        ]
    )
    weak: dict[str, Any] = {}
    for path in every_path:
        page = visit.open(path)
        page.wait_for_load_state("networkidle")
        assert page.get_attribute("html", "data-theme") == theme
        assert page.get_attribute("html", "data-density") == density
        if found := page.evaluate(SCRIPT):
            weak[path] = found
    assert not weak, "\n".join(f"{path}: {one}" for path, found in weak.items() for one in found)
