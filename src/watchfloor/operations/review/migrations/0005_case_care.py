"""Adds what a case says of its source, author, topics and care."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0004_refuse_truncate"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="author_id",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            model_name="case",
            name="gold_id",
            field=models.CharField(blank=True, default="", max_length=80),
        ),
        migrations.AddField(
            model_name="case",
            name="purpose",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Blank is the queue's; hidden golden cases have `qa`.",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="source",
            field=models.CharField(
                blank=True,
                choices=[
                    ("voluntary", "Voluntary"),
                    ("article_16", "Article 16"),
                    ("trusted_flagger", "Trusted flagger"),
                    ("other_notification", "Other notification"),
                    ("order_to_act", "Order to act"),
                    ("order_to_inform", "Order to inform"),
                    ("appeal", "Appeal"),
                ],
                default="",
                help_text="Who noticed it.",
                max_length=24,
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="topics",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="wellness_class",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Blank is the queue's; a case can only raise it.",
                max_length=12,
            ),
        ),
    ]
