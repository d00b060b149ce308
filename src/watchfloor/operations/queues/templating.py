"""Writes of review templates. A version never changes: an edit writes the next, old answers keep theirs."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.queues.models import Template, TemplateVersion
from watchfloor.operations.queues.template_faults import template_faults
from watchfloor.operations.record.services import audit, record_change
from watchfloor.operations.record.viewers import Viewer

PARTS = ("schema", "layout", "hotkeys", "media")


class TemplateError(WatchfloorError):
    """A template cannot be saved as asked; `faults` lists each reason."""

    def __init__(self, message: str, *, remedy: str = "", faults: tuple[str, ...] = ()) -> None:
        self.faults = faults
        super().__init__(message, remedy=remedy)


@transaction.atomic
def save_template(
    *, slug: str, parts: Mapping[str, Any], by: Viewer, now: datetime, name: str = "", note: str = ""
) -> TemplateVersion:
    """Return the template's next version; the first one makes the template.

    No queue shows it until a change of the queue binds it, whole or for a share of the cases.

    Raises:
        TemplateError: a part is wrong, or nothing differs from the newest version.

    """
    by.require("queues.change")
    if not re.fullmatch(r"[-a-zA-Z0-9_]{1,50}", slug):
        raise TemplateError(
            f"{slug!r} cannot name a template.",
            remedy="Use 1 to 50 letters, digits, hyphens and underscores.",
        )
    template, created = Template.objects.get_or_create(slug=slug, defaults={"name": name or slug})
    template = Template.objects.select_for_update().get(pk=template.pk)
    newest = None if created else template.versions.order_by("-version").first()
    number = template.versions.aggregate(number=Max("version"))["number"] or 0
    version = TemplateVersion(
        template=template,
        version=number + 1,
        author=by.name,
        note=note,
        created_at=now,
        **{part: parts.get(part, {}) for part in PARTS},
    )
    if faults := template_faults(version):
        raise TemplateError(
            f"The template cannot be saved so: {' '.join(faults)}",
            remedy="Correct what is named; the preview shows the form as it would be.",
            faults=tuple(faults),
        )
    changed = [part for part in PARTS if newest is None or getattr(newest, part) != getattr(version, part)]
    if newest and not changed:
        raise TemplateError(f"Nothing differs from version {newest.version}.", remedy="Change something.")
    version.save()
    audit(
        actor=by.name,
        action="save",
        object_kind="template",
        object_id=slug,
        after={"version": version.version, "changed": changed, "note": note},
        now=now,
    )
    record_change(
        object_kind="template",
        object_id=slug,
        object_version=version.version,
        kind="created" if created else "changed",
        at=now,
        author=by.name,
        summary=note or f"{template.name}: version {version.version} ({', '.join(changed)}).",
        detail={"changed": changed},
    )
    return version
