"""The addresses of the catalogue."""

from django.urls import path

from watchfloor.operations.catalogue import views

app_name = "catalogue"

urlpatterns = [
    path("", views.overview, name="list"),
    path("new/", views.edit, name="new"),
    path("check/", views.check, name="check"),
    path("proposals/<int:proposal_id>/", views.proposal, name="proposal"),
    path("proposals/<int:proposal_id>/decide/", views.decide, name="decide"),
    path("<slug:metric>/", views.detail, name="detail"),
    path("<slug:metric>/edit/", views.edit, name="edit"),
    path("<slug:metric>/retire/", views.retire, name="retire"),
]
