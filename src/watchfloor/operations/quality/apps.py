"""Registers the feature with Django."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    """The feature `quality`."""

    name = "watchfloor.operations.quality"
    label = "quality"
    default_auto_field = "django.db.models.BigAutoField"
