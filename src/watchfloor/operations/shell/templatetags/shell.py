"""Filters and tags that every page's templates use."""

from collections.abc import Mapping
from datetime import datetime

from django import template
from django.template.context import RequestContext
from django.utils.html import format_html
from django.utils.safestring import SafeString

from watchfloor.operations.shell import formats

register = template.Library()


@register.filter
def duration(seconds: float | None) -> str:
    """Return a length of time in words."""
    return formats.duration(seconds)


@register.filter
def count(number: float | None) -> str:
    """Return a count with thousands set apart."""
    return formats.count(number)


@register.filter
def share(value: float | None) -> str:
    """Return a share as a percentage."""
    return formats.share(value)


@register.filter
def quantity(value: float | None, unit: str) -> str:
    """Return a value in its unit."""
    return formats.quantity(value, unit=unit)


@register.filter
def instant(at: datetime | None) -> SafeString | str:
    """Return an instant as a time element, in UTC."""
    if at is None:
        return formats.NONE
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), formats.instant(at))


@register.filter
def day(at: datetime | None) -> SafeString | str:
    """Return a day as a time element, in UTC."""
    if at is None:
        return formats.NONE
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), formats.day(at))


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
def keep(context: RequestContext) -> str:
    """Return the part of the query that goes with the reader: the operation and the instant."""
    frame = context.get("frame")
    return frame.carry if frame else ""
