"""Adds the functions by which the claim keeps to the limits of exposure."""

from django.db import migrations

from watchfloor.operations.record.statements import statement


class Migration(migrations.Migration):
    dependencies = [("wellbeing", "0001_initial"), ("people", "0001_initial")]
    operations = [
        migrations.RunSQL(statement("wellbeing", "closed"), statement("wellbeing", "drop_closed")),
    ]
