"""Hand-written statements fail as Django's own do, so that whoever waits for the database notices."""

import pytest
from django.db import DataError, InterfaceError, OperationalError, connection, transaction
from django.test import Client

from watchfloor.operations.people import api_access
from watchfloor.operations.record.statements import call, run, server_cursor


@pytest.mark.django_db
def test_an_error_of_a_statement_is_djangos_and_leaves_the_transaction_to_it():
    with pytest.raises(DataError), transaction.atomic(), server_cursor() as cursor:
        cursor.execute("SELECT 1/0")
    with pytest.raises(DataError), transaction.atomic():
        call("SELECT 1/%s::int", (0,))
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_ended_is_an_operational_error_and_is_made_anew():
    connection.ensure_connection()
    connection.connection.close()
    with pytest.raises((OperationalError, InterfaceError)):
        run("review", "return_held", {"now": "2026-03-02T09:00:00Z", "limit": 1})
    connection.close()
    assert run("review", "return_held", {"now": "2026-03-02T09:00:00Z", "limit": 1}) is not None


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_the_api_says_that_the_database_is_away(monkeypatch, error):
    def away(**_):
        raise error("server closed the connection unexpectedly")

    monkeypatch.setattr(api_access, "client_of", away)
    answer = Client().get("/api/v1/queues", headers={"Authorization": "Bearer wf_x"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert answer.json()["code"] == "database_away"
