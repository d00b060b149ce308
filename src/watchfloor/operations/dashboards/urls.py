"""The addresses of dashboards."""

from django.urls import path, re_path

from watchfloor.operations.dashboards.views import board, compose, files, overview

app_name = "dashboards"

urlpatterns = [
    path("", overview.overview, name="list"),
    path("pin/", overview.pin_page, name="pin"),
    path("<slug:slug>/", board.detail, name="detail"),
    path("<slug:slug>/tiles/<slug:tile_id>/", board.tile, name="tile"),
    path("<slug:slug>/pulse/", board.pulse, name="pulse"),
    path("<slug:slug>/change/", compose.change, name="change"),
    path("<slug:slug>/describe/", compose.describe, name="describe"),
    path("<slug:slug>/duplicate/", compose.duplicate, name="duplicate"),
    path("<slug:slug>/delete/", compose.delete, name="delete"),
    path("<slug:slug>/bring-back/", overview.restore_deleted, name="bring_back"),
    re_path(r"^(?P<slug>[-a-zA-Z0-9_]+)/export\.(?P<form>csv|xlsx|pdf)$", files.download, name="download"),
]
