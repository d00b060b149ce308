"""Django's connection reaches the run's own PostgreSQL."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_test_database_is_postgresql_18_in_utc_and_utf8() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('TimeZone')")
        version, time_zone = cursor.fetchone()
    assert version >= 150000
    assert time_zone == "UTC"


@pytest.mark.django_db
def test_tests_run_in_a_database_of_their_own() -> None:
    assert connection.settings_dict["NAME"].startswith("test_")
