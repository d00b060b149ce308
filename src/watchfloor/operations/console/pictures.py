"""Draws the demo's pictures: abstract scenes as SVG, the same for the same name. Nothing in them is real."""

import random
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 400
SCENES = ("hills", "city", "shapes", "goods", "face")
_SKIES = (("#dbe7f5", "#f7e8d8"), ("#cfe3e0", "#f3f0df"), ("#e4dcf0", "#f9e6e2"), ("#d5e4ea", "#eef1e4"))
_INKS = ("#3f5a7d", "#567a72", "#8a6a54", "#6d5a85", "#7a5260", "#4d6b52", "#93713f")


def picture(*, scene: str, seed: int, step: int = 0) -> str:
    """Return the SVG of a scene; `step` moves it on, so that a row of steps is a clip."""
    rng = random.Random(seed)  # noqa: S311 -- a drawing, not a secret
    draw = {"hills": _hills, "city": _city, "shapes": _shapes, "goods": _goods, "face": _face}[scene]
    upper, lower = rng.choice(_SKIES)
    body = draw(rng, step)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f'<defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="{upper}"/>'
        f'<stop offset="1" stop-color="{lower}"/></linearGradient></defs>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#s)"/>{body}'
        f'<g font-family="sans-serif" font-size="13" fill="#33404f"><text x="{WIDTH - 12}" y="{HEIGHT - 12}" '
        f'text-anchor="end" opacity="0.65">{escape("simulated · 模拟")}</text></g></svg>'
    )


def _hills(rng: random.Random, step: int) -> str:
    sun_x, sun_y = rng.randint(90, 550) + 4 * step, rng.randint(60, 130)
    parts = [f'<circle cx="{sun_x}" cy="{sun_y}" r="{rng.randint(26, 44)}" fill="#f0c98a"/>']
    for layer in range(4):
        ink, base = rng.choice(_INKS), 190 + layer * 55
        shift = step * (layer + 1) * 5
        points = [f"{x - shift % 80},{base + rng.randint(-34, 34)}" for x in range(-80, WIDTH + 161, 80)]
        parts.append(
            f'<polygon points="-160,{HEIGHT} {" ".join(points)} {WIDTH + 160},{HEIGHT}" fill="{ink}" '
            f'opacity="{0.35 + layer * 0.18:.2f}"/>'
        )
    return "".join(parts)


def _city(rng: random.Random, step: int) -> str:
    parts = []
    for layer in range(2):
        ink, x = rng.choice(_INKS), -60 - step * (layer + 1) * 6
        while x < WIDTH + 120:
            wide, tall = rng.randint(38, 82), rng.randint(90, 250) - layer * 50
            top = HEIGHT - tall
            parts.append(
                f'<rect x="{x}" y="{top}" width="{wide}" height="{tall}" fill="{ink}" '
                f'opacity="{0.45 + layer * 0.4:.2f}"/>'
            )
            parts.extend(
                f'<rect x="{x + 8 + column * 14}" y="{top + 12 + row * 22}" width="7" height="10" '
                f'fill="#f6e3b4" opacity="0.{rng.randint(2, 8)}"/>'
                for column in range((wide - 14) // 14)
                for row in range(min(6, (tall - 20) // 22))
            )
            x += wide + rng.randint(2, 12)
    walker = 60 + step * 22 % WIDTH
    parts.append(
        f'<g fill="#26303c"><circle cx="{walker}" cy="{HEIGHT - 62}" r="9"/>'
        f'<rect x="{walker - 8}" y="{HEIGHT - 52}" width="16" height="34" rx="7"/></g>'
    )
    return "".join(parts)


def _shapes(rng: random.Random, step: int) -> str:
    parts = []
    for number in range(14):
        ink = rng.choice(_INKS)
        x = (rng.randint(0, WIDTH) + step * (number % 5 - 2) * 9) % WIDTH
        y = (rng.randint(0, HEIGHT) + step * (number % 3 - 1) * 7) % HEIGHT
        size = rng.randint(30, 110)
        if number % 3:
            parts.append(f'<circle cx="{x}" cy="{y}" r="{size}" fill="{ink}" opacity="0.34"/>')
        else:
            parts.append(
                f'<rect x="{x - size}" y="{y - size / 2}" width="{2 * size}" height="{size}" rx="{size / 4}" '
                f'fill="{ink}" opacity="0.4" transform="rotate({rng.randint(0, 90) + step * 3} {x} {y})"/>'
            )
    return "".join(parts)


def _goods(rng: random.Random, step: int) -> str:
    ink, other = rng.sample(_INKS, 2)
    tilt = rng.randint(-4, 4) + step % 3
    return (
        f'<ellipse cx="320" cy="330" rx="190" ry="22" fill="#26303c" opacity="0.14"/>'
        f'<g transform="rotate({tilt} 320 220)"><rect x="220" y="120" width="120" height="206" rx="10" '
        f'fill="{ink}"/><rect x="236" y="180" width="88" height="76" rx="6" fill="#fff" opacity="0.82"/>'
        f'<rect x="248" y="198" width="64" height="7" rx="3" fill="{other}"/>'
        f'<rect x="248" y="214" width="46" height="7" rx="3" fill="{other}" opacity="0.6"/>'
        f'<rect x="252" y="92" width="56" height="34" rx="6" fill="{other}"/></g>'
        f'<rect x="370" y="{190 + rng.randint(0, 30)}" width="96" height="132" rx="12" fill="{other}" '
        f'opacity="0.85"/>'
        f'<circle cx="418" cy="262" r="26" fill="#fff" opacity="0.75"/>'
    )


def _face(rng: random.Random, step: int) -> str:
    ink, other = rng.sample(_INKS, 2)
    tilt = rng.randint(-3, 3) + step % 2
    return (
        f'<g transform="rotate({tilt} 320 220)">'
        f'<path d="M150 400c10-96 84-136 170-136s160 40 170 136z" fill="{ink}"/>'
        f'<circle cx="320" cy="176" r="86" fill="#e9d3bd"/>'
        f'<path d="M232 172c0-62 40-98 88-98s90 34 88 96c-26-34-54-46-88-46s-64 14-88 48z" '
        f'fill="{other}"/></g>'
    )
