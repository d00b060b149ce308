"""The addresses of the feature."""

from django.urls import URLPattern

app_name = "reports"

urlpatterns: list[URLPattern] = []
