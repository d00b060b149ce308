"""Registers the feature with Django, and its guard with the changes of queues."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """The feature `insights`."""

    name = "watchfloor.operations.insights"
    label = "insights"

    def ready(self) -> None:
        """Have every approval of a queue's change ask what a trial showed."""
        from watchfloor.operations.insights.trial_guard import against_promotion
        from watchfloor.operations.queues.change_guards import register_change_guard

        register_change_guard("insights", against_promotion)
