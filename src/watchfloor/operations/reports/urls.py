"""The addresses of the feature."""

from django.urls import path, re_path

from watchfloor.operations.reports.views import transparency, wizard

app_name = "reports"

urlpatterns = [
    path("", transparency.overview, name="list"),
    path("transparency/new/", wizard.new, name="new_transparency"),
    path("transparency/<uuid:report_id>/", transparency.show, name="transparency"),
    path("transparency/<uuid:report_id>/act/", transparency.act, name="act"),
    path("transparency/<uuid:report_id>/type/<slug:part>/", wizard.step, name="step"),
    path("transparency/<uuid:report_id>/sheets/<int:number>/", transparency.sheet, name="sheet"),
    re_path(
        r"^transparency/(?P<report_id>[0-9a-f-]{36})/report\.(?P<file>zip|xlsx)$",
        transparency.download,
        name="download",
    ),
]
