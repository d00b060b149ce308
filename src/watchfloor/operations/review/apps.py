"""Registers the feature with Django."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """The feature `review`."""

    name = "watchfloor.operations.review"
    label = "review"
    default_auto_field = "django.db.models.BigAutoField"
