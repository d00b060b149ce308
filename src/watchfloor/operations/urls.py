"""Every address of the operation. Each feature says its own; here they are only put together."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from watchfloor.operations.api import api
from watchfloor.operations.health import healthz
from watchfloor.operations.people.sign_in_page import sign_in

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("sign-in/<str:token>", sign_in, name="sign_in"),
    path("accounts/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("queues/", include("watchfloor.operations.queues.urls")),
    path("people/", include("watchfloor.operations.people.urls")),
    path("policies/", include("watchfloor.operations.policies.urls")),
    path("wellbeing/", include("watchfloor.operations.wellbeing.urls")),
    path("routing/", include("watchfloor.operations.routing.urls")),
    path("cases/", include("watchfloor.operations.review.urls")),
    path("enforcement/", include("watchfloor.operations.enforcement.urls")),
    path("quality/", include("watchfloor.operations.quality.urls")),
    path("console/", include("watchfloor.operations.console.urls")),
    path("launches/", include("watchfloor.operations.launches.urls")),
    path("intake/", include("watchfloor.operations.intake.urls")),
    path("targets/", include("watchfloor.operations.targets.urls")),
    path("catalogue/", include("watchfloor.operations.catalogue.urls")),
    path("scorecards/", include("watchfloor.operations.scorecards.urls")),
    path("dashboards/", include("watchfloor.operations.dashboards.urls")),
    path("alerts/", include("watchfloor.operations.alerts.urls")),
    path("reports/", include("watchfloor.operations.reports.urls")),
    path("", include("watchfloor.operations.insights.urls")),
]
