"""Registers the feature with Django."""

from django.apps import AppConfig


class TargetsConfig(AppConfig):
    """The feature `targets`."""

    name = "watchfloor.operations.targets"
    label = "targets"
    default_auto_field = "django.db.models.BigAutoField"
