"""Refuses changes of what happened, in the database."""

from django.db import migrations

from watchfloor.operations.record.statements import statement


class Migration(migrations.Migration):
    dependencies = [("record", "0001_initial")]
    operations = [
        migrations.RunSQL(statement("record", "append_only"), statement("record", "drop_append_only")),
    ]
