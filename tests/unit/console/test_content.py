"""A case's content in parts: every shape that platforms send, and whatever else they send."""

from hypothesis import given
from hypothesis import strategies as st

from watchfloor.operations.console.content import MOST_MESSAGES, shown

JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=12), children, max_size=4)
    ),
    max_leaves=20,
)
KEYS = st.sampled_from(
    ["kind", "title", "text", "translation", "author", "context", "media", "messages", "items", "other"]
)


@given(st.dictionaries(KEYS | st.text(max_size=8), JSON, max_size=8))
def test_no_content_breaks_the_page(content):
    part = shown(content, reader="zh-hans", origins=["https://media.example.org"])
    assert part.kind
    assert all(isinstance(value, str) for _, value in part.others)


def test_each_kind_is_known_by_what_it_holds():
    assert shown({"media": [{"kind": "audio", "url": "/console/media/a.wav"}]}).kind == "audio"
    assert shown({"media": [{"frames": ["/console/media/a.svg"]}]}).kind == "video"
    assert shown({"items": [{"text": "a"}, {"text": "b"}]}).kind == "mixed"
    assert shown({"kind": "account", "author": {"name": "A"}}).kind == "account"
    assert shown({}).is_empty


def test_a_translation_comes_in_the_readers_language_and_never_repeats_the_text():
    translation = {"en": "Hello", "zh-hans": "你好"}
    assert shown({"text": "Hola", "translation": translation}, reader="zh-hans").translation == "你好"
    assert shown({"text": "Hola", "translation": translation}, reader="en").translation == "Hello"
    assert shown({"text": "Hello", "translation": "Hello"}).translation == ""


def test_media_from_elsewhere_is_not_loaded_whatever_its_address():
    origins = ["https://media.example.org"]
    for url in (
        "https://media.example.org.evil.example/a.png",
        "https://media.example.org@evil.example/a.png",
        "//media.example.org/a.png",
        "data:image/svg+xml,<svg/>",
        "javascript:alert(1)",
        "/console/media/../../admin/",
        "http://media.example.org/a.png",
    ):
        assert not shown({"media": url}, origins=origins).media[0].is_allowed, url
    assert shown({"media": "https://MEDIA.example.org/a.png"}, origins=origins).media[0].is_allowed
    poster = {
        "kind": "video",
        "url": "https://media.example.org/a.mp4",
        "poster": "https://evil.example/p.png",
    }
    assert not shown({"media": poster}, origins=origins).media[0].is_allowed


def test_a_long_talk_is_cut_and_says_so():
    part = shown({"messages": [{"from": "a", "text": str(n)} for n in range(MOST_MESSAGES + 5)]})
    assert (len(part.messages), part.messages_left_out) == (MOST_MESSAGES, 5)
    assert part.messages[-1].text == str(MOST_MESSAGES + 4)
