"""Registers the feature with Django."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """The feature `catalogue`."""

    name = "watchfloor.operations.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"
