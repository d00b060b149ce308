"""The addresses of `launches`."""

from django.urls import path

from watchfloor.operations.launches.views import detail, overview, steps

app_name = "launches"

urlpatterns = [
    path("", overview.overview, name="list"),
    path("new/", overview.new, name="new"),
    path("<slug:slug>/", detail.detail, name="detail"),
    path("<slug:slug>/open/", detail.open_existing, name="open"),
    path("<slug:slug>/check/<int:gate>/", detail.check, name="check"),
    path("<slug:slug>/move/", detail.move, name="move"),
    path("<slug:slug>/incident/", detail.incident, name="incident"),
    path("<slug:slug>/<slug:step>/", steps.step, name="step"),
]
