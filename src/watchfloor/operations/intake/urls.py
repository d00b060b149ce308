"""The addresses of intake."""

from django.urls import path

from watchfloor.operations.intake.views import requests, rules, strategies

app_name = "intake"

urlpatterns = [
    path("", strategies.overview, name="strategies"),
    path("table/", strategies.table, name="table"),
    path("new/", requests.new, name="new"),
    path("sums/", requests.sums, name="sums"),
    path("strategies/<slug:slug>/", strategies.detail, name="strategy"),
    path("strategies/<slug:slug>/figures/", strategies.figures, name="figures"),
    path("strategies/<slug:slug>/edit/", requests.edit, name="edit"),
    path("strategies/<slug:slug>/approve/", strategies.approve, name="approve"),
    path("strategies/<slug:slug>/state/", strategies.change_state, name="state"),
    path("rules/", rules.overview, name="rules"),
    path("rules/edit/", rules.edit, name="edit_rules"),
    path("rules/<int:version>/", rules.detail, name="rule_set"),
    path("rules/<int:version>/bench/", rules.bench, name="bench"),
    path("rules/<int:version>/activate/", rules.activate, name="activate"),
]
