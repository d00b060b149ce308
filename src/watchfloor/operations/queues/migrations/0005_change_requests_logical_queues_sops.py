"""Adds change requests, logical queues, procedures with their readers, and what a template looks like."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("queues", "0004_design"),
    ]

    operations = [
        migrations.AddField(
            model_name="templateversion",
            name="author",
            field=models.CharField(blank=True, max_length=254),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="hotkeys",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="layout",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="media",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="templateversion",
            name="note",
            field=models.CharField(blank=True, max_length=400),
        ),
        migrations.CreateModel(
            name="LogicalQueue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("title", models.CharField(max_length=160)),
                ("title_zh_hans", models.CharField(blank=True, max_length=160)),
                ("conditions", models.JSONField(default=dict)),
                (
                    "sla_seconds",
                    models.JSONField(
                        blank=True, default=dict, help_text="Severity to seconds, or `default`."
                    ),
                ),
                (
                    "sla_share",
                    models.FloatField(
                        default=0.95, help_text="Share of the cases to be decided in that time."
                    ),
                ),
                ("callback_endpoint", models.SlugField(blank=True, default="")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("live", "Live"), ("retired", "Retired")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("owner", models.CharField(blank=True, max_length=254)),
                ("created_at", models.DateTimeField()),
                (
                    "data_boundary",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="logical_queues",
                        to="people.databoundary",
                    ),
                ),
            ],
            options={
                "ordering": ["slug"],
            },
        ),
        migrations.CreateModel(
            name="Sop",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=160)),
                ("title_zh_hans", models.CharField(blank=True, max_length=160)),
                ("text", models.TextField()),
                ("text_zh_hans", models.TextField(blank=True)),
                ("note", models.CharField(blank=True, max_length=400)),
                (
                    "policy_slug",
                    models.SlugField(blank=True, default="", help_text="Policy bound when it was published."),
                ),
                ("policy_number", models.PositiveIntegerField(blank=True, null=True)),
                ("author", models.CharField(blank=True, max_length=254)),
                ("published_at", models.DateTimeField()),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sops", to="queues.queue"
                    ),
                ),
                (
                    "template_version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="queues.templateversion",
                    ),
                ),
            ],
            options={
                "ordering": ["queue", "-version"],
            },
        ),
        migrations.CreateModel(
            name="SopAcknowledgement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.reviewer"
                    ),
                ),
                (
                    "sop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acknowledgements",
                        to="queues.sop",
                    ),
                ),
            ],
            options={
                "ordering": ["sop", "reviewer"],
            },
        ),
        migrations.CreateModel(
            name="ChangeRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("base_version", models.PositiveIntegerField()),
                ("changes", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("approved", "Approved"),
                            ("applied", "Applied"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                            ("failed", "Failed"),
                            ("rolled_back", "Rolled back"),
                        ],
                        default="proposed",
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=400)),
                ("proposed_by", models.CharField(max_length=254)),
                ("proposed_at", models.DateTimeField()),
                (
                    "effective_at",
                    models.DateTimeField(blank=True, help_text="Empty means as soon as approved.", null=True),
                ),
                ("approved_by", models.CharField(blank=True, max_length=254)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "reason",
                    models.CharField(blank=True, help_text="Why it was rejected, or failed.", max_length=400),
                ),
                (
                    "applied_version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="queues.queueversion",
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="change_requests",
                        to="queues.queue",
                    ),
                ),
            ],
            options={
                "ordering": ["-proposed_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "approved")),
                        fields=["effective_at"],
                        name="queues_change_due",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="sop",
            constraint=models.UniqueConstraint(fields=("queue", "version"), name="queues_sop_once"),
        ),
        migrations.AddConstraint(
            model_name="sopacknowledgement",
            constraint=models.UniqueConstraint(fields=("sop", "reviewer"), name="queues_sop_read_once"),
        ),
    ]
