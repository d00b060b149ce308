"""The addresses of the console."""

from django.urls import path

from watchfloor.operations.console.views import audits, cases, media, team, work

app_name = "console"

urlpatterns = [
    path("", work.console, name="work"),
    path("next/", work.next_case, name="next"),
    path("minute/", work.minute, name="minute"),
    path("leave/", work.leave, name="leave"),
    path("leases/<uuid:token>/submit/", work.submit, name="submit"),
    path("leases/<uuid:token>/alike/", work.look_alikes, name="look_alikes"),
    path("leases/<uuid:token>/skip/", work.skip, name="skip"),
    path("leases/<uuid:token>/release/", work.release, name="release"),
    path("leases/<uuid:token>/escalate/", work.escalate, name="escalate"),
    path("leases/<uuid:token>/hold/", work.hold, name="hold"),
    path("leases/<uuid:token>/send/", work.send, name="send"),
    path("leases/<uuid:token>/draft/", work.draft, name="draft"),
    path("leases/<uuid:token>/renew/", work.renew, name="renew"),
    path("leases/<uuid:token>/begin/", work.begin, name="begin"),
    path("team/", team.overview, name="team"),
    path("team/leases/<uuid:token>/take-back/", team.take_back, name="take_back"),
    path("team/leases/<uuid:token>/assign/", team.assign, name="assign"),
    path("audits/", audits.overview, name="audits"),
    path("audits/mine/", audits.mine, name="own_audits"),
    path("audits/<uuid:audit_id>/", audits.detail, name="audit"),
    path("audits/<uuid:audit_id>/take/", audits.take, name="take_audit"),
    path("audits/<uuid:audit_id>/give-back/", audits.give_back, name="give_back_audit"),
    path("audits/<uuid:audit_id>/answer/", audits.answer, name="answer_audit"),
    path("audits/<uuid:audit_id>/verdict/", audits.verdict, name="verdict"),
    path("audits/<uuid:audit_id>/correct/", audits.correct, name="correct_audit"),
    path("audits/<uuid:audit_id>/rule/", audits.rule, name="rule_dispute"),
    path("audits/<uuid:audit_id>/dispute/", audits.dispute, name="dispute_audit"),
    path("cases/", cases.search, name="cases"),
    path("cases/<uuid:case_id>/", cases.detail, name="case"),
    path("cases/<uuid:case_id>/restrictions/<int:restriction_id>/lift/", cases.lift, name="lift"),
    path("media/pictures/<slug:scene>/<int:seed>/<int:step>.svg", media.drawn, name="picture"),
    path("media/sounds/<int:seed>/<int:seconds>.wav", media.played, name="sound"),
]
