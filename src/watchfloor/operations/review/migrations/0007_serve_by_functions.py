"""Serves and ends turns by functions of the database: one round trip each."""

from django.db import migrations

from watchfloor.operations.record.statements import statement

PARTS = ("lanes", "eligible", "give_case", "claim_first", "claim_case", "end_turn")


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0006_lanes_and_drafts"),
        ("wellbeing", "0003_recording"),
    ]
    operations = [
        migrations.RunSQL(
            "\n".join(statement("review", part) for part in PARTS), statement("review", "drop_serving")
        ),
        # Cases that wait already have no lane yet.
        migrations.RunSQL(
            "INSERT INTO review_lane (queue_id, site, language)"
            " SELECT DISTINCT queue_id, site, language FROM review_pending ON CONFLICT DO NOTHING",
            migrations.RunSQL.noop,
        ),
    ]
