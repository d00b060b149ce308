"""Calls made from the API's own description: never a 500, only statuses and shapes that it names.

Schemathesis writes the requests: valid by the description, and then such as break it. Identifiers that stand
in the operation are mixed in, so that the calls get past the first look-up.
"""

import random
import re
from pathlib import Path

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(280)]

SOURCES = Path(__file__).parents[3] / "src" / "watchfloor" / "operations"
EXAMPLES_A_CALL = 12
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def known(site):
    """Return values that stand in the operation, by the name of the parameter."""
    return {
        "case_id": [site.waiting, site.decided],
        "decision_id": [site.decision],
        "token": [site.lease],
        "slug": ["comments", "spam"],
        "code": ["r1", "r2"],
        "queue": ["comments"],
    }


def asking(operation, site, asked, mode):
    """Return a test that makes a call as Hypothesis fills it in; a body that breaks its shape is refused."""
    values, rng = known(site), random.Random(5)

    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        asked[0] += 1
        for name in case.path_parameters or {}:
            if name in values and rng.random() < 0.7:
                case.path_parameters[name] = rng.choice(values[name])
        bad = [place for place, part in case.meta.components.items() if part.mode.is_negative]
        checks = [*CHECKS, negative_data_rejection] if ParameterLocation.BODY in bad else CHECKS
        with transaction.atomic():  # a refusal by the database ends this request's work alone
            answer = case.call(headers=site.headers)
        case.validate_response(answer, checks=checks)

    return ask


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_call_answers_as_the_description_says(site, document, settings_of_requests, mode):
    schema = schemathesis.openapi.from_dict(document)
    schema.app = get_wsgi_application()
    found, asked = {}, [0]
    for result in schema.get_all_operations():
        operation = result.ok()
        try:
            settings_of_requests(asking(operation, site, asked, mode))()
        except Exception as error:
            found[operation.label] = str(error)[:1500]
    assert not found, "\n\n".join(f"{name}\n{error}" for name, error in found.items())
    assert asked[0] > 500


@pytest.fixture
def document(db):
    """The description; while the test runs, requests keep its connection, with its transaction."""
    described = Client().get("/api/openapi.json").json()
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield described
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def settings_of_requests():
    """Few examples of each call, always the same ones."""
    return settings(
        max_examples=EXAMPLES_A_CALL,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


def test_no_two_shapes_share_a_name():
    """Shapes of one name take each other's place in the description."""
    found = {}
    for path in sorted(SOURCES.rglob("*api*.py")):
        for name in re.findall(r"^class (\w+(?:In|Out))\(", path.read_text("utf-8"), re.MULTILINE):
            found.setdefault(name, []).append(path.name)
    assert not {name: paths for name, paths in found.items() if len(paths) > 1}
