"""Registers the feature with Django."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """The feature `policies`."""

    name = "watchfloor.operations.policies"
    label = "policies"
    default_auto_field = "django.db.models.BigAutoField"
