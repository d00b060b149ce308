"""The addresses of the policies' pages."""

from django.urls import path

from watchfloor.operations.policies import views

app_name = "policies"

urlpatterns = [
    path("", views.overview, name="list"),
    path("<slug:slug>/", views.detail, name="detail"),
]
