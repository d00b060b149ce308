"""What people type into a transparency report, step by step, read and checked before any service is asked."""

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from watchfloor.operations.policies.vocabulary import DSA_KEYWORDS
from watchfloor.operations.reports.dsa import terms

_REQUIRED = {"required": _("Fill this in.")}


class NewReportForm(forms.Form):
    """A transparency report to draft."""

    provider = forms.CharField(max_length=160, error_messages=_REQUIRED)
    service = forms.CharField(max_length=160, error_messages=_REQUIRED)
    starts_on = forms.DateField(error_messages=_REQUIRED)
    ends_on = forms.DateField(error_messages=_REQUIRED)

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins, or is longer than a year."""
        given = super().clean() or self.cleaned_data
        start, end = given.get("starts_on"), given.get("ends_on")
        if isinstance(start, date) and isinstance(end, date):
            if end < start:
                raise forms.ValidationError(_("The period ends before it begins."))
            if (end - start).days > 366:
                raise forms.ValidationError(_("A reporting period is a year at most."))
        return given


class ProviderForm(forms.Form):
    """Who reports, when, and what the provider declares."""

    provider = forms.CharField(max_length=160, error_messages=_REQUIRED)
    service = forms.CharField(max_length=160, error_messages=_REQUIRED)
    published_on = forms.DateField(required=False)
    previous_on = forms.DateField(required=False)
    is_hosting = forms.BooleanField(required=False)
    is_very_large = forms.BooleanField(required=False)
    multi_category = forms.BooleanField(required=False)
    multi_restriction = forms.BooleanField(required=False)
    carry_over = forms.IntegerField(required=False, min_value=0)
    manifestly_illegal = forms.IntegerField(required=False, min_value=0)
    unfounded_notices = forms.IntegerField(required=False, min_value=0)
    unfounded_complaints = forms.IntegerField(required=False, min_value=0)

    @staticmethod
    def typed(form: forms.Form) -> dict[str, Any]:
        """Return what was typed, as the report keeps it; blank is absent, 0 is none."""
        given = dict(form.cleaned_data)
        for name in ("published_on", "previous_on"):
            given[name] = given[name].isoformat() if given[name] else None
        given["suspensions"] = {name: given.pop(name) for name in terms.SUSPENSIONS}
        return given


class OrdersForm(forms.Form):
    """Orders of Member States, one a line: category, keyword, scope and the seven numbers."""

    orders = forms.CharField(required=False, max_length=200_000)

    def clean_orders(self) -> list[dict[str, Any]]:
        """Return the lines read; a wrong one is named with its number."""
        rows = []
        for number, line in enumerate(str(self.cleaned_data["orders"]).splitlines(), 1):
            if line.strip():
                rows.append(_order(number, [part.strip() for part in re.split(r"[;\t]", line)]))
        keys = [(row["category"], row["keyword"], row["scope"]) for row in rows]
        if len(set(keys)) < len(keys):
            raise forms.ValidationError(_("A category, keyword and scope stand twice."))
        return rows


def _order(number: int, parts: list[str]) -> dict[str, Any]:
    most = 3 + len(terms.ORDER_INDICATORS)
    if not 4 <= len(parts) <= most:
        raise forms.ValidationError(
            _("Line %(n)s has %(parts)s fields; it takes category; keyword; scope; and up to seven numbers."),
            params={"n": number, "parts": len(parts)},
        )
    category, keyword, scope = parts[0].upper(), parts[1].upper(), parts[2].upper()
    known = category == "TOTAL" or (category in terms.CATEGORIES and category != terms.NOT_SPECIFIED_NOTICE)
    if not known or (keyword and keyword not in terms.keywords_of(category)):
        raise forms.ValidationError(_("Line %(n)s names no category or keyword."), params={"n": number})
    if scope not in {"TOTAL", *terms.MEMBER_STATES}:
        raise forms.ValidationError(
            _("Line %(n)s: %(scope)s is no Member State and not TOTAL."), params={"n": number, "scope": scope}
        )
    values = [_amount(number, part) for part in parts[3:]]
    return {
        "category": category,
        "keyword": keyword,
        "scope": scope,
        "values": [*values, *[None] * (most - 3 - len(values))],
    }


def _amount(number: int, written: str) -> float | int | None:
    if not written:
        return None
    try:
        value = float(written)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e15:
        raise forms.ValidationError(
            _("Line %(n)s: “%(written)s” is no number of 0 or more."),
            params={"n": number, "written": written},
        )
    return int(value) if value.is_integer() else value


class RecipientsForm(forms.Form):
    """Average monthly active recipients: in total, and by Member State."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for scope in ("TOTAL", *terms.MEMBER_STATES):
            self.fields[scope] = forms.IntegerField(required=False, min_value=0)


class WordsForm(forms.Form):
    """The texts of sheet 11."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in terms.QUALITATIVE:
            self.fields[name] = forms.CharField(required=False, max_length=20_000)


class AssignedForm(forms.Form):
    """What a log's labels or queues stand for, one a line."""

    assigned = forms.CharField(required=False, max_length=50_000)

    def clean_assigned(self) -> dict[str, Any]:
        """Return the lines read: label or queue; category; keyword; law or terms; restriction."""
        found: dict[str, Any] = {}
        for number, line in enumerate(str(self.cleaned_data["assigned"]).splitlines(), 1):
            if not line.strip():
                continue
            parts = [part.strip() for part in re.split(r"[;\t]", line)]
            fits = (
                len(parts) == 5
                and parts[1] in DSA_KEYWORDS
                and parts[2] in DSA_KEYWORDS[parts[1]]
                and parts[3] in ("law", "terms")
                and parts[4] in terms.COLUMN_OF
            )
            if not fits:
                raise forms.ValidationError(
                    _("Line %(n)s is not: label or queue; category; keyword; law or terms; restriction."),
                    params={"n": number},
                )
            name, category, keyword, ground, restriction = parts
            found[name] = {
                "category": category,
                "keyword": keyword,
                "is_illegal": ground == "law",
                "restriction": restriction,
            }
        return found


class RestateForm(forms.Form):
    """Why a report is restated."""

    reason = forms.CharField(max_length=400, error_messages=_REQUIRED)


STEPS: dict[str, type[forms.Form]] = {
    "provider": ProviderForm,
    "orders": OrdersForm,
    "recipients": RecipientsForm,
    "words": WordsForm,
    "labels": AssignedForm,
}
