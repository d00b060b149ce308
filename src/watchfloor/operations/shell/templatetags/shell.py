"""Filters and tags that every page's templates use."""

from collections.abc import Mapping
from datetime import datetime

from django import template
from django.template.context import RequestContext
from django.utils.html import format_html
from django.utils.safestring import SafeString

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.shell import formats, inclusions, refusals

register = template.Library()


def _known(value: float | str | None) -> float | None:
    """Return the figure; what a template could not resolve is missing."""
    return None if isinstance(value, str) else value


@register.filter
def duration(seconds: float | str | None) -> str:
    """Return a length of time in words."""
    return formats.duration(_known(seconds))


@register.filter
def count(number: float | str | None) -> str:
    """Return a count with thousands set apart."""
    return formats.count(_known(number))


@register.filter
def share(value: float | str | None) -> str:
    """Return a share as a percentage."""
    return formats.share(_known(value))


@register.filter
def quantity(value: float | str | None, unit: str) -> str:
    """Return a value in its unit."""
    return formats.quantity(_known(value), unit=unit)


@register.filter
def instant(at: datetime | str | None) -> SafeString | str:
    """Return an instant as a time element, in UTC."""
    if not isinstance(at, datetime):
        return formats.NONE
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), formats.instant(at))


@register.filter
def day(at: datetime | str | None) -> SafeString | str:
    """Return a day as a time element, in UTC."""
    if not isinstance(at, datetime):
        return formats.NONE
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), formats.day(at))


@register.filter
def told(text: object) -> object:
    """Return an error, or what one said, in the viewer's language; anything else as it is."""
    if isinstance(text, WatchfloorError):
        return str(refusals.said(text))
    return refusals.told(text) if isinstance(text, str) else text


@register.filter
def item(mapping: Mapping[str, object] | None, key: str) -> object:
    """Return the mapping's value under a key that is only known at run time."""
    return mapping.get(key) if mapping else None


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return a drawing from the sprite at the top of the page."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"></use></svg>', name)


@register.simple_tag(takes_context=True)
def here(context: RequestContext, **changes: object) -> str:
    """Return this page's address with some parameters replaced; an empty value removes one."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            parameters.pop(name, None)
        elif isinstance(value, (list, tuple)):
            parameters.setlist(name, [str(one) for one in value])
        else:
            parameters[name] = str(value)
    query = parameters.urlencode()
    return f"{context['request'].path}?{query}" if query else str(context["request"].path)


@register.simple_tag(takes_context=True)
def included(context: RequestContext, place: str, **about: object) -> SafeString:
    """Return what higher features show at this place of the page."""
    return inclusions.included(place, request=context["request"], **about)


@register.simple_tag(takes_context=True)
def keep(context: RequestContext) -> str:
    """Return the part of the query that goes with the reader: the operation and the instant."""
    frame = context.get("frame")
    return frame.carry if frame else ""
