"""Registers the feature with Django."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The feature `console`."""

    name = "watchfloor.operations.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"
