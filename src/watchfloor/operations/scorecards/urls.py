"""The addresses of the feature."""

from django.urls import URLPattern, path

from watchfloor.operations.scorecards.views import boards, contracts, definitions, units

app_name = "scorecards"

urlpatterns: list[URLPattern] = [
    path("", boards.start, name="start"),
    path("me/", units.mine, name="mine"),
    path("me/dispute/", units.dispute_own, name="dispute_own"),
    path("definitions/", definitions.overview, name="definitions"),
    path("definitions/<slug:kind>/", definitions.edit, name="definition"),
    path("disputes/<int:dispute_id>/", units.answer, name="answer"),
    path("contracts/", contracts.overview, name="contracts"),
    path("contracts/new/", contracts.new, name="new_contract"),
    path("contracts/<int:contract_id>/", contracts.detail, name="contract"),
    path("contracts/<int:contract_id>/publish/", contracts.publication, name="publish_contract"),
    path("contracts/<int:contract_id>/check/", contracts.check, name="check_invoice"),
    path("contracts/<int:contract_id>/<slug:form>/", contracts.download, name="statement"),
    path("contracts/checks/<int:check_id>/", contracts.checked, name="check"),
    path("<slug:kind>/", boards.overview, name="board"),
    path("<slug:kind>/download/", boards.download, name="download"),
    path("<slug:kind>/<slug:slug>/", units.detail, name="unit"),
    path("<slug:kind>/<slug:slug>/say/", units.say, name="say"),
]
