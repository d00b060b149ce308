"""Registers the frame with Django."""

from django.apps import AppConfig


class ShellConfig(AppConfig):
    """The frame; it owns no data."""

    name = "watchfloor.operations.shell"
    label = "shell"
    default_auto_field = "django.db.models.BigAutoField"
