"""Refuses changes of published policies, in the database."""

from django.db import migrations

from watchfloor.operations.record.statements import statement


class Migration(migrations.Migration):
    dependencies = [("policies", "0001_initial")]
    operations = [
        migrations.RunSQL(statement("policies", "settled"), statement("policies", "drop_settled")),
    ]
