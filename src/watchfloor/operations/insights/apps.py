"""Registers the feature with Django."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """The feature `insights`."""

    name = "watchfloor.operations.insights"
    label = "insights"
