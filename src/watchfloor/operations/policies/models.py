"""Policies in versions, each with the taxonomy of labels that held under it."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models

from watchfloor.operations.policies.vocabulary import ACTIONS, SEVERITIES

_CODE = RegexValidator(
    r"\A[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*\Z",
    "Write a code of letters, digits, hyphens and underscores, its parts joined by dots.",
)

STATES = [("draft", "Draft"), ("published", "Published"), ("retired", "Retired")]


class Policy(models.Model):
    """A body of rules about content."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=160)
    name_zh_hans = models.CharField(max_length=160, blank=True)
    owner = models.CharField(max_length=254, blank=True)

    class Meta:
        ordering = ["slug"]
        verbose_name_plural = "policies"

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """The text in force from an instant until the next version takes over."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=STATES, default="draft")
    text = models.TextField(blank=True)
    summary = models.CharField(max_length=400, blank=True)
    effective_from = models.DateTimeField(null=True, blank=True)
    effective_to = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    author = models.CharField(max_length=254, blank=True)

    class Meta:
        ordering = ["policy", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "version"], name="policies_version_once"),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


class Label(models.Model):
    """A policy tag that a reviewer may choose, within one version."""

    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="labels")
    code = models.CharField(max_length=80, db_index=True, validators=[_CODE])
    name = models.CharField(max_length=160)
    name_zh_hans = models.CharField(max_length=160, blank=True)
    text = models.TextField(blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    violative = models.BooleanField(default=True)
    severity = models.CharField(max_length=10, blank=True, choices=[(s, s.capitalize()) for s in SEVERITIES])
    action = models.CharField(
        max_length=40, blank=True, choices=[(a, a.replace("_", " ").capitalize()) for a in ACTIONS]
    )
    dsa_category = models.CharField(max_length=80, blank=True)
    dsa_keyword = models.CharField(max_length=80, blank=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    deprecated = models.BooleanField(default=False)
    successor = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors"
    )

    class Meta:
        ordering = ["policy_version", "code"]
        constraints = [
            models.UniqueConstraint(fields=["policy_version", "code"], name="policies_label_once"),
        ]

    def __str__(self) -> str:
        return self.name
