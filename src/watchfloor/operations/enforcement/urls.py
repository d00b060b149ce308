"""The addresses of `enforcement`."""

from django.urls import path

from watchfloor.operations.enforcement.views import appeals, callbacks, frame, statements

app_name = "enforcement"

urlpatterns = [
    path("", frame.start, name="start"),
    path("callbacks/", callbacks.overview, name="callbacks"),
    path("callbacks/replay/", callbacks.replay, name="replay"),
    path("callbacks/<int:delivery_id>/", callbacks.delivery, name="delivery"),
    path("endpoints/new/", callbacks.new_endpoint, name="new_endpoint"),
    path("endpoints/<slug:slug>/", callbacks.endpoint, name="endpoint"),
    path("endpoints/<slug:slug>/change/", callbacks.change_endpoint, name="change_endpoint"),
    path("endpoints/<slug:slug>/rotate/", callbacks.rotate, name="rotate_secret"),
    path("appeals/", appeals.overview, name="appeals"),
    path("appeals/<uuid:appeal_id>/", appeals.detail, name="appeal"),
    path("appeals/<uuid:appeal_id>/settle/", appeals.settle, name="settle_appeal"),
    path("statements/", statements.overview, name="statements"),
    path("statements/rebuild/", statements.rebuild, name="rebuild_statements"),
    path("statements/<int:statement_id>/", statements.detail, name="statement"),
]
