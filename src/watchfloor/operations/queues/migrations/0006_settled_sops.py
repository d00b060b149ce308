"""Refuses changes of published procedures and of who read them, in the database."""

from django.db import migrations

from watchfloor.operations.record.statements import statement


class Migration(migrations.Migration):
    dependencies = [("queues", "0005_change_requests_logical_queues_sops")]

    operations = [
        migrations.RunSQL(statement("queues", "settled_sops"), statement("queues", "drop_settled_sops"))
    ]
