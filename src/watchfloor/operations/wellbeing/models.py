"""What protects the people who review: limits of exposure, what was seen, and each person's private choices.

Limits ship empty. `Tally` counts what a person saw, by hour and wellness class; it says nothing
of topics or cases. `OptOut`, `OwnPresentation` and `Incident` are private: no admin page, no event and no
audit entry carries them. The claim reads limits and tallies through the functions of sql/closed.sql.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from watchfloor.operations.wellbeing.care import (
    CONTACT_KINDS,
    INCIDENT_STATES,
    LIMITED_CLASSES,
    MEASURES,
    SCOPES,
    SPANS,
    WELLNESS_CLASSES,
)

_SCOPED = (
    Q(scope="operation", site__isnull=True, reviewer__isnull=True)
    | Q(scope="site", site__isnull=False, reviewer__isnull=True)
    | Q(scope="person", site__isnull=True, reviewer__isnull=False)
)


def _choices(values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(value, value.replace("_", " ").capitalize()) for value in values]


class Limit(models.Model):
    """A rule of the operation, of one site or of one person. Of several that apply, the strictest holds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.CharField(max_length=10, choices=_choices(SCOPES), default="operation")
    site = models.ForeignKey("people.Site", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    reviewer = models.ForeignKey(
        "people.Reviewer", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    set_by = models.CharField(max_length=254)
    set_at = models.DateTimeField()
    reason = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        abstract = True


class Cap(Limit):
    """The most a person may be given of a wellness class: cases or visible minutes, an hour, day or week."""

    wellness_class = models.CharField(max_length=12, choices=_choices(LIMITED_CLASSES))
    span = models.CharField(max_length=6, choices=_choices(SPANS))
    measure = models.CharField(max_length=8, choices=_choices(MEASURES))
    most = models.PositiveIntegerField(help_text="Cases or minutes; 0 keeps the class away altogether.")

    class Meta:
        ordering = ["scope", "wellness_class", "measure", "span", "id"]
        constraints = [
            models.CheckConstraint(name="wellbeing_cap_scope", condition=_SCOPED),
            models.UniqueConstraint(
                fields=["scope", "site", "reviewer", "wellness_class", "span", "measure"],
                name="wellbeing_cap_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.most} {self.measure} of {self.wellness_class} a {self.span}"


class Rhythm(Limit):
    """How many severe cases may follow each other, what then comes between, and when a working day begins."""

    max_consecutive = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Severe cases in a row; empty means any number."
    )
    cool_down_cases = models.PositiveSmallIntegerField(
        default=1, help_text="Other cases after which severe ones are given again; 0 means time alone counts."
    )
    cool_down_minutes = models.PositiveSmallIntegerField(
        default=15, help_text="Minutes after which severe cases are given again, whatever came between."
    )
    day_starts_hour = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Local hour at which a working day begins; empty means midnight."
    )

    class Meta:
        ordering = ["scope", "id"]
        constraints = [
            models.CheckConstraint(name="wellbeing_rhythm_scope", condition=_SCOPED),
            models.CheckConstraint(
                name="wellbeing_rhythm_hour",
                condition=Q(day_starts_hour__isnull=True) | Q(day_starts_hour__lt=24),
            ),
            models.CheckConstraint(
                name="wellbeing_rhythm_turns",
                condition=Q(max_consecutive__isnull=True) | Q(max_consecutive__gt=0),
            ),
            models.CheckConstraint(name="wellbeing_rhythm_rest", condition=Q(cool_down_minutes__gt=0)),
            models.UniqueConstraint(
                fields=["scope", "site", "reviewer"], name="wellbeing_rhythm_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"rhythm of the {self.scope}"


class Override(models.Model):
    """A cap raised for one person until an instant, with the reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reviewer = models.ForeignKey("people.Reviewer", on_delete=models.CASCADE, related_name="+")
    wellness_class = models.CharField(max_length=12, choices=_choices(LIMITED_CLASSES))
    span = models.CharField(max_length=6, choices=_choices(SPANS))
    measure = models.CharField(max_length=8, choices=_choices(MEASURES))
    most = models.PositiveIntegerField()
    until = models.DateTimeField()
    reason = models.CharField(max_length=400)
    granted_by = models.CharField(max_length=254)
    granted_at = models.DateTimeField()

    class Meta:
        ordering = ["-granted_at", "-id"]
        indexes = [models.Index(fields=["reviewer", "until"], name="wellbeing_override_held")]

    def __str__(self) -> str:
        return f"{self.most} {self.measure} of {self.wellness_class} a {self.span}"


class Tally(models.Model):
    """What one person saw of one wellness class in one hour, and in each of its quarters."""

    reviewer = models.ForeignKey(
        "people.Reviewer", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    wellness_class = models.CharField(max_length=12)
    hour_at = models.DateTimeField()
    cases = models.PositiveIntegerField()
    visible_ms = models.BigIntegerField()
    quarter_cases = ArrayField(models.IntegerField(), size=4)
    quarter_ms = ArrayField(models.BigIntegerField(), size=4)

    class Meta:
        ordering = ["reviewer", "wellness_class", "hour_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["reviewer", "wellness_class", "hour_at"], name="wellbeing_tally_once"
            ),
        ]
        indexes = [models.Index(fields=["hour_at"], name="wellbeing_tally_hour")]

    def __str__(self) -> str:
        return f"{self.cases} {self.wellness_class}"


class Run(models.Model):
    """The severe cases that a person had in a row, and what came after the last of them."""

    reviewer = models.OneToOneField(
        "people.Reviewer", primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    severe = models.PositiveIntegerField(default=0)
    last_severe_at = models.DateTimeField()
    others_since = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["reviewer"]

    def __str__(self) -> str:
        return f"{self.severe} in a row"


class Break(models.Model):
    """Somebody takes a minute. The row goes when it ends: nobody counts breaks."""

    reviewer = models.OneToOneField(
        "people.Reviewer", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    since = models.DateTimeField()

    class Meta:
        ordering = ["reviewer"]

    def __str__(self) -> str:
        return "a break"


class Topic(models.Model):
    """Something that a person may ask not to be given; queues and cases name topics by slug."""

    slug = models.SlugField(primary_key=True, max_length=40)
    name = models.CharField(max_length=120)
    name_zh_hans = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class OptOut(models.Model):
    """A topic that a person is not given. Private to the person and the wellbeing role."""

    reviewer = models.ForeignKey(
        "people.Reviewer", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    topic = models.CharField(max_length=40)

    class Meta:
        ordering = ["reviewer", "topic"]
        constraints = [
            models.UniqueConstraint(fields=["reviewer", "topic"], name="wellbeing_optout_once"),
        ]

    def __str__(self) -> str:
        return "a private choice"


class Presented(models.Model):
    """How media of a wellness class is shown; empty means: as the level above says."""

    wellness_class = models.CharField(max_length=12, choices=_choices(WELLNESS_CLASSES))
    muted = models.BooleanField(null=True, blank=True)
    paused = models.BooleanField(null=True, blank=True)
    blurred = models.BooleanField(null=True, blank=True)
    grey = models.BooleanField(null=True, blank=True)
    notice = models.BooleanField(null=True, blank=True)

    class Meta:
        abstract = True


class ClassPresentation(Presented):
    """How the operation shows media of a wellness class."""

    class Meta:
        ordering = ["wellness_class"]
        constraints = [models.UniqueConstraint(fields=["wellness_class"], name="wellbeing_class_once")]

    def __str__(self) -> str:
        return self.wellness_class


class OwnPresentation(Presented):
    """How one person wants media of a wellness class to be shown."""

    reviewer = models.ForeignKey(
        "people.Reviewer", on_delete=models.CASCADE, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["reviewer", "wellness_class"]
        constraints = [
            models.UniqueConstraint(fields=["reviewer", "wellness_class"], name="wellbeing_own_once")
        ]

    def __str__(self) -> str:
        return "a private choice"


class Contact(models.Model):
    """Somebody to talk to: a peer, a clinician, a line that answers."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=_choices(CONTACT_KINDS))
    reach = models.CharField(max_length=254, help_text="A number, an address or a place, and when.")
    site = models.ForeignKey("people.Site", null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["kind", "name", "id"]

    def __str__(self) -> str:
        return self.name


class Incident(models.Model):
    """What somebody told the wellbeing role after something hard. Its words are for that role alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reviewer = models.ForeignKey("people.Reviewer", on_delete=models.CASCADE, related_name="+")
    told = models.TextField(blank=True, default="", help_text="In the person's own words, or nothing at all.")
    wants_contact = models.BooleanField(default=True)
    opened_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=_choices(INCIDENT_STATES), default="open")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at", "-id"]

    def __str__(self) -> str:
        return "a private record"


class IncidentNote(models.Model):
    """What the wellbeing role noted of an incident."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="notes")
    at = models.DateTimeField()
    author = models.CharField(max_length=254)
    text = models.TextField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return "a private note"
