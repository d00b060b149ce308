"""What a message about alerts says, and the form in which each service takes it.

Slack: `text` and `blocks`, answered with 200 and `ok`. Lark: an interactive card, signed where the bot has a
secret, answered with 200 and a code of 0 (a refusal is a 200 too). Teams: an adaptive card in a message to
the address of a workflow, answered with 202.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from watchfloor.operations.alerts.models import Alert
from watchfloor.operations.alerts.words import figure, headline, interval_text, severity_names, where_text
from watchfloor.operations.shell import formats

_COLOURS = {"critical": "red", "high": "red", "medium": "orange", "low": "blue"}
LONGEST = 2_800


@dataclass(frozen=True, slots=True)
class Message:
    """What is told: a title, lines of text, and where to look."""

    title: str
    lines: tuple[str, ...]
    url: str
    severity: str = "low"

    @property
    def text(self) -> str:
        """The whole message in plain text."""
        return "\n".join((self.title, *self.lines, self.url))[:LONGEST]


def message_of(alert: Alert, *, kind: str) -> Message:
    """Return what is told of an alert that fired or ended."""
    where = where_text(alert)
    severity = severity_names()[alert.severity]
    mark = gettext("Over") if kind == "resolved" else severity
    lines = [headline(alert)]
    if kind == "resolved":
        lines.append(alert.closing_reason)
    else:
        if span := interval_text(alert.cell, metric_id=alert.metric_id):
            lines.append(
                gettext("95%% interval %(span)s, n = %(n)s")
                % {"span": span, "n": formats.count(alert.cell.get("n"))}
            )
        change = alert.explanation.get("change")
        if change is not None:
            sign = "+" if change > 0 else formats.MINUS
            lines.append(
                gettext("Since last week: %(change)s")
                % {"change": sign + figure(abs(change), metric_id=alert.metric_id)}
            )
        lines += [each["summary"] for each in alert.explanation.get("changes", [])[:2]]
    lines.append(gettext("Owner: %(owner)s") % {"owner": alert.owner})
    if settings.WATCHFLOOR_SIMULATED:
        lines.append(gettext("Simulated data."))
    return Message(f"[{mark}] {alert.rule.title} – {where}", tuple(lines), page_url(alert), alert.severity)


def digest_of(alerts: Sequence[tuple[Alert, str]]) -> Message:
    """Return one message in the place of many, the gravest first."""
    ranked = sorted(alerts, key=lambda pair: (pair[1] == "resolved", pair[0].rank, -pair[0].materiality))
    lines = [
        f"[{gettext('Over') if kind == 'resolved' else severity_names()[alert.severity]}] "
        f"{where_text(alert)} – {headline(alert)}"
        for alert, kind in ranked[:20]
    ]
    if len(ranked) > 20:
        lines.append(gettext("… and %(n)s more") % {"n": len(ranked) - 20})
    title = ngettext("%(n)s alert at once", "%(n)s alerts at once", len(ranked)) % {"n": len(ranked)}
    gravest = min((alert.rank, alert.severity) for alert, _ in ranked)[1]
    return Message(title, tuple(lines), site_url(reverse("alerts:list")), gravest)


def trial_message(*, channel: str) -> Message:
    """Return what a test says."""
    return Message(
        gettext("Watchfloor reaches this channel"),
        (gettext("Alerts for %(channel)s will arrive here.") % {"channel": channel},),
        site_url(reverse("alerts:list")),
    )


def page_url(alert: Alert) -> str:
    """Return the address of an alert's page."""
    return site_url(reverse("alerts:detail", args=[alert.pk]))


def site_url(path: str) -> str:
    """Return a page's whole address: where the operation says it is, else on this machine."""
    environment = settings.ENVIRONMENT
    return f"{environment.origin or f'http://127.0.0.1:{environment.port}'}{path}"


def payload(message: Message, *, kind: str, secret: str, now: datetime) -> bytes:
    """Return the body that a service's incoming webhook takes.

    Args:
        message: What is told.
        kind: `slack`, `lark` or `teams`.
        secret: What a Lark bot signs with; empty where it asks for no signature.
        now: The instant that is signed.

    """
    made = {"slack": _slack, "teams": _teams}.get(kind)
    body = made(message) if made else _lark(message, secret=secret, now=now)
    return json.dumps(body, ensure_ascii=False).encode()


def _slack(message: Message) -> Mapping[str, Any]:
    def plain(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    return {
        "text": plain(message.title),
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": message.title[:150]}},
            {
                "type": "section",
                "text": {"type": "mrkdwn", "text": plain("\n".join(message.lines))[:LONGEST] or "–"},
            },
            {
                "type": "section",
                "text": {"type": "mrkdwn", "text": f"<{message.url}|{plain(gettext('Open in Watchfloor'))}>"},
            },
        ],
    }


def _lark(message: Message, *, secret: str, now: datetime) -> Mapping[str, Any]:
    card = {
        "config": {"wide_screen_mode": True},
        "header": {
            "title": {"tag": "plain_text", "content": message.title[:200]},
            "template": _COLOURS.get(message.severity, "blue"),
        },
        "elements": [
            {"tag": "div", "text": {"tag": "plain_text", "content": "\n".join(message.lines)[:LONGEST]}},
            {
                "tag": "action",
                "actions": [
                    {
                        "tag": "button",
                        "text": {"tag": "plain_text", "content": gettext("Open in Watchfloor")},
                        "url": message.url,
                        "type": "primary",
                    }
                ],
            },
        ],
    }
    body: dict[str, Any] = {"msg_type": "interactive", "card": card}
    if secret:
        timestamp = str(int(now.timestamp()))
        body |= {"timestamp": timestamp, "sign": lark_signature(timestamp, secret)}
    return body


def lark_signature(timestamp: str, secret: str) -> str:
    """Return the signature that a Lark bot checks: HMAC-SHA256 of nothing, keyed by instant and secret."""
    key = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()


def _teams(message: Message) -> Mapping[str, Any]:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {"type": "TextBlock", "size": "Medium", "weight": "Bolder", "wrap": True, "text": message.title},
            *({"type": "TextBlock", "wrap": True, "text": line} for line in message.lines),
        ],
        "actions": [{"type": "Action.OpenUrl", "title": gettext("Open in Watchfloor"), "url": message.url}],
    }
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [content]}
