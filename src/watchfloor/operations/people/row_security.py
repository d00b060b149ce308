"""Which tables the database guards by data boundary, and by what rule: read off the models themselves.

A table is guarded when it says its boundary (a column `data_boundary`, or a key of one), or leads to one that
is guarded. So a new table of a case is guarded without a word; what leads nowhere (policies, sites) is open
to every page.
The owner of the tables is not bound by the rules: services write for everybody, and pages read in a role of
their own (`people.boundary_roles`).
"""

from collections.abc import Iterator, Sequence

from django.apps import apps
from django.db import connection, models

OURS = "watchfloor.operations."
# A row's nearest way to its boundary, where it has several.
_WAYS = ("case", "decision", "review", "deciding_review", "unit", "gold", "audit", "queue", "reviewer")
# Rows that say their boundary in another form than a column.
_SAID_OTHERWISE = {"record.Event": "coalesce(payload ->> 'data_boundary', '')"}
_SEEN = "({0} = '' OR {0} = ANY ((SELECT people_seen_boundaries())::text[]))"
_SEEN_KEY = (
    "({0} IS NULL OR {0} IN (SELECT b.id FROM people_databoundary b"
    " WHERE b.slug = ANY ((SELECT people_seen_boundaries())::text[])))"
)


def guarded_tables() -> dict[str, str]:
    """Return the condition under which a row is seen, by table, those that others lead to first."""
    ours = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith(OURS) and not model._meta.proxy
    ]
    rules: dict[type[models.Model], str] = {}
    for model in ours:
        if rule := _own_rule(model):
            rules[model] = rule
    while found := [
        (model, rule) for model in ours if model not in rules and (rule := _led_to(model, rules))
    ]:
        rules.update(found)
    return {model._meta.db_table: rule for model, rule in rules.items()}


def guard_tables() -> int:
    """Return how many tables got a new rule; those that have theirs are not touched."""
    changed = 0
    with connection.cursor() as cursor:
        for table, rule in guarded_tables().items():
            cursor.execute("SELECT people_guard_table(%s::regclass, %s)", [table, rule])
            changed += bool(cursor.fetchone()[0])
    return changed


def _own_rule(model: type[models.Model]) -> str:
    if said := _SAID_OTHERWISE.get(model._meta.label):
        return _SEEN.format(f"({said})")
    for field in model._meta.local_fields:
        if isinstance(field, models.ForeignKey) and _is_boundary(field.related_model):
            return _SEEN_KEY.format(field.column)
        if field.name == "data_boundary":
            return _SEEN.format(field.column)
    return ""


def _is_boundary(target: object) -> bool:
    return isinstance(target, type) and target.__name__ == "DataBoundary"


def _led_to(model: type[models.Model], rules: dict[type[models.Model], str]) -> str:
    for field in _ordered(model):
        target = field.related_model
        if isinstance(target, type) and target in rules and target is not model:
            key = target._meta.pk
            assert key is not None  # noqa: S101 -- every model has a key
            table = target._meta.db_table
            return (
                f"({field.column} IS NULL OR EXISTS (SELECT FROM {table} led"
                f" WHERE led.{key.column} = {model._meta.db_table}.{field.column}))"
            )
    return ""


def _ordered(model: type[models.Model]) -> Sequence[models.ForeignKey[models.Model, models.Model]]:
    keys = list(_foreign_keys(model))
    return sorted(keys, key=lambda field: _WAYS.index(field.name) if field.name in _WAYS else len(_WAYS))


def _foreign_keys(model: type[models.Model]) -> Iterator[models.ForeignKey[models.Model, models.Model]]:
    for field in model._meta.local_fields:
        if isinstance(field, models.ForeignKey):
            yield field
