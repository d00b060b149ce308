"""Registers the feature with Django, and its guard with queues."""

from django.apps import AppConfig


class LaunchesConfig(AppConfig):
    """The feature `launches`."""

    name = "watchfloor.operations.launches"
    label = "launches"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have every transition of a queue ask the gates."""
        from watchfloor.operations.launches.guarding import faults
        from watchfloor.operations.queues.guards import register_guard

        register_guard("launches", faults)
