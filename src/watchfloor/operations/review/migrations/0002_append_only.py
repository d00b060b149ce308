"""Refuses changes of cases, reviews and settled decisions, in the database."""

from django.db import migrations

from watchfloor.operations.record.statements import statement


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0001_initial"),
        ("record", "0002_append_only"),
        ("people", "0001_initial"),
        ("queues", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(statement("review", "append_only"), statement("review", "drop_append_only")),
    ]
