"""Adds the priority lift to the configuration of queues."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("queues", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="queueversion",
            name="priority_lift",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="How many severity classes earlier than others of its severity a case is served.",
            ),
        ),
        migrations.AlterField(
            model_name="queueversion",
            name="label_subset",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=80),
                blank=True,
                default=list,
                help_text="Empty means every label.",
                size=None,
            ),
        ),
    ]
