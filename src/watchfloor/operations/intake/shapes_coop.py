"""Reads reports and items in the shapes of Coop, the open review tool of ROOST. Pure: values in, values out.

What each part becomes stands in docs/reference/adapters.md.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from watchfloor.operations.intake.reports import NewReport
from watchfloor.operations.review.cases import NewCase

REPORT_STRATEGY = "user-reports"
ITEM_STRATEGY = "items"
_TEXTS = ("text", "content", "body", "message", "caption", "comment", "description")
_TITLES = ("title", "name", "subject")
_OWNERS = ("author", "owner", "creator", "user", "userId", "authorId", "ownerId", "creatorId")
_MEDIA = (("image", ("image", "images")), ("video", ("video", "videos")), ("audio", ("audio", "audios")))


def digest(*parts: object) -> str:
    """Return a short name for values, the same each time."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def item_key(item: Mapping[str, Any]) -> str:
    """Return an item's name: ids are unique within a type alone."""
    return f"{item['typeId']}:{item['id']}"


def report_of(
    body: Mapping[str, Any], *, queue: str, key: str, reported_at: datetime, joins: bool
) -> NewReport:
    """Return a report in Coop's shape as one of ours."""
    item, reporter = body["reportedItem"], body["reporter"]
    because = body.get("reportedForReason") or {}
    is_csam = bool(because.get("csam"))
    labels = [str(because["policyId"])[:80]] if because.get("policyId") else []
    who = f"{reporter['typeId']}:{reporter['id']}"
    case = item_case(
        item,
        queue=queue,
        strategy=REPORT_STRATEGY,
        labels=(*labels, *(("csam",) if is_csam else ())),
        source="other_notification",
        severity="critical" if is_csam else "",
    )
    thread = _messages(body.get("reportedItemThread") or (), body.get("reportedItemsInThread") or ())
    more = [content_of(one) for one in body.get("additionalItems") or ()]
    content = dict(case.content)
    if thread:
        content["messages"] = thread
    if more:
        content["items"] = more
    return NewReport(
        client_key=key or digest("report", who, item_key(item), reported_at.isoformat(), because),
        shape="coop",
        item_id=item_key(item),
        case=replace(case, content=content),
        reporter=who,
        reason=labels[0] if labels else "csam" if is_csam else "",
        comment=str(because.get("reason") or ""),
        reported_at=reported_at,
        joins=joins,
    )


def item_case(
    item: Mapping[str, Any],
    *,
    queue: str,
    strategy: str,
    labels: Sequence[str] = (),
    source: str = "voluntary",
    severity: str = "",
    client_key: str | None = None,
) -> NewCase:
    """Return an item as a case; the same item with the same data has the same key."""
    data = item.get("data") or {}
    return NewCase(
        queue=queue,
        client_key=client_key,
        object_id=item_key(item),
        strategy_id=strategy,
        severity_hint=severity,
        language=_code(data, ("language", "lang"), longest=10).lower(),
        market=_code(data, ("market", "country"), longest=2).upper(),
        content=content_of(item),
        source=source,
        author_id=_owner(data),
        surface=str(item["typeId"])[:40],
        labels=tuple(labels),
    )


def item_of(item: Mapping[str, Any], *, queue: str, strategy: str) -> NewCase:
    """Return an item sent by itself as a case that a resend does not make again and an edit does."""
    key = f"item:{digest(item_key(item), item.get('data'))}"
    return item_case(item, queue=queue, strategy=strategy or ITEM_STRATEGY, client_key=key)


def content_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item's data in the shape that review pages read; what has no place there stays."""
    data = dict(item.get("data") or {})
    content: dict[str, Any] = {}
    for name, candidates in (("title", _TITLES), ("text", _TEXTS)):
        chosen = next((one for one in candidates if isinstance(data.get(one), str)), None)
        if chosen is not None:
            content[name] = data.pop(chosen)
    media = []
    for kind, names in _MEDIA:
        for name in names:
            urls = [data[name]] if isinstance(data.get(name), str) else data.get(name)
            if isinstance(urls, list) and urls and all(isinstance(url, str) for url in urls):
                media += [{"kind": kind, "url": url} for url in urls]
                del data[name]
    if media:
        content["media"] = media
    if isinstance(data.get("datetime"), str):
        content["posted_at"] = data.pop("datetime")
    return content | {name: value for name, value in data.items() if name not in content}


def _messages(
    thread: Sequence[Mapping[str, Any]], reported: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    marked = {item_key(one) for one in reported}
    messages = []
    for one in thread:
        content = content_of(one)
        message = {"from": _owner(one.get("data") or {}), "text": content.get("text", "")}
        if "posted_at" in content:
            message["at"] = content["posted_at"]
        if item_key(one) in marked:
            message["reported"] = True
        messages.append(message)
    return messages


def _owner(data: Mapping[str, Any]) -> str:
    for name in _OWNERS:
        value = data.get(name)
        if isinstance(value, Mapping) and value.get("id"):
            return f"{value.get('typeId', '')}:{value['id']}"[:200]
        if isinstance(value, str) and value:
            return value[:200]
    return ""


def _code(data: Mapping[str, Any], names: Sequence[str], *, longest: int) -> str:
    found = next((data[name] for name in names if isinstance(data.get(name), str)), "")
    return found if len(found) <= longest else ""
