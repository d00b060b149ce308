"""What a template may say, the form it makes, and the answers it takes."""

from typing import Any

import pytest

from watchfloor.operations.policies.models import Label, Policy, PolicyVersion
from watchfloor.operations.queues.answers import faults, schema_faults
from watchfloor.operations.queues.form_spec import form_of
from watchfloor.operations.queues.models import Template, TemplateVersion
from watchfloor.operations.queues.template_faults import fit_faults, template_faults

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["reason"],
    "additionalProperties": False,
    "properties": {
        "reason": {
            "type": "string",
            "enum": ["spam", "scam"],
            "title": "Reason",
            "title_zh_hans": "理由",
            "enum_titles": {"spam": "Spam"},
        },
        "note": {"type": "string", "maxLength": 500},
        "sure": {"type": "integer", "minimum": 1, "maximum": 5},
        "marks": {"type": "array", "items": {"enum": ["face", "plate"]}, "uniqueItems": True},
    },
}


def version(**changes: Any) -> TemplateVersion:
    values = {"schema": SCHEMA, "layout": {}, "hotkeys": {}, "media": {}} | changes
    return TemplateVersion(template=Template(slug="plain"), version=3, **values)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"reason": "spam", "note": "x", "sure": 5, "marks": ["face"]}, []),
        ({}, ["Field 'reason' is missing."]),
        ({"reason": "ham"}, ["Field 'reason' is 'ham', not one of spam, scam."]),
        ({"reason": "spam", "sure": 6}, ["Field 'sure' is 6, above 5."]),
        ({"reason": "spam", "sure": True}, ["Field 'sure' is no integer."]),
        ({"reason": "spam", "note": "x" * 501}, ["Field 'note' is longer than 500 characters."]),
        ({"reason": "spam", "marks": ["face", "face"]}, ["Field 'marks' names an entry twice."]),
        ({"reason": "spam", "marks": ["sky"]}, ["Field 'marks.0' is 'sky', not one of face, plate."]),
        ({"reason": "spam", "other": 1}, ["Field 'other' is not in the template."]),
    ],
)
def test_an_answer_is_told_field_by_field_what_is_wrong(answer: dict[str, Any], said: list[str]) -> None:
    assert faults(SCHEMA, answer) == said


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ([], "describes no object"),
        ({"properties": {"a": {"type": "string", "maxLength": "many"}}}, "no JSON Schema at"),
        ({"properties": {"a": {"$ref": "https://example.org/x"}}}, "uses $ref"),
        ({"properties": {"a": {"type": "object"}}}, "is of type 'object'"),
        ({"properties": {}, "required": ["a"]}, "required but not described"),
    ],
)
def test_a_schema_that_cannot_be_asked_is_refused(schema: Any, said: str) -> None:
    found = schema_faults(schema)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"layout": {"columns": 3}}, "Layout: Field 'columns' is 3, not one of 1, 2."),
        ({"layout": {"sections": "all"}}, "Layout: Field 'sections' is no array."),
        ({"layout": []}, "Layout: It is no mapping."),
        (
            {"layout": {"sections": [{"fields": ["other"]}]}},
            "The layout places field 'other', which is not asked.",
        ),
        ({"hotkeys": {"labels": {"scam": "?"}}}, "Hotkeys: Field 'labels.scam' is '?', not of the form"),
        ({"hotkeys": {"labels": {"a": "1"}, "fields": {"note": "1"}}}, "Key '1' stands twice."),
        ({"media": {"kinds": ["smell"]}}, "Media: Field 'kinds.0' is 'smell', not one of"),
        (
            {"schema": {"properties": {"a": {"type": "string", "title_zh_hans": 3}}}},
            "Field 'a': Field 'title_zh_hans' is no string.",
        ),
    ],
)
def test_a_template_is_told_what_is_wrong(changes: dict[str, Any], said: str) -> None:
    found = template_faults(version(**changes))
    assert len(found) == 1
    assert said in found[0]


def test_a_form_keeps_the_order_of_its_layout_and_gives_free_keys_to_labels() -> None:
    policy = PolicyVersion(policy=Policy(slug="spam"), version=2)
    root = Label(pk=1, code="fraud", name="Fraud")
    labels = [
        root,
        Label(pk=2, code="fraud.scam", name="Scam", parent=root, severity="high", action="remove"),
        Label(pk=3, code="old", name="Old", deprecated=True),
    ]
    form = form_of(
        version(
            layout={"columns": 2, "sections": [{"title": "Why", "fields": ["note", "reason"]}]},
            hotkeys={"labels": {"fraud.scam": "1"}, "fields": {"note": "n"}},
            media={"kinds": ["video"], "blurred": True},
        ),
        policy,
        labels,
    )
    assert [field.name for field in form.fields] == ["note", "reason", "sure", "marks"]
    assert [field.kind for field in form.fields] == ["long_text", "choice", "integer", "choices"]
    assert [(label.code, label.depth, label.hotkey) for label in form.labels] == [
        ("fraud", 0, "2"),
        ("fraud.scam", 1, "1"),
    ]
    assert form.hotkeys == {"2": "label:fraud", "1": "label:fraud.scam", "n": "field:note"}
    assert (form.media.kinds, form.media.blurred, form.media.start) == (("video",), True, "paused")
    assert form.fields[1].options[0].title == "Spam"


def test_a_key_for_a_label_that_the_policy_does_not_offer_is_named() -> None:
    found = fit_faults(version(hotkeys={"labels": {"gone": "1"}}), ["scam"])
    assert found == ["The template gives a key to label 'gone', which the bound policy does not offer."]


def test_labels_stand_as_the_policy_was_written_and_the_template_may_put_some_first() -> None:
    policy = PolicyVersion(policy=Policy(slug="spam"), version=2)
    root = Label(pk=1, code="zeta", name="Zeta")
    labels = [
        root,
        Label(pk=2, code="alpha", name="Alpha"),
        Label(pk=3, code="zeta.child", name="Child", parent=root),
    ]
    written = form_of(version(), policy, labels)
    assert [label.code for label in written.labels] == ["zeta", "zeta.child", "alpha"]
    chosen = form_of(version(layout={"label_order": ["alpha", "gone"]}), policy, labels)
    assert [(label.code, label.hotkey) for label in chosen.labels] == [
        ("alpha", "1"),
        ("zeta", "2"),
        ("zeta.child", "3"),
    ]
