"""Adds approval of strategies, the rule that chose each case's queue, and reports."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("routing", "0001_strategies_and_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="Route",
            fields=[
                ("case_id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "version",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Of the rule set; blank when the sender named the queue.",
                        null=True,
                    ),
                ),
                (
                    "position",
                    models.PositiveIntegerField(
                        blank=True, help_text="Of the rule; blank for the default queue.", null=True
                    ),
                ),
                ("surface", models.CharField(blank=True, default="", max_length=40)),
                (
                    "labels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), blank=True, default=list, size=None
                    ),
                ),
            ],
            options={
                "ordering": ["case_id"],
            },
        ),
        migrations.AddField(
            model_name="strategy",
            name="approval_note",
            field=models.CharField(blank=True, default="", max_length=400),
        ),
        migrations.AddField(
            model_name="strategy",
            name="approved_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="strategy",
            name="approved_by",
            field=models.CharField(blank=True, default="", max_length=254),
        ),
        migrations.AddField(
            model_name="strategy",
            name="requested_by",
            field=models.CharField(blank=True, default="", max_length=254),
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("report_id", models.UUIDField(unique=True)),
                ("client", models.CharField(max_length=80)),
                ("client_key", models.CharField(max_length=200)),
                ("shape", models.CharField(max_length=16)),
                ("item_id", models.CharField(max_length=200)),
                ("queue", models.SlugField(max_length=80)),
                ("case_id", models.UUIDField()),
                ("reporter", models.CharField(blank=True, max_length=200)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("comment", models.TextField(blank=True)),
                ("reported_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-received_at", "-id"],
                "indexes": [
                    models.Index(fields=["case_id"], name="routing_report_case"),
                    models.Index(
                        fields=["client", "item_id", "queue", "-received_at"], name="routing_report_item"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("client", "client_key"), name="routing_report_once")
                ],
            },
        ),
    ]
