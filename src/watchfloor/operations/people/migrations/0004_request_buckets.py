"""Adds the buckets of requests that all web processes share."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0003_aggregates_leave")]

    operations = [
        migrations.CreateModel(
            name="RequestBucket",
            fields=[
                ("caller", models.CharField(max_length=120, primary_key=True, serialize=False)),
                ("full_at", models.DateTimeField(help_text="When the bucket is full again.")),
            ],
        ),
        # Nothing is lost that matters when a crash empties it, and a request writes no log ahead.
        migrations.RunSQL(
            "ALTER TABLE people_requestbucket SET UNLOGGED;"
            "ALTER TABLE people_requestbucket SET (fillfactor = 20, autovacuum_vacuum_threshold = 500,"
            " autovacuum_vacuum_scale_factor = 0)",
            "ALTER TABLE people_requestbucket SET LOGGED",
        ),
    ]
