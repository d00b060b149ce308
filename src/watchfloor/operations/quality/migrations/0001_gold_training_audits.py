import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        ("policies", "0003_label_code"),
        ("queues", "0004_design"),
        ("review", "0005_case_care"),
    ]

    operations = [
        migrations.CreateModel(
            name="GoldMix",
            fields=[
                (
                    "queue",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="gold_mix",
                        serialize=False,
                        to="queues.queue",
                    ),
                ),
                ("counted_to", models.DateTimeField()),
                ("owed", models.FloatField(default=0.0)),
            ],
            options={
                "verbose_name_plural": "gold mixes",
                "ordering": ["queue"],
            },
        ),
        migrations.CreateModel(
            name="AuditDesign",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("title", models.CharField(max_length=160)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("simple", "Simple"),
                            ("stratified", "Stratified"),
                            ("systematic", "Systematic"),
                        ],
                        default="simple",
                        max_length=10,
                    ),
                ),
                (
                    "unit_kind",
                    models.CharField(
                        choices=[("review", "Review"), ("decision", "Decision")],
                        default="review",
                        max_length=8,
                    ),
                ),
                ("seed", models.BigIntegerField()),
                (
                    "plan",
                    models.JSONField(
                        help_text="Share or count a frame; strata, allocation and floor where stratified."
                    ),
                ),
                (
                    "frame_hours",
                    models.PositiveSmallIntegerField(default=24, help_text="Length of one frame, hours."),
                ),
                (
                    "blind",
                    models.BooleanField(
                        default=True, help_text="Whether the auditor answers before seeing the answer."
                    ),
                ),
                ("starts_at", models.DateTimeField(help_text="Start of the first frame.")),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                ("created_by", models.CharField(max_length=254)),
                ("created_at", models.DateTimeField()),
                ("queues", models.ManyToManyField(related_name="audit_designs", to="queues.queue")),
            ],
            options={
                "ordering": ["slug"],
            },
        ),
        migrations.CreateModel(
            name="AuditDraw",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("frame_start", models.DateTimeField()),
                ("frame_end", models.DateTimeField()),
                (
                    "seed",
                    models.CharField(
                        help_text="Seed of this drawing, from the design's and the frame.", max_length=80
                    ),
                ),
                ("method", models.CharField(max_length=40)),
                ("plan", models.JSONField()),
                (
                    "strata",
                    models.JSONField(help_text="Stratum, population, size and inclusion probability."),
                ),
                ("population", models.PositiveIntegerField()),
                ("size", models.PositiveIntegerField()),
                ("drawn_at", models.DateTimeField()),
                (
                    "design",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draws",
                        to="quality.auditdesign",
                    ),
                ),
            ],
            options={
                "ordering": ["design", "-frame_start"],
            },
        ),
        migrations.CreateModel(
            name="Audit",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "unit_kind",
                    models.CharField(choices=[("review", "Review"), ("decision", "Decision")], max_length=8),
                ),
                ("unit_id", models.UUIDField(help_text="The audited review or decision.")),
                ("unit_at", models.DateTimeField()),
                (
                    "dimensions",
                    models.JSONField(help_text="Dimension columns of the fact, as they were at the drawing."),
                ),
                ("stratum", models.CharField(blank=True, max_length=300)),
                ("pi", models.FloatField(help_text="Inclusion probability, in (0, 1].")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("taken", "Taken"),
                            ("answered", "Answered"),
                            ("done", "Done"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                (
                    "verdict",
                    models.CharField(
                        blank=True, choices=[("correct", "Correct"), ("incorrect", "Incorrect")], max_length=9
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        blank=True,
                        choices=[("critical", "Critical"), ("major", "Major"), ("minor", "Minor")],
                        max_length=8,
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("policy_unclear", "Policy unclear"),
                            ("training", "Training"),
                            ("tool", "Tool"),
                            ("strategy", "Strategy"),
                            ("human", "Human"),
                            ("gold_wrong", "Gold wrong"),
                        ],
                        max_length=16,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("audited_at", models.DateTimeField(blank=True, null=True)),
                (
                    "dispute_state",
                    models.CharField(
                        choices=[
                            ("none", "None"),
                            ("open", "Open"),
                            ("upheld", "Upheld"),
                            ("rejected", "Rejected"),
                            ("grey", "Grey"),
                        ],
                        default="none",
                        max_length=8,
                    ),
                ),
                ("adjudicated_answer", models.JSONField(blank=True, null=True)),
                ("correction_decision_id", models.UUIDField(blank=True, null=True)),
                (
                    "audit_review",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audit_made",
                        to="review.review",
                    ),
                ),
                (
                    "auditor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audits_made",
                        to="people.reviewer",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="audits", to="review.case"
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="audits", to="queues.queue"
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        help_text="The audited review, or the one that settled the audited decision.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audits",
                        to="review.review",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audits_of_work",
                        to="people.reviewer",
                    ),
                ),
                (
                    "design",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audits",
                        to="quality.auditdesign",
                    ),
                ),
                (
                    "draw",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audits",
                        to="quality.auditdraw",
                    ),
                ),
            ],
            options={
                "ordering": ["unit_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("reviewer", "Reviewer"),
                            ("qa", "Qa"),
                            ("adjudicator", "Adjudicator"),
                            ("policy", "Policy"),
                        ],
                        default="qa",
                        max_length=12,
                    ),
                ),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField()),
                ("opened_by", models.CharField(max_length=254)),
                ("opened_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("upheld", "Upheld"), ("rejected", "Rejected"), ("grey", "Grey")],
                        max_length=8,
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "audit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dispute",
                        to="quality.audit",
                    ),
                ),
            ],
            options={
                "ordering": ["due_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="DisputeStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("reviewer", "Reviewer"),
                            ("qa", "Qa"),
                            ("adjudicator", "Adjudicator"),
                            ("policy", "Policy"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "ruling",
                    models.CharField(
                        choices=[
                            ("filed", "Filed"),
                            ("upheld", "Upheld"),
                            ("rejected", "Rejected"),
                            ("escalated", "Escalated"),
                            ("referred", "Referred"),
                            ("grey", "Grey"),
                            ("accepted", "Accepted"),
                            ("lapsed", "Lapsed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("by", models.CharField(max_length=254)),
                ("note", models.TextField(blank=True)),
                ("answer", models.JSONField(blank=True, null=True)),
                ("at", models.DateTimeField()),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="quality.dispute",
                    ),
                ),
            ],
            options={
                "ordering": ["dispute", "at", "id"],
            },
        ),
        migrations.CreateModel(
            name="GoldCase",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "gold_id",
                    models.CharField(help_text="The golden case over all its versions.", max_length=80),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("nominated", "Nominated"),
                            ("contested", "Contested"),
                            ("standing", "Standing"),
                            ("expired", "Expired"),
                            ("rejected", "Rejected"),
                        ],
                        default="nominated",
                        max_length=10,
                    ),
                ),
                (
                    "truth",
                    models.JSONField(
                        blank=True, default=dict, help_text="Labels and action on which two people agree."
                    ),
                ),
                ("rationale", models.TextField(blank=True)),
                ("difficulty", models.FloatField(blank=True, help_text="0 easy to 1 hard.", null=True)),
                ("nominated_by", models.CharField(max_length=254)),
                ("nominated_at", models.DateTimeField()),
                ("note", models.CharField(blank=True, max_length=400)),
                (
                    "recorded_at",
                    models.DateTimeField(blank=True, help_text="When two adjudications agreed.", null=True),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("ended_reason", models.CharField(blank=True, max_length=200)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="gold", to="review.case"
                    ),
                ),
                (
                    "policy_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gold",
                        to="policies.policyversion",
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="gold", to="queues.queue"
                    ),
                ),
            ],
            options={
                "ordering": ["-nominated_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Exercise",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="exercise",
                        serialize=False,
                        to="review.case",
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("hidden", "Hidden"), ("training", "Training")], max_length=8),
                ),
                ("reference", models.JSONField(help_text="Labels and action of the right answer.")),
                ("rationale", models.TextField(blank=True)),
                ("difficulty", models.FloatField(blank=True, null=True)),
                ("enqueued_at", models.DateTimeField()),
                (
                    "reviewer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exercises",
                        to="people.reviewer",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="replays", to="review.case"
                    ),
                ),
                (
                    "gold",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exercises",
                        to="quality.goldcase",
                    ),
                ),
            ],
            options={
                "ordering": ["-enqueued_at", "-case"],
            },
        ),
        migrations.CreateModel(
            name="Adjudication",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("adjudicator", models.CharField(max_length=254)),
                (
                    "labels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), blank=True, default=list, size=None
                    ),
                ),
                ("action", models.CharField(blank=True, max_length=40)),
                ("rationale", models.TextField()),
                ("difficulty", models.FloatField()),
                ("at", models.DateTimeField()),
                (
                    "gold",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="adjudications",
                        to="quality.goldcase",
                    ),
                ),
            ],
            options={
                "ordering": ["gold", "at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Training",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("first", "First"), ("recertification", "Recertification")],
                        default="first",
                        max_length=16,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("training", "Training"),
                            ("graduated", "Graduated"),
                            ("failed", "Failed"),
                            ("superseded", "Superseded"),
                        ],
                        default="training",
                        max_length=12,
                    ),
                ),
                (
                    "failing_accuracy",
                    models.FloatField(default=0.9, help_text="θ₀: somebody this good must not pass."),
                ),
                (
                    "passing_accuracy",
                    models.FloatField(default=0.95, help_text="θ₁: somebody this good must pass."),
                ),
                ("false_pass", models.FloatField(default=0.05, help_text="α: chance that θ₀ passes.")),
                ("false_fail", models.FloatField(default=0.1, help_text="β: chance that θ₁ fails.")),
                ("log_likelihood", models.FloatField(default=0.0)),
                ("correct", models.PositiveIntegerField(default=0)),
                ("wrong", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField()),
                ("started_by", models.CharField(blank=True, max_length=254)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "policy_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trainings",
                        to="policies.policyversion",
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trainings",
                        to="queues.queue",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trainings",
                        to="people.reviewer",
                    ),
                ),
            ],
            options={
                "ordering": ["queue", "reviewer", "-started_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="TrainingAnswer",
            fields=[
                (
                    "review",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="judged",
                        serialize=False,
                        to="review.review",
                    ),
                ),
                ("correct", models.BooleanField()),
                ("log_likelihood", models.FloatField()),
                ("at", models.DateTimeField()),
                (
                    "exercise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="quality.exercise",
                    ),
                ),
                (
                    "training",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="quality.training",
                    ),
                ),
            ],
            options={
                "ordering": ["training", "at", "review"],
            },
        ),
        migrations.AddConstraint(
            model_name="auditdesign",
            constraint=models.CheckConstraint(
                condition=models.Q(("frame_hours__gte", 1)), name="quality_design_frame"
            ),
        ),
        migrations.AddConstraint(
            model_name="auditdraw",
            constraint=models.UniqueConstraint(fields=("design", "frame_start"), name="quality_draw_once"),
        ),
        migrations.AddIndex(
            model_name="audit",
            index=models.Index(fields=["queue", "state", "unit_at"], name="quality_audit_queue"),
        ),
        migrations.AddIndex(
            model_name="audit",
            index=models.Index(fields=["reviewer", "-audited_at"], name="quality_audit_reviewer"),
        ),
        migrations.AddIndex(
            model_name="audit",
            index=models.Index(fields=["unit_id"], name="quality_audit_unit"),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.UniqueConstraint(fields=("draw", "unit_id"), name="quality_audit_unit_once"),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.CheckConstraint(
                condition=models.Q(("pi__gt", 0), ("pi__lte", 1)), name="quality_audit_pi"
            ),
        ),
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)), fields=["due_at"], name="quality_dispute_due"
            ),
        ),
        migrations.AddIndex(
            model_name="goldcase",
            index=models.Index(fields=["queue", "state", "-nominated_at"], name="quality_gold_queue"),
        ),
        migrations.AddConstraint(
            model_name="goldcase",
            constraint=models.UniqueConstraint(
                fields=("gold_id", "version"), name="quality_gold_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="goldcase",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "standing")),
                fields=("gold_id",),
                name="quality_gold_standing_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="goldcase",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("nominated", "contested", "standing"))),
                fields=("case",),
                name="quality_gold_case_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="goldcase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("difficulty__isnull", True),
                    models.Q(("difficulty__gte", 0), ("difficulty__lte", 1)),
                    _connector="OR",
                ),
                name="quality_gold_difficulty",
            ),
        ),
        migrations.AddIndex(
            model_name="exercise",
            index=models.Index(fields=["source", "kind"], name="quality_exercise_source"),
        ),
        migrations.AddConstraint(
            model_name="adjudication",
            constraint=models.UniqueConstraint(
                fields=("gold", "adjudicator"), name="quality_adjudicator_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="adjudication",
            constraint=models.CheckConstraint(
                condition=models.Q(("difficulty__gte", 0), ("difficulty__lte", 1)),
                name="quality_adjudication_difficulty",
            ),
        ),
        migrations.AddConstraint(
            model_name="training",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "training")),
                fields=("reviewer", "queue"),
                name="quality_training_once",
            ),
        ),
    ]
