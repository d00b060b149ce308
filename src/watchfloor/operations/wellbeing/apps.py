"""Registers the feature with Django."""

from django.apps import AppConfig


class WellbeingConfig(AppConfig):
    """The feature `wellbeing`."""

    name = "watchfloor.operations.wellbeing"
    label = "wellbeing"
    default_auto_field = "django.db.models.BigAutoField"
