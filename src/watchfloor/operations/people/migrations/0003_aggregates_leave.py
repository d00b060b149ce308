"""Adds whether sums of a data boundary may be seen from outside."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0002_boundary_roles")]

    operations = [
        migrations.AddField(
            model_name="databoundary",
            name="aggregates_leave",
            field=models.BooleanField(
                default=False, help_text="Whether sums by queue and day may be seen from outside."
            ),
        ),
    ]
