"""Registers the feature with Django, and its guard with the strategies."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """The feature `intake`."""

    name = "watchfloor.operations.intake"
    label = "intake"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have every step of a strategy ask what its canary yields."""
        from watchfloor.operations.intake.yield_guard import yield_faults
        from watchfloor.operations.routing.turn_guards import register_turn_guard

        register_turn_guard("intake", yield_faults)
