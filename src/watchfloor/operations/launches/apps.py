"""Registers the feature with Django."""

from django.apps import AppConfig


class LaunchesConfig(AppConfig):
    """The feature `launches`."""

    name = "watchfloor.operations.launches"
    label = "launches"
    default_auto_field = "django.db.models.BigAutoField"
