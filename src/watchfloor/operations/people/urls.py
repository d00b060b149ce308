"""The addresses of the people pages."""

from django.urls import path

from watchfloor.operations.people import views

app_name = "people"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("sites/<slug:slug>/", views.site, name="site"),
    path("reviewers/", views.reviewer_list, name="reviewers"),
    path("reviewers/<str:code>/", views.reviewer_detail, name="reviewer"),
]
