"""The addresses of `wellbeing`."""

from django.urls import path

from watchfloor.operations.wellbeing.views import mine, records, rules

app_name = "wellbeing"

urlpatterns = [
    path("", rules.overview, name="rules"),
    path("caps/", rules.cap, name="cap"),
    path("caps/<uuid:cap_id>/remove/", rules.cap_removed, name="cap_removed"),
    path("rhythm/", rules.rhythm, name="rhythm"),
    path("presentation/", rules.presentation, name="presentation"),
    path("contacts/", rules.contact, name="contact"),
    path("contacts/<int:contact_id>/remove/", rules.contact_removed, name="contact_removed"),
    path("mine/", mine.overview, name="mine"),
    path("mine/topics/", mine.topics, name="my_topics"),
    path("mine/rhythm/", mine.rhythm, name="my_rhythm"),
    path("mine/presentation/", mine.presentation, name="my_presentation"),
    path("mine/told/", mine.told, name="told"),
    path("teams/", records.teams, name="teams"),
    path("people/", records.people, name="people"),
    path("people/<str:code>/", records.person, name="person"),
    path("people/<str:code>/caps/", records.person_cap, name="person_cap"),
    path(
        "people/<str:code>/caps/<uuid:cap_id>/remove/", records.person_cap_removed, name="person_cap_removed"
    ),
    path("people/<str:code>/override/", records.override, name="override"),
    path("records/", records.incident_list, name="incidents"),
    path("records/<uuid:incident_id>/", records.incident_detail, name="incident"),
    path("records/<uuid:incident_id>/follow-up/", records.incident_followed, name="incident_followed"),
]
