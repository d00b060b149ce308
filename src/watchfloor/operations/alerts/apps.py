"""Registers the feature with Django, and its parts with the pages below it."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """The feature `alerts`."""

    name = "watchfloor.operations.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the floor and the queue pages show what stands."""
        from watchfloor.operations.alerts.inclusions import of_a_queue, on_the_floor
        from watchfloor.operations.shell.inclusions import register

        register("floor", on_the_floor)
        register("queue", of_a_queue)
