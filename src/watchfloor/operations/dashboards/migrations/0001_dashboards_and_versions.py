"""Dashboards, each change of one a version."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Dashboard",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("title", models.CharField(max_length=120)),
                ("note", models.CharField(blank=True, max_length=400)),
                ("owner", models.CharField(max_length=254)),
                (
                    "shared",
                    models.BooleanField(
                        default=False, help_text="Whether others may open it, within their grants."
                    ),
                ),
                (
                    "data_boundary",
                    models.CharField(
                        blank=True,
                        help_text="Its words stay inside it; blank is outside of all.",
                        max_length=64,
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        blank=True, help_text="For all tiles; blank keeps each one's own.", max_length=60
                    ),
                ),
                ("tiles", models.JSONField(default=list, help_text="In order; see tiles.Tile.")),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["title", "pk"],
            },
        ),
        migrations.CreateModel(
            name="DashboardVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=120)),
                ("note", models.CharField(blank=True, max_length=400)),
                ("shared", models.BooleanField()),
                ("period", models.CharField(blank=True, max_length=60)),
                ("tiles", models.JSONField()),
                ("author", models.CharField(max_length=254)),
                ("at", models.DateTimeField()),
                ("act", models.CharField(max_length=24)),
                (
                    "dashboard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="dashboards.dashboard",
                    ),
                ),
            ],
            options={
                "ordering": ["-version", "-pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("dashboard", "version"), name="dashboards_version")
                ],
            },
        ),
    ]
