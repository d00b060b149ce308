"""Serves queues that require it only to those who have read the procedure in force."""

from django.db import migrations

from watchfloor.operations.record.statements import statement

PARTS = ("eligible", "claim_first", "claim_case")


class Migration(migrations.Migration):
    dependencies = [("review", "0009_claim_first"), ("queues", "0007_sop_required")]
    operations = [
        migrations.RunSQL("\n".join(statement("review", part) for part in PARTS), migrations.RunSQL.noop),
    ]
