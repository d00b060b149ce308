"""The address of Django's own database, for the parts that open a connection of their own."""

from django.db import connection
from psycopg.conninfo import make_conninfo


def database_dsn() -> str:
    """Return the libpq connection string of the default database."""
    known = connection.settings_dict
    named = {
        "dbname": known["NAME"],
        "user": known["USER"],
        "password": known["PASSWORD"],
        "host": known["HOST"],
        "port": known["PORT"],
    }
    further = {
        name: value
        for name, value in known.get("OPTIONS", {}).items()
        if name.startswith(("ssl", "connect_"))
    }
    return make_conninfo(**{name: str(value) for name, value in {**named, **further}.items() if value})
