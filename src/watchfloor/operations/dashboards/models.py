"""Dashboards: tiles in order, every change a version. What a tile shows is asked anew for each viewer."""

from django.db import models


class Dashboard(models.Model):
    """What somebody composed. Its tiles are questions, not answers: nobody sees more through it."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=120)
    note = models.CharField(max_length=400, blank=True)
    owner = models.CharField(max_length=254)
    shared = models.BooleanField(default=False, help_text="Whether others may open it, within their grants.")
    data_boundary = models.CharField(
        max_length=64,
        blank=True,
        help_text="Its words stay inside it; blank is outside of all.",
    )
    period = models.CharField(
        max_length=60, blank=True, help_text="For all tiles; blank keeps each one's own."
    )
    tiles = models.JSONField(default=list, help_text="In order; see tiles.Tile.")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title


class DashboardVersion(models.Model):
    """How a dashboard was after one change; it can be had back."""

    dashboard = models.ForeignKey(Dashboard, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    note = models.CharField(max_length=400, blank=True)
    shared = models.BooleanField()
    period = models.CharField(max_length=60, blank=True)
    tiles = models.JSONField()
    author = models.CharField(max_length=254)
    at = models.DateTimeField()
    act = models.CharField(max_length=24)

    class Meta:
        ordering = ["-version", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["dashboard", "version"], name="dashboards_version"),
        ]

    def __str__(self) -> str:
        return f"{self.dashboard_id}@{self.version}"
