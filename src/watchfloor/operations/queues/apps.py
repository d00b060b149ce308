"""Registers the feature with Django."""

from django.apps import AppConfig


class QueuesConfig(AppConfig):
    """The feature `queues`."""

    name = "watchfloor.operations.queues"
    label = "queues"
    default_auto_field = "django.db.models.BigAutoField"
