"""Writes a question as a call: to the API, on the command line, in Python."""

import shlex
from datetime import UTC
from urllib.parse import urlencode

from watchfloor.kernel import Period
from watchfloor.operations.insights.question import Question
from watchfloor.operations.shell.asked import Asked


def calls_of(question: Question, *, period: Period, asked: Asked, origin: str) -> list[tuple[str, str]]:
    """Return each way of asking the question without the page, by name; each answers the same cells."""
    start, end = (at.astimezone(UTC).isoformat().replace("+00:00", "Z") for at in (period.start, period.end))
    span = f"{start}..{end}"
    where = {name: values for name, values in question.where.items() if name != "logical"}
    parameters: list[tuple[str, str]] = [("metric", metric) for metric in question.metrics]
    parameters += [("by", name) for name in question.by]
    parameters += [("period", span)]
    parameters += [("grain", question.grain)] if question.grain else []
    parameters += [("where", f"{name}:{','.join(values)}") for name, values in question.where.items()]
    parameters += [("time_zone", question.time_zone)] if question.time_zone != "UTC" else []
    parameters += [("as_of", asked.known_at.isoformat())] if asked.known_at else []
    parameters += [] if asked.is_live else [("operation", asked.operation)]
    url = f"{origin}/api/v1/cells?{urlencode(parameters)}"
    command = ["watchfloor", "metric", ",".join(question.metrics)]
    command += ["--by", ",".join(question.by)] if question.by else []
    command += ["--period", span]
    command += ["--grain", question.grain] if question.grain else []
    for name, values in where.items():
        command += ["--where", f"{name}={','.join(values)}"]
    command += ["--zone", question.time_zone] if question.time_zone != "UTC" else []
    command += ["--as-of", asked.known_at.isoformat()] if asked.known_at else []
    command += [] if asked.is_live else ["--operation", asked.operation]
    arguments = [*(repr(metric) for metric in question.metrics), f"period=parse_period({span!r}, now=now)"]
    arguments += [f"by={list(question.by)!r}"] if question.by else []
    arguments += [f"grain={question.grain!r}"] if question.grain else []
    arguments += [f"where={where!r}"] if where else []
    arguments += [f"as_of={asked.known_at.isoformat()!r}"] if asked.known_at else []
    python = (
        "from datetime import UTC, datetime\n"
        "from watchfloor.kernel import parse_period\n"
        "from watchfloor.notebook import open_operation\n\n"
        "now = datetime.now(UTC)\n"
        f"operation = open_operation(operation={asked.operation!r})\n"
        f"cells = operation.metric({', '.join(arguments)}).table()"
    )
    return [
        ("API", f'curl -H "Authorization: Bearer $TOKEN" {shlex.quote(url)}'),
        ("CLI", shlex.join(command)),
        ("Python", python),
    ]
