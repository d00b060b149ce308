"""Gives waiting cases lanes, overflow and reservations; leases what was shown; and answers drafts."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("queues", "0004_design"),
        ("review", "0005_case_care"),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("draft", models.JSONField()),
                ("saved_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["case", "reviewer"],
            },
        ),
        migrations.CreateModel(
            name="Held",
            fields=[
                ("language", models.CharField(default="", max_length=10)),
                ("priority", models.PositiveSmallIntegerField()),
                ("deadline_at", models.DateTimeField()),
                ("enqueued_at", models.DateTimeField()),
                ("turn", models.PositiveSmallIntegerField(default=0)),
                (
                    "excluded",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("site", models.CharField(db_default="", default="", max_length=80)),
                ("overflow_at", models.DateTimeField(null=True)),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), db_default=[], default=list, size=None
                    ),
                ),
                ("wellness_class", models.CharField(db_default="", default="", max_length=12)),
                (
                    "case",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="held",
                        serialize=False,
                        to="review.case",
                    ),
                ),
                ("reserved_for", models.BigIntegerField(null=True)),
                ("reserved_until", models.DateTimeField(null=True)),
                ("until", models.DateTimeField()),
                ("held_at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
            ],
            options={
                "verbose_name_plural": "held",
                "ordering": ["until", "case"],
            },
        ),
        migrations.CreateModel(
            name="Lane",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("site", models.CharField(db_default="", default="", max_length=80)),
                ("language", models.CharField(db_default="", default="", max_length=10)),
                ("has_heads", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "ordering": ["queue", "site", "language"],
            },
        ),
        migrations.RemoveIndex(
            model_name="pending",
            name="review_pending_head",
        ),
        migrations.RemoveIndex(
            model_name="pending",
            name="review_pending_deadline",
        ),
        migrations.AddField(
            model_name="lease",
            name="decides_alone",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="One answer decides the case, and nothing else follows.",
            ),
        ),
        migrations.AddField(
            model_name="lease",
            name="exposure_class",
            field=models.CharField(
                db_default="standard",
                default="standard",
                help_text="The higher of queue and case.",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="lease",
            name="is_first_day",
            field=models.BooleanField(
                db_default=False, default=False, help_text="The person had no production case before."
            ),
        ),
        migrations.AddField(
            model_name="lease",
            name="is_prefetched",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Taken ahead: its handle time starts when it is begun.",
            ),
        ),
        migrations.AddField(
            model_name="lease",
            name="lease_seconds",
            field=models.PositiveIntegerField(db_default=600, default=600),
        ),
        migrations.AddField(
            model_name="lease",
            name="overflow_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="lease",
            name="shown",
            field=models.JSONField(
                db_default={},
                default=dict,
                help_text="Versions shown and golden case, as the fact names them.",
            ),
        ),
        migrations.AddField(
            model_name="lease",
            name="site",
            field=models.CharField(db_default="", default="", max_length=80),
        ),
        migrations.AddField(
            model_name="lease",
            name="template_version",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="queues.templateversion",
            ),
        ),
        migrations.AddField(
            model_name="lease",
            name="topics",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="lease",
            name="wellness_class",
            field=models.CharField(db_default="", default="", max_length=12),
        ),
        migrations.AddField(
            model_name="pending",
            name="overflow_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="pending",
            name="reserved_for",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="pending",
            name="reserved_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="pending",
            name="site",
            field=models.CharField(db_default="", default="", max_length=80),
        ),
        migrations.AddField(
            model_name="pending",
            name="topics",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="pending",
            name="wellness_class",
            field=models.CharField(db_default="", default="", max_length=12),
        ),
        migrations.AlterField(
            model_name="case",
            name="author_id",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AlterField(
            model_name="case",
            name="gold_id",
            field=models.CharField(blank=True, db_default="", default="", max_length=80),
        ),
        migrations.AlterField(
            model_name="case",
            name="purpose",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Blank is the queue's; hidden golden cases have `qa`.",
                max_length=12,
            ),
        ),
        migrations.AlterField(
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
                db_default="",
                default="",
                help_text="Who noticed it.",
                max_length=24,
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="topics",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), blank=True, db_default=[], default=list, size=None
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="wellness_class",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Blank is the queue's; a case can only raise it.",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="lease",
            name="case",
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lease",
                to="review.case",
            ),
        ),
        migrations.AlterField(
            model_name="pending",
            name="case",
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                primary_key=True,
                related_name="pending",
                serialize=False,
                to="review.case",
            ),
        ),
        migrations.AddIndex(
            model_name="pending",
            index=models.Index(
                fields=["queue", "site", "language", "priority", "deadline_at", "enqueued_at", "case"],
                name="review_pending_head",
            ),
        ),
        migrations.AddIndex(
            model_name="pending",
            index=models.Index(
                fields=["queue", "site", "language", "deadline_at", "enqueued_at", "case"],
                name="review_pending_deadline",
            ),
        ),
        migrations.AddIndex(
            model_name="pending",
            index=models.Index(
                condition=models.Q(("site", ""), _negated=True),
                fields=["queue", "site", "language", "overflow_at", "case"],
                name="review_pending_overflow",
            ),
        ),
        migrations.AddIndex(
            model_name="pending",
            index=models.Index(
                condition=models.Q(("reserved_for__isnull", False)),
                fields=["reserved_for"],
                name="review_pending_reserved",
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="case",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="review.case",
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="reviewer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="people.reviewer",
            ),
        ),
        migrations.AddField(
            model_name="held",
            name="queue",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="queues.queue",
            ),
        ),
        migrations.AddField(
            model_name="lane",
            name="queue",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="queues.queue",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(fields=("case", "reviewer"), name="review_draft_once"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("object_id", ""), _negated=True),
                fields=["object_id"],
                name="review_case_object",
            ),
        ),
        migrations.AddIndex(
            model_name="held",
            index=models.Index(fields=["until"], name="review_held_until"),
        ),
        migrations.AddConstraint(
            model_name="lane",
            constraint=models.UniqueConstraint(fields=("queue", "site", "language"), name="review_lane_once"),
        ),
    ]
