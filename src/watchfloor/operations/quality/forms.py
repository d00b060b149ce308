"""What people type on the pages of quality, read and checked before any service is asked."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.policies.vocabulary import ACTIONS
from watchfloor.operations.quality.designs import ALLOCATIONS, NewDesign
from watchfloor.operations.quality.training import STANDARD_TEST
from watchfloor.operations.quality.vocabulary import DESIGN_KINDS, STRATA, UNIT_KINDS
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.review.configuration import Answer
from watchfloor.science.sampling import SequentialTest

_REQUIRED = {"required": _("Fill this in.")}


class NominateForm(forms.Form):
    """A case to make golden."""

    case_id = forms.UUIDField(error_messages={"invalid": _("This is no case id."), **_REQUIRED})
    note = forms.CharField(required=False, max_length=400)


class AdjudicateForm(forms.Form):
    """One person's own answer to a nominated case."""

    labels = forms.MultipleChoiceField(required=False)
    action = forms.ChoiceField(required=False, choices=[("", ""), *((name, name) for name in ACTIONS)])
    rationale = forms.CharField(max_length=4000, error_messages=_REQUIRED)
    difficulty = forms.FloatField(min_value=0, max_value=100, error_messages=_REQUIRED)

    def __init__(self, *args: Any, labels: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["labels"].choices = [(code, code) for code in labels]  # type: ignore[attr-defined]  # stubs: Field

    @property
    def answer(self) -> Answer:
        """The answer given."""
        return Answer(labels=tuple(self.cleaned_data["labels"]), action=self.cleaned_data["action"])


class ReasonForm(forms.Form):
    """Why something ends."""

    reason = forms.CharField(max_length=200, error_messages=_REQUIRED)


class CodesForm(forms.Form):
    """Reviewers by code, set apart by spaces, commas or lines."""

    codes = forms.CharField(max_length=8000, error_messages=_REQUIRED)

    def clean_codes(self) -> list[Reviewer]:
        """Return the reviewers of those codes."""
        wanted = list(dict.fromkeys(self.cleaned_data["codes"].replace(",", " ").split()))
        found = Reviewer.objects.filter(code__in=wanted, active=True).select_related("team__site")
        known = {one.code: one for one in found.order_by("code")}
        if missing := [code for code in wanted if code not in known]:
            raise forms.ValidationError(
                _("There is no active reviewer %(codes)s."), params={"codes": ", ".join(missing[:5])}
            )
        return [known[code] for code in wanted]


class EnrolForm(CodesForm):
    """Who begins to train, and how strict the test is; an empty field means the standard one."""

    failing = forms.FloatField(required=False, min_value=1, max_value=99)
    passing = forms.FloatField(required=False, min_value=1, max_value=99.9)
    false_pass = forms.FloatField(required=False, min_value=0.1, max_value=49)
    false_fail = forms.FloatField(required=False, min_value=0.1, max_value=49)

    def clean(self) -> dict[str, Any]:
        """Refuse a test whose bounds stand the wrong way round."""
        given = super().clean() or self.cleaned_data
        test = self._shares(given)
        if test["failing"] >= test["passing"]:
            raise forms.ValidationError(_("Somebody who fails answers fewer right than somebody who passes."))
        return given

    @property
    def test(self) -> SequentialTest:
        """The sequential test asked for."""
        return SequentialTest(**self._shares(self.cleaned_data))

    @staticmethod
    def _shares(given: dict[str, Any]) -> dict[str, float]:
        names = ("failing", "passing", "false_pass", "false_fail")
        typed = {name: given.get(name) for name in names}
        return {
            name: getattr(STANDARD_TEST, name) if value is None else value / 100
            for name, value in typed.items()
        }


class BuildForm(forms.Form):
    """Cases to deal to everybody in training in a queue."""

    count = forms.IntegerField(min_value=1, max_value=400, error_messages=_REQUIRED)
    labels = forms.CharField(required=False, max_length=2000)
    easiest = forms.FloatField(min_value=0, max_value=100, required=False)
    hardest = forms.FloatField(min_value=0, max_value=100, required=False)
    include_decided = forms.BooleanField(required=False)

    @property
    def difficulty(self) -> tuple[float, float]:
        """The range of difficulty, 0 to 1."""
        low, high = self.cleaned_data["easiest"], self.cleaned_data["hardest"]
        return (low or 0) / 100, (100 if high is None else high) / 100

    @property
    def wanted(self) -> list[str]:
        """The labels to choose among; none means all."""
        return str(self.cleaned_data["labels"]).replace(",", " ").split()


class BridgeForm(forms.Form):
    """Certifications to carry over to a new version of a policy."""

    until = forms.DateField(error_messages=_REQUIRED)
    reason = forms.CharField(max_length=400, error_messages=_REQUIRED)

    @property
    def ends_at(self) -> datetime:
        """The instant at which the bridges end: the day's first in UTC."""
        return datetime.combine(self.cleaned_data["until"], time(), tzinfo=UTC)


class DesignForm(forms.Form):
    """A sampling design."""

    slug = forms.SlugField(max_length=80, error_messages=_REQUIRED)
    title = forms.CharField(max_length=160, error_messages=_REQUIRED)
    queues = forms.ModelMultipleChoiceField(
        queryset=Queue.objects.none(), to_field_name="slug", error_messages=_REQUIRED
    )
    kind = forms.ChoiceField(choices=[(kind, kind) for kind in DESIGN_KINDS])
    unit_kind = forms.ChoiceField(choices=[(kind, kind) for kind in UNIT_KINDS])
    share = forms.FloatField(required=False, min_value=0.01, max_value=100)
    count = forms.IntegerField(required=False, min_value=1, max_value=100_000)
    by = forms.MultipleChoiceField(required=False, choices=[(name, name) for name in STRATA])
    allocation = forms.ChoiceField(choices=[(name, name) for name in ALLOCATIONS], required=False)
    floor = forms.IntegerField(required=False, min_value=0, max_value=1000)
    frame_hours = forms.IntegerField(min_value=1, max_value=24 * 31, error_messages=_REQUIRED)
    blind = forms.BooleanField(required=False)

    def __init__(self, *args: Any, queues: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["queues"].queryset = queues  # type: ignore[attr-defined]  # stubs: Field

    def clean_slug(self) -> str:
        """Return the slug; `new` is the address of this form itself."""
        slug = str(self.cleaned_data["slug"])
        if slug == "new":
            raise forms.ValidationError(_("Choose another slug."))
        return slug

    @property
    def design(self) -> NewDesign:
        """The design asked for."""
        given = self.cleaned_data
        plan: dict[str, Any] = {}
        if given["count"]:
            plan["count"] = given["count"]
        else:
            plan["share"] = (given["share"] or 2.0) / 100
        if given["kind"] == "stratified":
            plan |= {"by": given["by"], "allocation": given["allocation"] or ALLOCATIONS[0]}
            plan |= {"floor": given["floor"]} if given["floor"] is not None else {}
        return NewDesign(
            slug=given["slug"],
            title=given["title"],
            queues=list(given["queues"]),
            plan=plan,
            kind=given["kind"],
            unit_kind=given["unit_kind"],
            frame_hours=given["frame_hours"],
            blind=given["blind"],
        )
