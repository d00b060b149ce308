"""Gates that the configuration answers: policy, template, queues, targets, procedure, care."""

from django.urls import reverse
from django.utils.translation import gettext

from watchfloor.operations.alerts.selectors import is_about, rules_for, tested_channels, waivers
from watchfloor.operations.launches.gate import FAIL, PASS, UNKNOWN, Finding, Situation
from watchfloor.operations.launches.people_ready import read_and_certified
from watchfloor.operations.policies.models import Label
from watchfloor.operations.policies.services import publishing_faults
from watchfloor.operations.queues.form_spec import forms_of
from watchfloor.operations.queues.models import SERVING_STATES
from watchfloor.operations.queues.sops import sop_of
from watchfloor.operations.queues.template_faults import fit_faults, template_faults
from watchfloor.operations.wellbeing.models import Cap, Rhythm

_SHOWN = 4


def policy_is_bound(at: Situation) -> Finding:
    """Gate 1: a published policy version is bound, and each of its labels is complete."""
    version = at.version
    policy = version.policy_version if version else None
    if version is None or policy is None:
        return Finding(FAIL, gettext("No policy version is bound."), gettext("Bind one."), at.step(1))
    named = f"{version.policy_slug} v{version.policy_number}"
    if policy.state != "published":
        return Finding(
            FAIL,
            gettext("%(policy)s is not in force: its state is %(state)s.")
            % {"policy": named, "state": policy.get_state_display().lower()},
            gettext("Bind the version in force."),
            at.step(1),
        )
    if faults := publishing_faults(policy, version.label_subset):
        return Finding(
            FAIL,
            " ".join(faults[:_SHOWN]),
            gettext("Complete its labels."),
            reverse("policies:detail", args=[version.policy_slug]),
        )
    count = policy.labels.filter(deprecated=False).count()
    if version.label_subset:
        count = len(version.label_subset)
    return Finding(
        PASS,
        gettext("%(policy)s is in force; %(count)s labels have text, severity, action and mapping.")
        % {"policy": named, "count": count},
    )


def template_fits(at: Situation) -> Finding:
    """Gate 2: the template's schema is valid, and fits the labels of the bound policy."""
    version = at.version
    template = version.template_version if version else None
    if version is None or template is None:
        return Finding(FAIL, gettext("No template is chosen."), gettext("Choose one."), at.step(2))
    form = forms_of(template, version.policy_version, version.label_subset)
    codes = [label.code for label in form.labels]
    if faults := [*template_faults(template), *(fit_faults(template, codes) if codes else [])]:
        return Finding(
            FAIL, " ".join(faults[:_SHOWN]), gettext("Correct the template, or choose another."), at.step(2)
        )
    if not codes:
        return Finding(
            FAIL, gettext("The form offers no label."), gettext("Bind a policy with labels."), at.step(1)
        )
    return Finding(
        PASS,
        gettext("%(template)s fits: %(labels)s labels and %(fields)s fields.")
        % {
            "template": f"{template.template.slug} v{template.version}",
            "labels": len(codes),
            "fields": len(form.fields),
        },
    )


def queues_exist(at: Situation) -> Finding:
    """Gate 3: the queue names a training queue of the same policy version that serves trainees."""
    training = at.version.training_queue if at.version else None
    if at.version is None or training is None:
        return Finding(
            FAIL, gettext("No training queue is named."), gettext("Make one, or name one."), at.step(3)
        )
    url = reverse("launches:detail", args=[training.slug])
    if training.purpose != "training":
        return Finding(
            FAIL,
            gettext("%(queue)s is no training queue.") % {"queue": training.slug},
            gettext("Name a queue for training."),
            at.step(3),
        )
    bound = training.current_version.policy_version_id if training.current_version else None
    if bound is None or bound != at.version.policy_version_id:
        return Finding(
            FAIL,
            gettext("%(queue)s binds another policy version.") % {"queue": training.slug},
            gettext("Bind the same version there."),
            url,
        )
    if training.state not in SERVING_STATES:
        return Finding(
            FAIL,
            gettext("%(queue)s serves nobody yet.") % {"queue": training.slug},
            gettext("Open the training queue."),
            url,
        )
    return Finding(
        PASS, gettext("%(queue)s serves trainees under the same policy.") % {"queue": training.slug}
    )


def targets_are_set(at: Situation) -> Finding:
    """Gate 10: deadlines stand, and a person has said what is to be reached."""
    launch = at.launch
    if launch is None or at.version is None or not at.version.sla_seconds:
        return Finding(UNKNOWN, gettext("No targets are set."), gettext("Set them."), at.step(10))
    wanted = {
        gettext("decided in time"): launch.on_time_target,
        gettext("accuracy"): launch.accuracy_floor,
        gettext("agreement"): launch.agreement_floor,
    }
    if at.queue.purpose == "appeal":
        wanted = {gettext("decided in time"): launch.on_time_target}
    if missing := [name for name, value in wanted.items() if value is None]:
        return Finding(
            FAIL,
            gettext("No target for: %(names)s.") % {"names": ", ".join(missing)},
            gettext("Set them; the product ships none."),
            at.step(10),
        )
    return Finding(
        PASS,
        gettext("Deadlines and targets are set: %(targets)s.")
        % {
            "targets": ", ".join(f"{name} {value:.0%}" for name, value in wanted.items() if value is not None)
        },
    )


def procedure_is_read(at: Situation) -> Finding:
    """Gate 12: a procedure for the bound policy is in force, and enough certified people have read it."""
    sop = sop_of(at.version) if at.version else None
    url = at.step(12)
    if at.version is None or sop is None:
        return Finding(FAIL, gettext("No procedure is in force."), gettext("Publish one."), url)
    if (sop.policy_slug, sop.policy_number) != (at.version.policy_slug, at.version.policy_number):
        return Finding(
            FAIL,
            gettext("Procedure v%(number)s was written under another policy version.")
            % {"number": sop.version},
            gettext("Read it against the policy and publish it anew."),
            url,
        )
    needed = at.launch.certified_per_language if at.launch else 1
    read = read_and_certified(at, sop)
    if short := [language for language, count in read.items() if count < needed]:
        return Finding(
            FAIL,
            gettext("Too few certified reviewers have read v%(number)s: %(counts)s; each needs %(needed)s.")
            % {
                "number": sop.version,
                "counts": ", ".join(f"{language or '–'} {read[language]}" for language in short),
                "needed": needed,
            },
            gettext("Ask them to read and confirm it."),
            url,
        )
    told = gettext("Procedure v%(number)s is in force and read by %(count)s certified reviewers.") % {
        "number": sop.version,
        "count": sum(read.values()),
    }
    kept = (
        gettext("Who has not read it is served no case.")
        if at.version.sop_required
        else gettext("Who has not read it is served all the same: the queue does not require it.")
    )
    return Finding(PASS, f"{told} {kept}")


def dashboards_are_live(at: Situation) -> Finding:
    """Gate 13: a rule watches its deadline and one its quality, each told to a channel that was tested."""
    found, waived = rules_for(at.queue), waivers(at.queue)
    names = {"deadline": gettext("deadline"), "quality": gettext("quality")}
    missing = [
        names[about]
        for about in names
        if about not in waived and not any(is_about(rule, about) for rule in found)
    ]
    if missing:
        return Finding(
            FAIL,
            gettext("No alert rule watches its %(names)s.") % {"names": ", ".join(missing)},
            gettext("Make the standard rules, or say why it needs none."),
            at.step(13),
        )
    unheard = [
        names[about]
        for about in names
        if about not in waived and not any(tested_channels(rule) for rule in found if is_about(rule, about))
    ]
    if unheard:
        return Finding(
            FAIL,
            gettext("Alerts on its %(names)s go to no channel that was tested.")
            % {"names": ", ".join(unheard)},
            gettext("Test a channel."),
            reverse("alerts:channels"),
        )
    reason = gettext("Its page and its line on the floor stand; %(count)s alert rules watch it.") % {
        "count": len(found)
    }
    if waived:
        reason += " " + gettext("Waived: %(reasons)s.") % {
            "reasons": "; ".join(f"{names[about]} – {one.reason}" for about, one in sorted(waived.items()))
        }
    return Finding(PASS, reason)


def wellness_is_applied(at: Situation) -> Finding:
    """Gate 15: the class fits the labels' severity, and an elevated or severe one has its limits."""
    version = at.version
    if version is None:
        return Finding(
            FAIL, gettext("The queue has no configuration."), gettext("Configure it."), at.step(15)
        )
    if version.wellness_class == "standard":
        labels = Label.objects.filter(
            policy_version_id=version.policy_version_id, deprecated=False, severity="critical"
        )
        if version.label_subset:
            labels = labels.filter(code__in=version.label_subset)
        if codes := list(labels.order_by("code").values_list("code", flat=True)):
            return Finding(
                FAIL,
                gettext("Critical labels (%(labels)s) need at least the elevated class.")
                % {"labels": ", ".join(codes[:_SHOWN])},
                gettext("Raise the wellness class, or leave those labels out."),
                at.step(15),
            )
        return Finding(PASS, gettext("Standard: the settings of the operation hold."))
    limited = Cap.objects.exclude(scope="person").filter(wellness_class=version.wellness_class).exists()
    if version.wellness_class == "severe" and not limited:
        limited = Rhythm.objects.exclude(scope="person").filter(max_consecutive__isnull=False).exists()
    if not limited:
        return Finding(
            FAIL,
            gettext("No limit of exposure is set for this class."),
            gettext("Set a cap, or how many may follow each other."),
            reverse("wellbeing:rules"),
        )
    return Finding(PASS, gettext("The class has its limits, and media open muted and still."))
