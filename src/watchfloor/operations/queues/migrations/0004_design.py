"""Adds what a designed queue is made of: calendars, deadlines by case, overflow, consensus, canary."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("queues", "0003_settled"),
    ]

    operations = [
        migrations.CreateModel(
            name="Calendar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=120)),
                ("time_zone", models.CharField(default="UTC", max_length=64)),
                ("hours", models.JSONField(default=dict)),
                (
                    "holidays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateField(), blank=True, default=list, size=None
                    ),
                ),
            ],
            options={
                "ordering": ["slug"],
            },
        ),
        migrations.AddField(
            model_name="queueversion",
            name="audit_share",
            field=models.FloatField(default=0.0, help_text="Share of the reviews drawn for audit; 0 to 1."),
        ),
        migrations.AddField(
            model_name="queueversion",
            name="callback_endpoint",
            field=models.SlugField(
                blank=True, default="", help_text="Name of the endpoint that is told each decision."
            ),
        ),
        migrations.AddField(
            model_name="queueversion",
            name="canary_share",
            field=models.FloatField(
                default=0.0, help_text="Share of the cases shown in the canary template; 0 to 1."
            ),
        ),
        migrations.AddField(
            model_name="queueversion",
            name="canary_template_version",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="queues.templateversion",
            ),
        ),
        migrations.AddField(
            model_name="queueversion",
            name="consensus_of",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="Most reviews of a case in consensus mode."
            ),
        ),
        migrations.AddField(
            model_name="queueversion",
            name="consensus_required",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="Equal answers that decide a case in consensus mode."
            ),
        ),
        migrations.AddField(
            model_name="queueversion",
            name="gold_share",
            field=models.FloatField(default=0.0, help_text="Golden cases mixed in, per case served; 0 to 1."),
        ),
        migrations.AddField(
            model_name="queueversion",
            name="intake_share",
            field=models.FloatField(
                default=1.0, help_text="Share of the cases a queue in canary takes; the others are routed on."
            ),
        ),
        migrations.AddField(
            model_name="queueversion",
            name="overflow_after",
            field=models.FloatField(
                default=0.5,
                help_text="Share of the time to the deadline after which other sites may take a case.",
            ),
        ),
        migrations.AddField(
            model_name="queueversion",
            name="qa_plan",
            field=models.JSONField(blank=True, default=dict, help_text="Sampling design of the audits."),
        ),
        migrations.AddField(
            model_name="queueversion",
            name="site_overflow",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.SlugField(),
                blank=True,
                default=list,
                help_text="Sites that take what others leave, in order.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="queueversion",
            name="sla_rules",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Deadlines by severity, source and market; the first that matches, else sla_seconds.",
            ),
        ),
        migrations.AddField(
            model_name="queueversion",
            name="starvation_share",
            field=models.FloatField(
                default=0.1,
                help_text="Share of claims served by deadline alone, whatever the severity class.",
            ),
        ),
        migrations.AddField(
            model_name="queueversion",
            name="topics",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40),
                blank=True,
                default=list,
                help_text="What a reviewer may opt out of.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="queueversion",
            name="training_queue",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="queues.queue",
            ),
        ),
        migrations.AlterField(
            model_name="queue",
            name="mode",
            field=models.CharField(
                choices=[
                    ("label", "One review"),
                    ("double_review", "Two blind reviews, a third on conflict"),
                    ("sampled_double", "Double review of a share of the cases"),
                    ("sample_audit", "One review, a sample is audited"),
                    ("consensus", "Reviews until enough of them agree"),
                ],
                default="label",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="queueversion",
            name="calendar",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="queues.calendar",
            ),
        ),
    ]
