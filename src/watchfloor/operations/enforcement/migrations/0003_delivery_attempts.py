"""Keeps every attempt of a delivery, over its replays."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enforcement", "0002_stated_position")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="round",
            field=models.PositiveIntegerField(
                db_default=0, default=0, help_text="How often it was replayed."
            ),
        ),
        migrations.CreateModel(
            name="DeliveryAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("round", models.PositiveIntegerField(help_text="0 at first; one more with each replay.")),
                ("attempt", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField(help_text="When it came back.")),
                (
                    "status",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Empty without an answer.", null=True
                    ),
                ),
                (
                    "seconds",
                    models.FloatField(
                        blank=True, help_text="Until the answer; empty without one.", null=True
                    ),
                ),
                ("error", models.CharField(blank=True, default="", max_length=500)),
                (
                    "body",
                    models.CharField(
                        blank=True, default="", help_text="How the answer begins.", max_length=500
                    ),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attempts",
                        to="enforcement.delivery",
                    ),
                ),
            ],
            options={
                "ordering": ["delivery", "round", "attempt", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("delivery", "round", "attempt"), name="enforcement_deliveryattempt_once"
                    )
                ],
            },
        ),
    ]
