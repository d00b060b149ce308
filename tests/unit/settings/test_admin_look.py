"""The administration wears the colours of the pages, readable in both themes."""

import re
from pathlib import Path

import pytest

import watchfloor.operations.shell
from watchfloor.settings.admin_look import FONT, GREYS, PRIMARY

TOKENS = (Path(watchfloor.operations.shell.__file__).parent / "static/shell/css/tokens.css").read_text()
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    for block in TOKENS.split('[data-theme="dark"]')[:2]
)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_scales_are_made_of_the_tokens() -> None:
    assert [PRIMARY["600"], PRIMARY["100"]] == [LIGHT["accent"], LIGHT["accent-soft"]]
    assert [PRIMARY["400"], PRIMARY["900"]] == [DARK["accent"], DARK["accent-soft"]]
    greys = [GREYS[step] for step in ("200", "300", "500", "600")]
    assert greys == [LIGHT[token] for token in ("line", "line-2", "ink-3", "ink-2")]
    assert [GREYS["800"], GREYS["900"], GREYS["950"]] == [DARK["line"], DARK["surface"], DARK["bg"]]
    assert [FONT["important-light"], FONT["important-dark"]] == [LIGHT["ink"], DARK["ink"]]


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("#ffffff", PRIMARY["600"]),
        (PRIMARY["600"], "#ffffff"),
        (PRIMARY["600"], GREYS["50"]),
        (PRIMARY["500"], GREYS["900"]),
        (GREYS["500"], GREYS["100"]),
        (GREYS["400"], GREYS["900"]),
        (FONT["default-dark"], GREYS["800"]),
    ],
)
def test_its_texts_can_be_read(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5
