"""A transaction number as a column: PostgreSQL's `xid8`, filled by the server."""

from typing import Any

from django.db import models


class CurrentTransaction(models.Func):
    """The number of the running transaction, as a column default."""

    function = "pg_current_xact_id"
    arity = 0


class TransactionField(models.Field[int, int]):
    """An `xid8`, read as an integer; the export compares it with the oldest running transaction."""

    def db_type(self, connection: Any) -> str:
        """Return the column's type."""
        del connection
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        """Return the number as an integer."""
        del expression, connection
        return None if value is None else int(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Return what the server compares: text, which it reads as `xid8`."""
        del connection, prepared
        return None if value is None or hasattr(value, "resolve_expression") else str(value)
