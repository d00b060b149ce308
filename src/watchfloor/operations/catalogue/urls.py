"""The addresses of the feature."""

from django.urls import URLPattern

app_name = "catalogue"

urlpatterns: list[URLPattern] = []
