"""The addresses of the feature."""

from django.urls import path

from watchfloor.operations.targets.views import board, detail, plan, studio, workbook

app_name = "targets"

urlpatterns = [
    path("", board.board, name="board"),
    path("applied/", board.applied_here, name="applied"),
    path("studio/", studio.studio, name="studio"),
    path("plans/", studio.plans, name="plans"),
    path("plans/<int:plan_id>/", plan.show, name="plan"),
    path("plans/<int:plan_id>/act/", plan.act, name="act"),
    path("plans/<int:plan_id>/units/<int:line_id>/", plan.unit, name="unit"),
    path("plans/<int:plan_id>/workbook.xlsx", workbook.download, name="workbook"),
    path("plans/<int:plan_id>/upload/", workbook.upload, name="upload"),
    path("plans/<int:plan_id>/apply/", workbook.apply, name="apply"),
    path("<uuid:target_id>/", detail.show, name="detail"),
    path("<uuid:target_id>/withdraw/", detail.withdraw, name="withdraw"),
]
