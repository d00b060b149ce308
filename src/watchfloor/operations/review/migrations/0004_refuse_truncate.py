"""Refuses to empty the tables of cases, reviews and decisions."""

from django.db import migrations

from watchfloor.operations.record.statements import statement


class Migration(migrations.Migration):
    dependencies = [("review", "0003_due_by_hour"), ("record", "0003_refuse_truncate")]
    operations = [
        migrations.RunSQL(
            statement("review", "refuse_truncate"), statement("review", "drop_refuse_truncate")
        ),
    ]
