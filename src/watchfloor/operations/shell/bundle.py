"""Builds the chart library from the installed wheel, once, at set-up: no network, no CDN.

vega-embed 7 brings Vega's expression interpreter; the page asks for it (`ast: true`), so no string is ever
compiled to code and `script-src 'self'` holds.
"""

from pathlib import Path

import vl_convert

VENDOR = Path(__file__).parent / "static" / "shell" / "vendor"
_SNIPPET = "window.watchfloorCharts = {embed: vegaEmbed};"


def build_bundle(*, folder: Path = VENDOR) -> Path:
    """Write the chart bundle into `folder` unless this version stands there; return the file's path."""
    stamp = f"/* vega {vl_convert.get_vega_version()}, vega-embed {vl_convert.get_vega_embed_version()} */\n"
    target = folder / "charts.js"
    if target.is_file():
        with target.open(encoding="utf-8") as present:
            if present.readline() == stamp:
                return target
    folder.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    partial.write_text(stamp + vl_convert.javascript_bundle(snippet=_SNIPPET), encoding="utf-8")
    partial.replace(target)
    return target
