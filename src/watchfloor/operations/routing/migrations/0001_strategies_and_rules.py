"""Adds strategies, their hours, and the routing rules in versions."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        ("queues", "0005_change_requests_logical_queues_sops"),
    ]

    operations = [
        migrations.CreateModel(
            name="RuleSet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("active", "Active"), ("retired", "Retired")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("author", models.CharField(blank=True, max_length=254)),
                ("approved_by", models.CharField(blank=True, max_length=254)),
                ("note", models.CharField(blank=True, max_length=400)),
                ("created_at", models.DateTimeField()),
                ("active_from", models.DateTimeField(blank=True, null=True)),
                ("active_to", models.DateTimeField(blank=True, null=True)),
                (
                    "default_queue",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="queues.queue",
                    ),
                ),
            ],
            options={
                "ordering": ["-version"],
            },
        ),
        migrations.CreateModel(
            name="Rule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=160)),
                ("conditions", models.JSONField(default=list, help_text="Field, operator and value each.")),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="queues.queue"
                    ),
                ),
                (
                    "rule_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rules",
                        to="routing.ruleset",
                    ),
                ),
            ],
            options={
                "ordering": ["rule_set", "position"],
            },
        ),
        migrations.CreateModel(
            name="Strategy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("name", models.CharField(max_length=160)),
                ("name_zh_hans", models.CharField(blank=True, max_length=160)),
                ("owner", models.CharField(blank=True, max_length=254)),
                ("source", models.CharField(blank=True, default="voluntary", max_length=24)),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("canary", "Canary"), ("on", "On"), ("ended", "Ended")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "queue_groups",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80),
                        blank=True,
                        default=list,
                        help_text="Empty means every group.",
                        size=None,
                    ),
                ),
                ("policy", models.SlugField(blank=True, default="")),
                (
                    "throttle_per_hour",
                    models.PositiveIntegerField(
                        blank=True, help_text="Most cases taken in a clock hour; blank takes all.", null=True
                    ),
                ),
                (
                    "canary_share",
                    models.FloatField(
                        default=1.0, help_text="Share of its cases taken while it is in canary; 0 to 1."
                    ),
                ),
                ("starts_at", models.DateTimeField(blank=True, null=True)),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                ("expected_cases_per_day", models.FloatField(blank=True, null=True)),
                ("expected_violative_share", models.FloatField(blank=True, null=True)),
                ("expected_handle_seconds", models.FloatField(blank=True, null=True)),
                (
                    "cost_per_hour",
                    models.FloatField(
                        blank=True,
                        help_text="Cost of an hour of review, in the operation's currency.",
                        null=True,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                (
                    "data_boundary",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="strategies",
                        to="people.databoundary",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "strategies",
                "ordering": ["slug"],
            },
        ),
        migrations.CreateModel(
            name="StrategyHour",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("taken", models.BigIntegerField(db_default=0, default=0)),
                ("refused", models.BigIntegerField(db_default=0, default=0)),
                (
                    "strategy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hours",
                        to="routing.strategy",
                    ),
                ),
            ],
            options={
                "ordering": ["strategy", "-starts_at"],
            },
        ),
        migrations.AddConstraint(
            model_name="ruleset",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "active")), fields=("state",), name="routing_ruleset_one_active"
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.UniqueConstraint(fields=("rule_set", "position"), name="routing_rule_once"),
        ),
        migrations.AddConstraint(
            model_name="strategyhour",
            constraint=models.UniqueConstraint(
                fields=("strategy", "starts_at"), name="routing_strategyhour_once"
            ),
        ),
    ]
