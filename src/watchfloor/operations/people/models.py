"""Sites, teams, reviewers and what each reviewer is able and certified to do."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

EMPLOYER_KINDS = [("in_house", "In-house"), ("vendor", "Vendor")]


class DataBoundary(models.Model):
    """A boundary that cases inside it must not leave."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    minimum_count = models.PositiveIntegerField(
        default=10, help_text="Counts below this are suppressed in anything that leaves the boundary."
    )
    aggregates_leave = models.BooleanField(
        default=False, help_text="Whether sums by queue and day may be seen from outside."
    )

    class Meta:
        ordering = ["slug"]
        verbose_name_plural = "data boundaries"

    def __str__(self) -> str:
        return self.name


class Vendor(models.Model):
    """A company that provides reviewers."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A place where reviewers work."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    employer_kind = models.CharField(max_length=10, choices=EMPLOYER_KINDS)
    vendor = models.ForeignKey(Vendor, null=True, blank=True, on_delete=models.PROTECT, related_name="sites")
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2, upper case.")
    time_zone = models.CharField(max_length=64, default="UTC")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                name="people_site_vendor",
                condition=models.Q(employer_kind="vendor", vendor__isnull=False)
                | models.Q(employer_kind="in_house", vendor__isnull=True),
                violation_error_message="A vendor site names its vendor; an in-house site has none.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """A team of one site."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="teams")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class Skill(models.Model):
    """Something a queue may ask of a reviewer."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class Reviewer(models.Model):
    """A person who reviews cases, under a code; the name stays with the employer."""

    code = models.CharField(max_length=40, unique=True)
    user = models.OneToOneField(
        "people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="reviewer"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="reviewers")
    hired_on = models.DateField()
    first_production_on = models.DateField(
        null=True, blank=True, help_text="Day of the first production case; tenure counts from here."
    )
    languages = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    skills = ArrayField(models.SlugField(), default=list, blank=True)
    data_boundary = models.ForeignKey(
        DataBoundary, null=True, blank=True, on_delete=models.PROTECT, related_name="reviewers"
    )
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Certification(models.Model):
    """A reviewer's licence for one version of a policy. The policy is named by slug: policies stand above."""

    reviewer = models.ForeignKey(Reviewer, on_delete=models.CASCADE, related_name="certifications")
    policy = models.SlugField()
    policy_version = models.PositiveIntegerField()
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["reviewer", "policy", "-policy_version", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reviewer", "policy", "policy_version"], name="people_certification_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.policy} v{self.policy_version}"


from watchfloor.operations.people.accounts import ApiClient, Grant, SignInLink, User  # noqa: E402 -- Django finds models here

__all__ = [
    "ApiClient",
    "Certification",
    "DataBoundary",
    "Grant",
    "Reviewer",
    "SignInLink",
    "Site",
    "Skill",
    "Team",
    "User",
    "Vendor",
]


class RequestBucket(models.Model):
    """How many requests of the API a caller has left, for all web processes; written by `request_limits`."""

    caller = models.CharField(max_length=120, primary_key=True)
    full_at = models.DateTimeField(help_text="When the bucket is full again.")

    def __str__(self) -> str:
        return self.caller
