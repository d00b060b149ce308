"""Registers the feature with Django."""

from django.apps import AppConfig


class RoutingConfig(AppConfig):
    """The feature `routing`."""

    name = "watchfloor.operations.routing"
    label = "routing"
    default_auto_field = "django.db.models.BigAutoField"
