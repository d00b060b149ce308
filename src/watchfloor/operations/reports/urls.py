"""The addresses of the feature."""

from django.urls import path, re_path

from watchfloor.operations.reports.views import review, transparency, wizard

app_name = "reports"

urlpatterns = [
    path("", transparency.overview, name="list"),
    path("review/", review.current, name="review"),
    path("review/keep/", review.keep_current, name="review_keep"),
    path("review/<uuid:report_id>/", review.kept, name="review_kept"),
    re_path(
        r"^review/(?P<report_id>[0-9a-f-]{36})/pack\.(?P<file>pdf|xlsx)$", review.pack, name="review_pack"
    ),
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
