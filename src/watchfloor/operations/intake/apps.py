"""Registers the feature with Django."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """The feature `intake`."""

    name = "watchfloor.operations.intake"
    label = "intake"
    default_auto_field = "django.db.models.BigAutoField"
