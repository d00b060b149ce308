"""Adds the function that counts what was seen."""

from django.db import migrations

from watchfloor.operations.record.statements import statement


class Migration(migrations.Migration):
    dependencies = [("wellbeing", "0002_closed"), ("record", "0002_append_only")]
    operations = [
        migrations.RunSQL(statement("wellbeing", "recording"), statement("wellbeing", "drop_recording")),
    ]
