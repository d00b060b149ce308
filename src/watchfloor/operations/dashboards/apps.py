"""Registers the feature with Django."""

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    """The feature `dashboards`."""

    name = "watchfloor.operations.dashboards"
    label = "dashboards"
    default_auto_field = "django.db.models.BigAutoField"
