"""Serves most claims from the first cases of all lanes together, by one further index of the hot table."""

from django.db import migrations, models

from watchfloor.operations.record.statements import statement

PARTS = ("lanes", "eligible", "give_case", "claim_first", "claim_case")


class Migration(migrations.Migration):
    dependencies = [("review", "0008_cases_by_author")]
    operations = [
        migrations.AddIndex(
            model_name="pending",
            index=models.Index(
                fields=["priority", "deadline_at", "enqueued_at", "case"], name="review_pending_first"
            ),
        ),
        migrations.RunSQL(
            "DROP FUNCTION IF EXISTS review_give(review_pending, bigint, timestamptz, boolean);\n"
            + "\n".join(statement("review", part) for part in PARTS),
            migrations.RunSQL.noop,
        ),
    ]
