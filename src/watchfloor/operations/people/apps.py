"""Registers the feature with Django."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The feature `people`."""

    name = "watchfloor.operations.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
