"""Refuses changes of versions of queues and templates, in the database."""

from django.db import migrations

from watchfloor.operations.record.statements import statement


class Migration(migrations.Migration):
    dependencies = [("queues", "0002_priority_lift"), ("record", "0003_refuse_truncate")]
    operations = [
        migrations.RunSQL(statement("queues", "settled"), statement("queues", "drop_settled")),
    ]
