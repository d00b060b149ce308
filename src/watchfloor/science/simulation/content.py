"""What the demo's cases hold: believable, harmless content for each surface and language, from a seed.

The shape is the one that platforms send (`operations.console.content`). Pictures and sounds are addresses of
our own drawings; nothing in them is real. Severe classes get an abstract picture.
"""

import random
from functools import cache
from typing import Any

from watchfloor.science.simulation.content_texts import sentences

PICTURES = "/console/media/pictures"
SOUNDS = "/console/media/sounds"
FRAMES = 8
MOST_SECONDS = 45

_NAMES = {
    "en": ("Robin Vale", "Sam Hollow", "Alex Fern", "Kit Marlow", "Jo Lindqvist"),
    "zh": ("林小满", "周清和", "许知远山", "何一诺", "苏木"),
    "es": ("Ariel Ríos", "Noa Campos", "Cruz Vega", "Sol Marín", "Alex Prado"),
    "ar": ("نور حداد", "رام السهلي", "جود منصور", "سما قاسم", "ضياء نعيم"),
    "pt": ("Noa Ferreira", "Ariel Couto", "Sol Moreira", "Cris Duarte", "Jo Teles"),
    "id": ("Dian Sari", "Eka Putra", "Tri Lestari", "Wahyu Adi", "Nur Kusuma"),
}
_VISUAL = {"video", "live"}
_ABSTRACT = {"minor_safety", "violence"}
_SCENE = {"regulated_goods": "goods", "account_integrity": "face", "civic_integrity": "city"}
_TRANSLATED = ("en", "zh-hans")


def content_for(
    *,
    surface: str,
    policy: str,
    language: str,
    violative: bool,
    seed: int,
    media_seconds: float | None = None,
) -> dict[str, Any]:
    """Return the content of one case, the same for the same seed.

    `language` is one of the demo's; any other, and none, reads as English. `violative` says whether the text
    hints at the policy; it does so nearly always, so that reading, not the form, tells.
    """
    rng = random.Random(seed)  # noqa: S311 -- a demo, not a secret
    code = language if language in _NAMES else "en"
    about = policy if violative != (rng.random() < 0.06) else "fine"
    sentence = rng.choice(_sentences().get(about) or _sentences()["fine"])
    written = {"text": sentence[code], **_translation(sentence, code)}
    content: dict[str, Any] = {"simulated": True, **_of_surface(surface, rng, code, written)}
    if surface in _VISUAL:
        content["media"] = [_clip(rng, policy, written["text"], media_seconds)]
    elif policy == "regulated_goods" or (surface == "search" and rng.random() < 0.5):
        content["media"] = [_picture(rng, policy)]
    return content


@cache
def _sentences() -> dict[str, tuple[dict[str, str], ...]]:
    return sentences()


def _translation(sentence: dict[str, str], code: str) -> dict[str, Any]:
    known = {"en": sentence["en"], "zh-hans": sentence["zh"]}
    own = "zh-hans" if code == "zh" else code
    return {"translation": {name: known[name] for name in _TRANSLATED if name != own}}


def _of_surface(surface: str, rng: random.Random, code: str, written: dict[str, Any]) -> dict[str, Any]:
    name, other = rng.sample(_NAMES[code], 2)
    handle = f"@{rng.choice('abcdefghkmnprst')}{rng.randint(1000, 99999)}"
    author = {"name": name, "handle": handle}
    if surface == "message":
        return {"kind": "conversation", "messages": _messages(rng, code, written, name, other)}
    if surface == "account":
        picture = {"url": _address(rng.choice(("face", "hills", "shapes")), rng), "alt": ""}
        bio = rng.choice(_sentences()["fine"])
        return {
            "kind": "account",
            "author": {
                **author,
                "bio": bio[code],
                **_translation(bio, code),
                "joined": f"20{rng.randint(19, 26)}-{rng.randint(1, 12):02d}",
                "followers": rng.randint(3, 48_000),
                "picture": picture,
            },
            **written,
            "logins_last_day": rng.randint(1, 40),
            "name_changes": rng.randint(0, 6),
        }
    if surface == "comment":
        others = [one for one in _sentences()["fine"] if one[code] != written["text"]]
        post = rng.choice(others)
        return {
            "kind": "text",
            "author": author,
            "context": [{"author": other, "text": post[code], **_translation(post, code)}],
            **written,
        }
    if surface == "search":
        return {"kind": "text", "author": author, **written}
    return {"kind": "video", "author": author, **written}


def _messages(
    rng: random.Random, code: str, written: dict[str, Any], name: str, other: str
) -> list[dict[str, Any]]:
    fine = rng.sample(_sentences()["fine"], 3)
    hour, minute = rng.randint(7, 22), rng.randint(0, 50)
    talk = [
        {"from": other, "text": fine[0][code], **_translation(fine[0], code)},
        {"from": name, "text": fine[1][code], **_translation(fine[1], code), "own": True},
        {"from": other, **written, "reported": True},
        {"from": name, "text": fine[2][code], **_translation(fine[2], code), "own": True},
    ]
    return [{**one, "at": f"{hour:02d}:{minute + at:02d}"} for at, one in enumerate(talk)]


def _scene(policy: str, rng: random.Random) -> str:
    if policy in _ABSTRACT:
        return "shapes"
    return _SCENE.get(policy) or rng.choice(("hills", "city"))


def _address(scene: str, rng: random.Random, step: int = 0) -> str:
    return f"{PICTURES}/{scene}/{rng.randint(1, 9_999)}/{step}.svg"


def _picture(rng: random.Random, policy: str) -> dict[str, Any]:
    return {"kind": "image", "url": _address(_scene(policy, rng), rng), "alt": "A drawing (simulated)"}


def _clip(rng: random.Random, policy: str, said: str, media_seconds: float | None) -> dict[str, Any]:
    scene, seed = _scene(policy, rng), rng.randint(1, 9_999)
    seconds = max(4, min(round(media_seconds or rng.randint(8, 30)), MOST_SECONDS))
    return {
        "kind": "frames",
        "frames": [f"{PICTURES}/{scene}/{seed}/{step}.svg" for step in range(FRAMES)],
        "sound": f"{SOUNDS}/{seed}/{seconds}.wav",
        "seconds": seconds,
        "transcript": said,
        "alt": "A drawn clip (simulated)",
    }
