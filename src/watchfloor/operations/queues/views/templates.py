"""Review templates: the list, the editor with its live preview, and every version as it was."""

import json
from typing import Any

from django.db.models import Count, Max
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.policies.models import PolicyVersion
from watchfloor.operations.policies.words import severity_names
from watchfloor.operations.queues.form_spec import FormSpec, forms_of
from watchfloor.operations.queues.models import Queue, Template, TemplateVersion
from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.queues.template_faults import template_faults
from watchfloor.operations.queues.templating import PARTS, save_template
from watchfloor.operations.queues.views.tabs import design_tabs
from watchfloor.operations.queues.words import media_names, policy_title, title_of

STARTING = {
    "schema": {
        "type": "object",
        "properties": {
            "note": {"type": "string", "title": "Note", "title_zh_hans": "备注", "maxLength": 500},
        },
    },
    "layout": {"columns": 1, "labels": "list"},
    "hotkeys": {"fields": {"note": "m"}},
    "media": {"kinds": ["text", "image"], "start": "paused", "sound": "muted"},
}


@page("queues.view")
def overview(request: PageRequest) -> HttpResponse:
    """List the templates with their newest version and the queues that show them."""
    rows = Template.objects.annotate(
        version_count=Count("versions"),
        newest=Max("versions__version"),
        changed_at=Max("versions__created_at"),
    )
    shown = Queue.objects.filter(reach(viewer=request.viewer, permission="queues.view")).select_related(
        "current_version__template_version", "current_version__canary_template_version"
    )
    by_template: dict[int, list[tuple[str, str, str]]] = {}
    for queue in shown.order_by("slug"):
        version = queue.current_version
        for one, is_trial in (
            (version.template_version if version else None, False),
            (version.canary_template_version if version else None, True),
        ):
            if one:
                label = f"v{one.version}" + (f" {gettext('on trial')}" if is_trial else "")
                by_template.setdefault(one.template_id, []).append((queue.slug, title_of(queue), label))
    context = {
        "tabs": design_tabs(request, "templates"),
        "rows": [(row, by_template.get(row.pk, [])) for row in rows.order_by("slug")],
        "may_change": request.viewer.can("queues.change"),
    }
    return render(request, "queues/templates.html", context)


@page("queues.view")
def editor(request: PageRequest, slug: str = "") -> HttpResponse:
    """Show a template version as it is filled in, and save what the editor holds as the next version."""
    template = Template.objects.filter(slug=slug).first()
    if slug and template is None:
        raise Http404
    versions = list(template.versions.order_by("-version")) if template else []
    shown = _chosen(request, versions)
    policies = PolicyVersion.objects.exclude(state="draft").select_related("policy")
    policies = policies.order_by("policy__slug", "-version")
    written = {part: json.dumps(_part(shown, part), indent=2, ensure_ascii=False) for part in PARTS}
    context: dict[str, Any] = {
        "tabs": design_tabs(request, "templates"),
        "template": template,
        "versions": versions,
        "shown": shown,
        "may_change": request.viewer.can("queues.change"),
        "policies": [(each, policy_title(each.policy)) for each in policies],
        "policy": _policy(request.POST.get("policy", "") or _usual_policy(template)),
    }
    status = 200
    if request.method == "POST":
        request.viewer.require("queues.change")
        written = {part: request.POST.get(part, "") for part in PARTS}
        name = request.POST.get("slug", "") if template is None else template.slug
        try:
            saved = save_template(
                slug=name,
                name=request.POST.get("name", ""),
                parts=_read(written),
                by=request.viewer,
                now=timezone.now(),
                note=request.POST.get("note", ""),
            )
            return redirect("queues:template", saved.template.slug)
        except WatchfloorError as error:
            context["problem"], status = error, 422
        except ValueError as error:
            context["faults"], status = [str(error)], 422
    context |= {"parts": _parts(written), **_previewed(written, context["policy"])}
    return render(request, "queues/template.html", context, status=status)


@require_POST
@page("queues.view")
def preview(request: PageRequest) -> HttpResponse:
    """Answer the form that the editor's text makes, or what is wrong with it."""
    written = {part: request.POST.get(part, "") for part in PARTS}
    policy = _policy(request.POST.get("policy", ""))
    return render(request, "queues/form_preview.html", _previewed(written, policy))


def _previewed(written: dict[str, str], policy: PolicyVersion | None) -> dict[str, Any]:
    try:
        parts = _read(written)
    except ValueError as error:
        return {"faults": [str(error)]}
    version = TemplateVersion(template=Template(slug="preview"), version=0, **parts)
    if faults := template_faults(version):
        return {"faults": faults}
    return {"form": drawn(forms_of(version, policy))}


def drawn(form: FormSpec) -> dict[str, Any]:
    """Return a form as the preview draws it, in the language in force."""
    chinese = (get_language() or "").startswith("zh")
    severities = severity_names()

    def words(english: str, translated: str) -> str:
        return translated if chinese and translated else english

    return {
        "columns": form.columns,
        "label_style": form.label_style,
        "content": form.content,
        "media": form.media,
        "kinds": [media_names().get(kind, kind) for kind in form.media.kinds],
        "labels": [
            (
                label,
                words(label.name, label.name_zh_hans),
                severities.get(label.severity, ""),
                min(label.depth, 4),
            )
            for label in form.labels
        ],
        "sections": [
            (
                words(section.title, section.title_zh_hans),
                [
                    {
                        "field": field,
                        "title": words(field.title, field.title_zh_hans),
                        "help": words(field.help, field.help_zh_hans),
                        "options": [
                            (option.value, words(option.title, option.title_zh_hans))
                            for option in field.options
                        ],
                    }
                    for field in section.fields
                ],
            )
            for section in form.sections
        ],
    }


def _read(written: dict[str, str]) -> dict[str, Any]:
    parts = {}
    for part, text in written.items():
        try:
            parts[part] = json.loads(text) if text.strip() else {}
        except ValueError as error:
            raise ValueError(f"{part}: {error}") from error
    return parts


def _part(shown: TemplateVersion | None, part: str) -> Any:
    return getattr(shown, part) if shown else STARTING[part]


def _parts(written: dict[str, str]) -> list[tuple[str, str, str, int]]:
    titles = {
        "schema": gettext("Fields (JSON Schema)"),
        "layout": gettext("Layout"),
        "hotkeys": gettext("Keys"),
        "media": gettext("Media"),
    }
    return [
        (part, titles[part], written[part], min(24, max(3, written[part].count("\n") + 2))) for part in PARTS
    ]


def _chosen(request: PageRequest, versions: list[TemplateVersion]) -> TemplateVersion | None:
    asked = request.GET.get("version", "")
    for version in versions:
        if str(version.version) == asked:
            return version
    if asked:
        raise Http404
    return versions[0] if versions else None


def _policy(written: str) -> PolicyVersion | None:
    if not written.isdecimal():
        return None
    return (
        PolicyVersion.objects.select_related("policy").filter(pk=int(written)).exclude(state="draft").first()
    )


def _usual_policy(template: Template | None) -> str:
    """Return the policy of a queue that shows the template, so that the preview has its labels."""
    if template is None:
        return ""
    shown = Queue.objects.filter(current_version__template_version__template=template).order_by("slug")
    found = shown.values_list("current_version__policy_version_id", flat=True).first()
    return str(found or "")
