"""Refuses to empty the tables of what happened."""

from django.db import migrations

from watchfloor.operations.record.statements import statement


class Migration(migrations.Migration):
    dependencies = [("record", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            statement("record", "refuse_truncate"), statement("record", "drop_refuse_truncate")
        ),
    ]
