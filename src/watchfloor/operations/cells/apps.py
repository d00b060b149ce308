"""Registers the feature with Django."""

from django.apps import AppConfig


class CellsConfig(AppConfig):
    """The feature `cells`."""

    name = "watchfloor.operations.cells"
    label = "cells"
