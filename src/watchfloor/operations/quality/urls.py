"""The addresses of quality."""

from django.urls import path

from watchfloor.operations.quality.views import designs, gold, overview, training

app_name = "quality"

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("gold/", gold.library, name="gold"),
    path("gold/nominate/", gold.nominate, name="gold_nominate"),
    path("gold/<uuid:gold_id>/", gold.detail, name="gold_case"),
    path("gold/<uuid:gold_id>/adjudicate/", gold.adjudicate, name="gold_adjudicate"),
    path("gold/<uuid:gold_id>/end/", gold.end, name="gold_end"),
    path("gold/<uuid:gold_id>/renew/", gold.renew, name="gold_renew"),
    path("training/", training.overview, name="training"),
    path("training/<slug:slug>/enrol/", training.enrol, name="training_enrol"),
    path("training/<slug:slug>/build/", training.build, name="training_build"),
    path("certifications/", training.certifications, name="certifications"),
    path("certifications/<int:version_id>/carry-over/", training.carry_over, name="carry_over"),
    path("designs/", designs.overview, name="designs"),
    path("designs/new/", designs.new, name="design_new"),
    path("designs/<slug:slug>/", designs.detail, name="design"),
    path("designs/<slug:slug>/end/", designs.end, name="design_end"),
]
