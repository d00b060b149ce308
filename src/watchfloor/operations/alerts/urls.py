"""The addresses of the feature."""

from django.urls import path

from watchfloor.operations.alerts.views import alerts, channels, rules, wallboard

app_name = "alerts"

urlpatterns = [
    path("", alerts.overview, name="list"),
    path("<int:alert_id>/", alerts.detail, name="detail"),
    path("<int:alert_id>/acknowledge/", alerts.take_on, name="acknowledge"),
    path("<int:alert_id>/resolve/", alerts.end, name="resolve"),
    path("<int:alert_id>/action/", alerts.add_action, name="action"),
    path("rules/", rules.overview, name="rules"),
    path("rules/new/", rules.new, name="new_rule"),
    path("rules/<slug:slug>/", rules.detail, name="rule"),
    path("rules/<slug:slug>/edit/", rules.edit, name="edit_rule"),
    path("rules/<slug:slug>/move/", rules.move, name="move_rule"),
    path("channels/", channels.overview, name="channels"),
    path("channels/set-up/", channels.set_up, name="set_up_channel"),
    path("channels/<slug:slug>/test/", channels.test, name="test_channel"),
    path("channels/route/", channels.route, name="route_group"),
    path("wallboard/", wallboard.wallboard, name="wallboard"),
    path("wallboard/parts/", wallboard.parts, name="wallboard_parts"),
]
