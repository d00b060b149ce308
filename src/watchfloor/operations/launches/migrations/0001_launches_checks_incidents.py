"""Launches, what their checks came to (append-only), and incidents."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

from watchfloor.operations.record.statements import statement


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("queues", "0005_change_requests_logical_queues_sops"),
        ("record", "0003_refuse_truncate"),
    ]

    operations = [
        migrations.CreateModel(
            name="Launch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("owner", models.CharField(max_length=254)),
                ("opened_by", models.CharField(max_length=254)),
                ("opened_at", models.DateTimeField()),
                ("note", models.CharField(blank=True, max_length=400)),
                (
                    "gold_per_label",
                    models.PositiveSmallIntegerField(
                        default=5, help_text="Golden cases that each label needs."
                    ),
                ),
                (
                    "boundary_per_label",
                    models.PositiveSmallIntegerField(default=1, help_text="How many of them are hard ones."),
                ),
                (
                    "certified_per_language",
                    models.PositiveSmallIntegerField(
                        default=2, help_text="Certified reviewers that each language needs."
                    ),
                ),
                (
                    "accuracy_floor",
                    models.FloatField(
                        blank=True,
                        help_text="What the pilot's accuracy must surely reach.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0.0),
                            django.core.validators.MaxValueValidator(1.0),
                        ],
                    ),
                ),
                (
                    "agreement_floor",
                    models.FloatField(
                        blank=True,
                        help_text="What the pilot's AC1 must surely reach.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0.0),
                            django.core.validators.MaxValueValidator(1.0),
                        ],
                    ),
                ),
                (
                    "on_time_target",
                    models.FloatField(
                        blank=True,
                        help_text="Share of cases to be decided in time.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0.0),
                            django.core.validators.MaxValueValidator(1.0),
                        ],
                    ),
                ),
                (
                    "gap_limit",
                    models.FloatField(
                        default=0.1,
                        help_text="Most chance of too few people that may be signed off.",
                        validators=[
                            django.core.validators.MinValueValidator(0.0),
                            django.core.validators.MaxValueValidator(1.0),
                        ],
                    ),
                ),
                (
                    "canary_share",
                    models.FloatField(
                        default=0.05,
                        help_text="Share of the cases that the canary takes.",
                        validators=[
                            django.core.validators.MinValueValidator(0.0),
                            django.core.validators.MaxValueValidator(1.0),
                        ],
                    ),
                ),
                (
                    "gates",
                    models.JSONField(
                        blank=True, default=dict, help_text="Statuses by number, as last looked at."
                    ),
                ),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
                ("live_at", models.DateTimeField(blank=True, null=True)),
                (
                    "queue",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="launch", to="queues.queue"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        help_text="The queue it was cloned from.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="queues.queue",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "launches",
                "ordering": ["-opened_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=400)),
                (
                    "overdue_at_most",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Open cases past their deadline at which the queue counts as recovered.",
                    ),
                ),
                (
                    "criteria",
                    models.CharField(blank=True, help_text="What else a person must see.", max_length=400),
                ),
                ("opened_by", models.CharField(max_length=254)),
                ("opened_at", models.DateTimeField()),
                ("closed_by", models.CharField(blank=True, max_length=254)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "finding",
                    models.CharField(
                        blank=True, help_text="What was seen when it was closed.", max_length=400
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incidents",
                        to="queues.queue",
                    ),
                ),
            ],
            options={
                "ordering": ["-opened_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=("queue",),
                        name="launches_incident_open_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LaunchCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("gate", models.PositiveSmallIntegerField()),
                ("status", models.CharField(choices=[("pass", "Passed"), ("fail", "Failed")], max_length=4)),
                ("reason", models.CharField(blank=True, max_length=400)),
                ("evidence", models.JSONField(default=dict)),
                ("queue_version", models.PositiveIntegerField()),
                (
                    "configuration",
                    models.CharField(
                        help_text="Digest of the settings that the result holds for.", max_length=64
                    ),
                ),
                ("by", models.CharField(max_length=254)),
                ("at", models.DateTimeField()),
                (
                    "launch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="launches.launch",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(fields=["launch", "gate", "-at", "-id"], name="launches_check_latest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("gate__gte", 1), ("gate__lte", 15)), name="launches_check_gate"
                    )
                ],
            },
        ),
        migrations.RunSQL(statement("launches", "append_only"), statement("launches", "drop_append_only")),
    ]
