"""Registers the feature with Django."""

from django.apps import AppConfig


class EnforcementConfig(AppConfig):
    """The feature `enforcement`."""

    name = "watchfloor.operations.enforcement"
    label = "enforcement"
    default_auto_field = "django.db.models.BigAutoField"
