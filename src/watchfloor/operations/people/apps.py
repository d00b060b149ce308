"""Registers the feature with Django."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, post_save


class PeopleConfig(AppConfig):
    """The feature `people`."""

    name = "watchfloor.operations.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the database guard data boundaries: after migrations, and whenever a boundary is made."""
        from watchfloor.operations.people.boundary_roles import install

        def guard(**_: Any) -> None:
            install()

        post_migrate.connect(guard, sender=self, weak=False, dispatch_uid="people_guard")
        boundary = self.get_model("DataBoundary")
        post_save.connect(guard, sender=boundary, weak=False, dispatch_uid="people_guard_made")
        post_delete.connect(guard, sender=boundary, weak=False, dispatch_uid="people_guard_gone")
