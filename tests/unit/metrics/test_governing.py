"""Governing definitions: duplicates are found, the highest approved version is in force."""

import pytest
import yaml

from watchfloor.metrics import Catalogue, DefinitionError
from watchfloor.metrics.catalogue import DEFINITIONS, load_text
from watchfloor.metrics.governing import canonical_form, duplicates, load_catalogue, with_versions


def changed(name: str, **keys: object) -> str:
    plain = yaml.safe_load((DEFINITIONS / f"{name}.yaml").read_text(encoding="utf-8"))
    return yaml.safe_dump({**plain, **keys}, allow_unicode=True)


def test_the_standard_catalogue_holds_no_duplicate():
    assert duplicates(Catalogue.standard().values()) == []


def test_a_metric_that_differs_in_words_alone_is_a_duplicate():
    own = Catalogue.standard()["aht"]
    copy = load_text(changed("aht", id="mean_handle", owner="somebody"), file="copy")
    assert canonical_form(copy) == canonical_form(own)
    assert duplicates([copy, own]) == [("aht", "mean_handle")]
    with pytest.raises(DefinitionError, match="says the same as"):
        with_versions(Catalogue.standard(), [copy])


def test_without_a_folder_the_standard_catalogue_is_in_force(tmp_path):
    assert load_catalogue(None) is Catalogue.standard()
    assert load_catalogue(tmp_path / "absent") is Catalogue.standard()
    assert load_catalogue(tmp_path) is Catalogue.standard()


def test_the_highest_approved_version_is_in_force(tmp_path):
    now = Catalogue.standard()["aht"].version
    for ahead in (1, 2):
        text = changed("aht", version=now + ahead, owner=f"owner {ahead}")
        (tmp_path / f"aht@{now + ahead}.yaml").write_text(text, encoding="utf-8")
    found = load_catalogue(tmp_path)
    assert (found["aht"].version, found["aht"].owner) == (now + 2, "owner 2")
    assert len(found) == len(Catalogue.standard())


def test_two_texts_under_one_version_are_refused(tmp_path):
    now = Catalogue.standard()["aht"].version
    for name in ("a", "b"):
        text = changed("aht", version=now + 1, owner=name)
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError, match="stands twice"):
        load_catalogue(tmp_path)
