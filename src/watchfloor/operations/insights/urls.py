"""The addresses of the floor, Explore, imports and the change log."""

from django.urls import path, re_path

from watchfloor.operations.insights.views import (
    changes,
    dead_letters,
    explore,
    floor,
    imports,
    logical,
    queue_parts,
    template_trial,
)

app_name = "insights"

urlpatterns = [
    path("", floor.floor, name="floor"),
    path("floor/summary", floor.floor_summary, name="floor_summary"),
    path("floor/<str:slug>/", floor.floor_drawer, name="floor_drawer"),
    path("explore/", explore.explore, name="explore"),
    path("explore/values/<slug:name>/", explore.values, name="explore_values"),
    path("explore/cases/", explore.cases, name="explore_cases"),
    re_path(r"^explore/figures\.(?P<form>csv|xlsx|pdf)$", explore.download, name="explore_download"),
    path("imports/", imports.overview, name="imports"),
    path("imports/dead-letters/", dead_letters.overview, name="dead_letters"),
    path("imports/dead-letters/replay/", dead_letters.replay, name="dead_letters_replay"),
    path("imports/<str:import_id>/", imports.detail, name="import"),
    path("imports/<str:import_id>/rejected.csv", imports.rejected, name="import_rejected"),
    path("changes/", changes.change_log, name="changes"),
    path("logical-parts/", logical.totals, name="logical_totals"),
    path("logical-parts/<slug:slug>/live/", logical.live, name="logical_live"),
    path("logical-parts/<slug:slug>/metrics/", logical.metrics, name="logical_metrics"),
    path("template-trials/<slug:slug>/", template_trial.trial, name="template_trial"),
    path("queue-parts/<slug:slug>/live/", queue_parts.live, name="queue_live"),
    path("queue-parts/<slug:slug>/metrics/", queue_parts.metrics, name="queue_metrics"),
]
