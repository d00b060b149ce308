"""Registers the feature with Django."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """The feature `reports`."""

    name = "watchfloor.operations.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"
