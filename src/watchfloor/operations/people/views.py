"""The people pages: sites and teams in numbers; a person only by role, languages, skills and certifications.

No speed, no ranking, no activity of one person stands on these pages.
"""

from collections.abc import Sequence

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.people.selectors import (
    ReviewerFilters,
    certifications,
    languages,
    reviewer,
    reviewers,
    sites,
    skills,
    teams,
)

_PAGE = 50


def employer_names() -> dict[str, str]:
    """Return the words for who employs."""
    return {"in_house": gettext("In-house"), "vendor": gettext("Vendor")}


@page("people.view")
def overview(request: PageRequest) -> HttpResponse:
    """Show the sites with their teams, and who speaks what."""
    viewer, names = request.viewer, employer_names()
    found = [(site, names.get(site.employer_kind, site.employer_kind)) for site in sites(viewer=viewer)]
    # The counts are annotations of the selector, which the type of a model cannot say.
    counted = [vars(site) for site, _ in found]
    totals = [(one["employer_kind"], one["team_count"], one["reviewer_count"]) for one in counted]
    by_language: dict[str, int] = {}
    by_skill: dict[str, int] = {}
    for spoken, able in reviewers(viewer=viewer).order_by().values_list("languages", "skills"):
        for language in spoken:
            by_language[language] = by_language.get(language, 0) + 1
        for skill in able:
            by_skill[skill] = by_skill.get(skill, 0) + 1
    return render(
        request,
        "people/overview.html",
        {
            "sites": found,
            "site_count": len(found),
            "team_count": sum(teams for _, teams, _ in totals),
            "reviewer_count": sum(number for _, _, number in totals),
            "vendor_share": _vendor_share(totals),
            "languages": _bars(by_language),
            "skills": _bars(by_skill),
        },
    )


def _vendor_share(totals: Sequence[tuple[str, int, int]]) -> float | None:
    everyone = sum(number for _, _, number in totals)
    with_vendors = sum(number for kind, _, number in totals if kind == "vendor")
    return with_vendors / everyone if everyone else None


def _bars(counts: dict[str, int]) -> list[tuple[str, int, float]]:
    top = max(counts.values(), default=1)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(name, number, round(number / top * 100, 1)) for name, number in ranked]


@page("people.view")
def site(request: PageRequest, slug: str) -> HttpResponse:
    """Show one site's teams."""
    found = sites(viewer=request.viewer).filter(slug=slug).first()
    if found is None:
        raise Http404
    return render(
        request,
        "people/site.html",
        {
            "site": found,
            "employer": employer_names().get(found.employer_kind, ""),
            "teams": list(teams(viewer=request.viewer, site=slug)),
        },
    )


@page("people.view")
def reviewer_list(request: PageRequest) -> HttpResponse:
    """List the reviewers that the filters keep, by code."""
    wanted = {name: request.GET.get(name) or None for name in ("site", "team", "language", "skill", "search")}
    filters = ReviewerFilters(
        site=wanted["site"],
        team=wanted["team"],
        language=wanted["language"],
        skill=wanted["skill"],
        search=wanted["search"],
    )
    rows = reviewers(viewer=request.viewer, filters=filters)
    return render(
        request,
        "people/reviewers.html",
        {
            "page": Paginator(rows, _PAGE).get_page(request.GET.get("page")),
            "sites": list(sites(viewer=request.viewer).values_list("slug", flat=True)),
            "languages": languages(viewer=request.viewer),
            "skills": [skill.slug for skill in skills(viewer=request.viewer)],
            "wanted": {name: value or "" for name, value in wanted.items()},
        },
    )


@page("people.view")
def reviewer_detail(request: PageRequest, code: str) -> HttpResponse:
    """Show what one reviewer is able and certified to do."""
    found = reviewer(viewer=request.viewer, code=code)
    held = certifications(viewer=request.viewer, code=code, at=timezone.now())
    return render(request, "people/reviewer.html", {"reviewer": found, "certifications": held})
