"""Queues and their versioned configuration. A change of configuration is a new `QueueVersion`."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from watchfloor.facts.schemas import PURPOSES

STATES = (
    "draft",
    "configured",
    "policy_bound",
    "template_aligned",
    "training_ready",
    "calibrated",
    "canary",
    "live",
    "paused",
    "recovering",
    "retired",
)
SERVING_STATES = ("canary", "live", "recovering")
ACCEPTING_STATES = ("canary", "live", "paused", "recovering")
MODES = [
    ("label", "One review"),
    ("double_review", "Two blind reviews, a third on conflict"),
    ("sampled_double", "Double review of a share of the cases"),
    ("sample_audit", "One review, a sample is audited"),
    ("consensus", "Reviews until enough of them agree"),
]
WELLNESS_CLASSES = ("standard", "elevated", "severe")


def _choices(values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(value, value.replace("_", " ").capitalize()) for value in values]


class Template(models.Model):
    """A review page: what is asked of the reviewer."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=160)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """One version of a template; `schema` is the JSON Schema of the answer's free fields.

    What `layout`, `hotkeys` and `media` may say stands in `form_spec`, which turns them into a form.
    """

    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    schema = models.JSONField(default=dict, blank=True)
    layout = models.JSONField(default=dict, blank=True)
    hotkeys = models.JSONField(default=dict, blank=True)
    media = models.JSONField(default=dict, blank=True)
    author = models.CharField(max_length=254, blank=True)
    note = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["template", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["template", "version"], name="queues_template_version_once"),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


class Calendar(models.Model):
    """Business hours and holidays that a deadline may count by, in one time zone.

    `hours` maps a weekday (0 is Monday) to pairs of minutes after midnight, `holidays` lists ISO dates.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC")
    hours = models.JSONField(default=dict)
    holidays = ArrayField(models.DateField(), default=list, blank=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class Queue(models.Model):
    """A stream of cases: what it is for, and where it stands now."""

    slug = models.SlugField(unique=True, max_length=80)
    title = models.CharField(max_length=160)
    title_zh_hans = models.CharField(max_length=160, blank=True)
    group = models.CharField(max_length=80)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    surface = models.CharField(max_length=40)
    purpose = models.CharField(max_length=12, choices=_choices(PURPOSES), default="production")
    mode = models.CharField(max_length=16, choices=MODES, default="label")
    state = models.CharField(max_length=20, choices=_choices(STATES), default="draft")
    languages = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    markets = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    data_boundary = models.ForeignKey(
        "people.DataBoundary", null=True, blank=True, on_delete=models.PROTECT, related_name="queues"
    )
    owner = models.CharField(max_length=254, blank=True)
    current_version = models.ForeignKey(
        "queues.QueueVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["group", "slug"]
        indexes = [GinIndex(fields=["markets"], name="queues_queue_markets")]

    def __str__(self) -> str:
        return self.title


class QueueVersion(models.Model):
    """The configuration of a queue from an instant until the next version takes over."""

    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    policy_version = models.ForeignKey(
        "policies.PolicyVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Copies of the bound policy's slug and number: the claim asks for them a thousand times a second.
    policy_slug = models.SlugField(blank=True, default="", editable=False)
    policy_number = models.PositiveIntegerField(null=True, blank=True, editable=False)
    label_subset = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, help_text="Empty means every label."
    )
    template_version = models.ForeignKey(
        TemplateVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sla_seconds = models.JSONField(default=dict, help_text="Severity to seconds; `default` for the rest.")
    double_share = models.FloatField(
        default=0.0, help_text="Share of cases reviewed twice, for a queue that doubles a sample; 0 to 1."
    )
    sop_version = models.PositiveIntegerField(null=True, blank=True)
    sop_required = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Only those who confirmed that they read the procedure in force are served.",
    )
    required_skills = ArrayField(models.SlugField(), default=list, blank=True)
    certification_required = models.BooleanField(default=False)
    site_shares = models.JSONField(
        default=dict, blank=True, help_text="Site slug to share of the work; empty means every site."
    )
    escalation_queue = models.ForeignKey(
        Queue, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lease_seconds = models.PositiveIntegerField(default=600)
    priority_lift = models.PositiveSmallIntegerField(
        default=0, help_text="How many severity classes earlier than others of its severity a case is served."
    )
    wellness_class = models.CharField(max_length=12, choices=_choices(WELLNESS_CLASSES), default="standard")
    topics = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, help_text="What a reviewer may opt out of."
    )
    sla_rules = models.JSONField(
        default=list,
        blank=True,
        help_text="Deadlines by severity, source and market; the first that matches, else sla_seconds.",
    )
    calendar = models.ForeignKey(
        "queues.Calendar", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    site_overflow = ArrayField(
        models.SlugField(),
        default=list,
        blank=True,
        help_text="Sites that take what others leave, in order.",
    )
    overflow_after = models.FloatField(
        default=0.5, help_text="Share of the time to the deadline after which other sites may take a case."
    )
    starvation_share = models.FloatField(
        default=0.1, help_text="Share of claims served by deadline alone, whatever the severity class."
    )
    consensus_required = models.PositiveSmallIntegerField(
        default=0, help_text="Equal answers that decide a case in consensus mode."
    )
    consensus_of = models.PositiveSmallIntegerField(
        default=0, help_text="Most reviews of a case in consensus mode."
    )
    gold_share = models.FloatField(default=0.0, help_text="Golden cases mixed in, per case served; 0 to 1.")
    audit_share = models.FloatField(default=0.0, help_text="Share of the reviews drawn for audit; 0 to 1.")
    qa_plan = models.JSONField(default=dict, blank=True, help_text="Sampling design of the audits.")
    training_queue = models.ForeignKey(
        Queue, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    canary_template_version = models.ForeignKey(
        TemplateVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    canary_share = models.FloatField(
        default=0.0, help_text="Share of the cases shown in the canary template; 0 to 1."
    )
    canary_slower_share = models.FloatField(
        default=0.1,
        db_default=0.1,
        help_text="How much slower, as a share, a trial may surely be before its promotion is held up.",
    )
    canary_disagreement_share = models.FloatField(
        default=0.05,
        db_default=0.05,
        help_text="By how much more, as a share of cases, reviewers may surely disagree in the trial.",
    )
    intake_share = models.FloatField(
        default=1.0, help_text="Share of the cases a queue in canary takes; the others are routed on."
    )
    callback_endpoint = models.SlugField(
        blank=True, default="", help_text="Name of the endpoint that is told each decision."
    )
    effective_from = models.DateTimeField()
    effective_to = models.DateTimeField(null=True, blank=True)
    author = models.CharField(max_length=254, blank=True)
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["queue", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["queue", "version"], name="queues_version_once"),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


CHANGE_STATES = ("proposed", "approved", "applied", "rejected", "withdrawn", "failed", "rolled_back")


class ChangeRequest(models.Model):
    """A change of a queue's settings that waits for another person, or for its instant.

    `changes` maps each setting to its value before and after, as `selectors.settings_of` writes them; the
    other settings stay as they are when the change takes effect.
    """

    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="change_requests")
    base_version = models.PositiveIntegerField()
    changes = models.JSONField()
    state = models.CharField(max_length=12, choices=_choices(CHANGE_STATES), default="proposed")
    note = models.CharField(max_length=400, blank=True)
    proposed_by = models.CharField(max_length=254)
    proposed_at = models.DateTimeField()
    effective_at = models.DateTimeField(null=True, blank=True, help_text="Empty means as soon as approved.")
    approved_by = models.CharField(max_length=254, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=400, blank=True, help_text="Why it was rejected, or failed.")
    applied_version = models.ForeignKey(
        QueueVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-proposed_at", "-id"]
        indexes = [
            models.Index(
                fields=["effective_at"],
                condition=models.Q(state="approved"),
                name="queues_change_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.queue_id}: {self.state}"


LOGICAL_STATES = ("draft", "live", "retired")


class LogicalQueue(models.Model):
    """A queue that is a view over physical queues: it holds conditions, never a case.

    `conditions` maps a dimension of `logical.CONDITIONS` to the values that belong; what is left out does
    not restrict.
    """

    slug = models.SlugField(unique=True, max_length=80)
    title = models.CharField(max_length=160)
    title_zh_hans = models.CharField(max_length=160, blank=True)
    conditions = models.JSONField(default=dict)
    sla_seconds = models.JSONField(default=dict, blank=True, help_text="Severity to seconds, or `default`.")
    sla_share = models.FloatField(default=0.95, help_text="Share of the cases to be decided in that time.")
    callback_endpoint = models.SlugField(blank=True, default="")
    data_boundary = models.ForeignKey(
        "people.DataBoundary", null=True, blank=True, on_delete=models.PROTECT, related_name="logical_queues"
    )
    state = models.CharField(max_length=10, choices=_choices(LOGICAL_STATES), default="draft")
    owner = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.title


class Sop(models.Model):
    """One version of a queue's written procedure. It is in force when a queue version names it."""

    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="sops")
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    title_zh_hans = models.CharField(max_length=160, blank=True)
    text = models.TextField()
    text_zh_hans = models.TextField(blank=True)
    note = models.CharField(max_length=400, blank=True)
    policy_slug = models.SlugField(blank=True, default="", help_text="Policy bound when it was published.")
    policy_number = models.PositiveIntegerField(null=True, blank=True)
    template_version = models.ForeignKey(
        TemplateVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    author = models.CharField(max_length=254, blank=True)
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["queue", "-version"]
        constraints = [models.UniqueConstraint(fields=["queue", "version"], name="queues_sop_once")]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"


class SopAcknowledgement(models.Model):
    """A reviewer has read a version of a procedure."""

    sop = models.ForeignKey(Sop, on_delete=models.PROTECT, related_name="acknowledgements")
    reviewer = models.ForeignKey("people.Reviewer", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["sop", "reviewer"]
        constraints = [models.UniqueConstraint(fields=["sop", "reviewer"], name="queues_sop_read_once")]

    def __str__(self) -> str:
        return f"{self.reviewer_id} read {self.sop_id}"
