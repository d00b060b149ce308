"""Registers the feature with Django."""

from django.apps import AppConfig


class ScorecardsConfig(AppConfig):
    """The feature `scorecards`."""

    name = "watchfloor.operations.scorecards"
    label = "scorecards"
    default_auto_field = "django.db.models.BigAutoField"
