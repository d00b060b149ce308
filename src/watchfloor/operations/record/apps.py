"""Registers the feature with Django."""

from django.apps import AppConfig


class RecordConfig(AppConfig):
    """The feature `record`."""

    name = "watchfloor.operations.record"
    label = "record"
    default_auto_field = "django.db.models.BigAutoField"
