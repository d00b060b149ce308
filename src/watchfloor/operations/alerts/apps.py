"""Registers the feature with Django."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """The feature `alerts`."""

    name = "watchfloor.operations.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"
