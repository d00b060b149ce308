"""The addresses of the queues' pages. Pages beside a queue's own come first: their names are no slugs."""

from django.urls import path

from watchfloor.operations.queues.views import (
    calendars,
    changes,
    logical,
    overview,
    settings,
    sops,
    templates,
)

app_name = "queues"

urlpatterns = [
    path("", overview.overview, name="list"),
    path("changes/", changes.overview, name="changes"),
    path("changes/<int:number>/", changes.detail, name="change"),
    path("changes/<int:number>/decide/", changes.decide, name="change_decide"),
    path("logical/", logical.overview, name="logical"),
    path("logical/new/", logical.edit, name="logical_new"),
    path("logical/<slug:slug>/", logical.detail, name="logical_detail"),
    path("logical/<slug:slug>/edit/", logical.edit, name="logical_edit"),
    path("templates/", templates.overview, name="templates"),
    path("templates/new/", templates.editor, name="template_new"),
    path("templates/preview/", templates.preview, name="template_preview"),
    path("templates/<slug:slug>/", templates.editor, name="template"),
    path("calendars/", calendars.overview, name="calendars"),
    path("calendars/new/", calendars.edit, name="calendar_new"),
    path("calendars/<slug:slug>/", calendars.edit, name="calendar"),
    path("<slug:slug>/", overview.detail, name="detail"),
    path("<slug:slug>/settings/", settings.edit, name="settings"),
    path("<slug:slug>/history/", changes.history, name="history"),
    path("<slug:slug>/history/<int:version>/", changes.go_back, name="roll_back"),
    path("<slug:slug>/sop/", sops.read, name="sop"),
    path("<slug:slug>/sop/publish/", sops.publish, name="sop_publish"),
    path("<slug:slug>/sop/<int:version>/read/", sops.confirm, name="sop_confirm"),
]
