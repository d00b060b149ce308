"""The Ossie document: every metric with its SQL, and the whole catalogue back from it."""

import json

import pytest
import yaml

from watchfloor.metrics import Catalogue, DefinitionError
from watchfloor.metrics.interchange import OSSIE_VERSION, VENDOR, ossie_document, ossie_text, read_ossie


def test_the_catalogue_comes_back_from_its_export():
    standard = Catalogue.standard()
    found = read_ossie(ossie_text(standard))
    assert found.fingerprint == standard.fingerprint
    assert dict(found) == dict(standard)


def test_the_document_keeps_the_keys_of_the_specification():
    (model,) = ossie_document(Catalogue.standard())["semantic_model"]
    assert set(model) <= {"name", "description", "ai_context", "datasets", "metrics", "custom_extensions"}
    datasets = {dataset["name"]: dataset for dataset in model["datasets"]}
    assert len(datasets) == len(model["datasets"])
    for metric in model["metrics"]:
        assert set(metric) == {"name", "expression", "description", "ai_context", "custom_extensions"}
        assert metric["expression"]["dialects"][0]["dialect"] == "ANSI_SQL"
        assert metric["custom_extensions"][0]["vendor_name"] == VENDOR
    by_name = {metric["name"]: metric for metric in model["metrics"]}
    assert "NULLIF" in by_name["aht"]["expression"]["dialects"][0]["expression"]
    assert json.loads(by_name["aht"]["custom_extensions"][0]["data"])["exact"] is True
    assert json.loads(by_name["recall"]["custom_extensions"][0]["data"])["exact"] is False


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"version": "9", "semantic_model": []}, "not the Ossie version"),
        (
            {"version": OSSIE_VERSION, "semantic_model": [{"metrics": [{"name": "revenue"}]}]},
            "metrics.revenue: no extension",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_key(document, said):
    with pytest.raises(DefinitionError, match=said):
        read_ossie(yaml.safe_dump(document))
