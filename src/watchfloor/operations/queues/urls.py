"""The addresses of the queues' pages."""

from django.urls import path

from watchfloor.operations.queues import views

app_name = "queues"

urlpatterns = [
    path("", views.overview, name="list"),
    path("<slug:slug>/", views.detail, name="detail"),
]
