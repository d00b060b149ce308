"""A client of the API: send cases, work on them, follow decisions. Standard library only.

    from watchfloor.client import Client

    floor = Client("https://floor.example", token)
    floor.enqueue_batch([{"queue": "comments", "client_key": "post-1", "content": {"text": "…"}}])
    for case in floor.claim("r-0042"):
        floor.submit(case["token"], labels=["spam"])
    for entry in floor.decisions(after=cursor):
        cursor = entry["position"]

A client keeps one connection and belongs to one thread. Calls that may be repeated without harm are repeated
when the line breaks: cases are sent with a key of their own, so that a batch sent again makes nothing new. A
claim or an answer is never repeated.
"""

import http.client
import json
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit

from watchfloor.kernel import WatchfloorError

LARGEST_BATCH = 5000
LARGEST_BODY_BYTES = 16 * 2**20
_PAUSES_SECONDS = (0.2, 1.0, 3.0)
_TRY_AGAIN = (429, 502, 503, 504)


class ApiError(WatchfloorError):
    """The operation refused a call; `status`, `code` and `errors` say why.

    A stale lease has status 409 and code `stale_lease`; an answer that does not fit has `answer_rejected`.
    """

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(body.get("code", "unknown"))
        self.errors: list[dict[str, Any]] = list(body.get("errors") or [])
        super().__init__(
            str(body.get("message") or f"The operation answered {status}."),
            remedy=str(body.get("remedy", "")),
        )


class UnreachableError(WatchfloorError):
    """The operation did not answer, however often it was asked."""


class Client:
    """The API of one operation, as one client.

    Args:
        base_url: Where the operation stands, as `https://floor.example`.
        token: The client's token, `wf_…`.
        timeout_seconds: How long one call may take.

    """

    def __init__(self, base_url: str, token: str, *, timeout_seconds: float = 30.0) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UnreachableError(
                f"{base_url!r} is no web address.", remedy="Write https://host or http://host."
            )
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port = parts.hostname, parts.port
        self._root = parts.path.rstrip("/") + "/api/v1"
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._timeout_seconds = timeout_seconds
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection up; the next call makes a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def enqueue(self, queue: str = "", *, client_key: str | None = None, **case: Any) -> dict[str, Any]:
        """Return what became of one case: its id, and whether this call made it.

        Without a `client_key` one is made up, so that the call can be repeated when the line breaks.
        """
        body = {"queue": queue, "client_key": client_key or str(uuid.uuid4()), **case}
        return dict(self._call("POST", "/cases", body, repeatable=True))

    def enqueue_batch(self, cases: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """Return what became of any number of cases: `created`, `duplicates`, `cases`, `refused`.

        A batch is all or nothing; earlier batches stay. Every case has a key (made up where it brings none),
        so that sending the same cases again makes nothing new. The index of a refused case counts from the
        first case given.

        Raises:
            ApiError: a case is wrong; `errors` names each fault with its index in the batch that was refused.

        """
        total: dict[str, Any] = {"created": 0, "duplicates": 0, "cases": [], "refused": []}
        sent = 0
        for batch in _batches(cases):
            answer = self._call(
                "POST", "/cases/batch", b'{"cases":[' + b",".join(batch) + b"]}", repeatable=True
            )
            for name in ("created", "duplicates"):
                total[name] += answer[name]
            total["cases"] += answer["cases"]
            total["refused"] += [
                {**each, "index": each["index"] + sent} for each in answer.get("refused", [])
            ]
            sent += len(batch)
        return total

    def case(self, case_id: str | uuid.UUID) -> dict[str, Any]:
        """Return a case, where it stands, its reviews and its decisions."""
        return dict(self._call("GET", f"/cases/{case_id}", repeatable=True))

    def claim(
        self, reviewer: str, *, count: int = 1, queues: Sequence[str] = (), ahead: bool = False
    ) -> list[dict[str, Any]]:
        """Return up to `count` cases for the reviewer, leased to them; none when there are none."""
        body = {"reviewer": reviewer, "count": count, "queues": list(queues), "ahead": ahead}
        return list(self._call("POST", "/claims", body))

    def claims(self, reviewer: str) -> list[dict[str, Any]]:
        """Return what the reviewer holds now."""
        return list(self._call("GET", f"/reviewers/{quote(reviewer, safe='')}/claims", repeatable=True))

    def renew(self, token: str | uuid.UUID) -> str:
        """Return when the lease now ends."""
        return str(self._call("POST", f"/claims/{token}/renew", {}, repeatable=True)["expires_at"])

    def start(self, token: str | uuid.UUID) -> str:
        """Return when the lease of a case fetched ahead ends, now that it is begun."""
        return str(self._call("POST", f"/claims/{token}/start", {}, repeatable=True)["expires_at"])

    def submit(
        self,
        token: str | uuid.UUID,
        *,
        labels: Sequence[str] = (),
        action: str = "",
        fields: Mapping[str, Any] | None = None,
        timing: Mapping[str, Any] | None = None,
        look_alikes: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Return what the answer led to.

        Raises:
            ApiError: status 409 where the lease no longer holds, 422 where the answer does not fit.

        """
        body = {"labels": list(labels), "action": action, "fields": dict(fields or {})}
        body |= {"timing": dict(timing or {}), "look_alikes": [str(each) for each in look_alikes]}
        return dict(self._call("POST", f"/claims/{token}/submit", body))

    def skip(self, token: str | uuid.UUID, reason: str) -> dict[str, Any]:
        """Leave a case to somebody else."""
        return dict(self._call("POST", f"/claims/{token}/skip", {"reason": reason}))

    def release(self, token: str | uuid.UUID, reason: str = "") -> dict[str, Any]:
        """Give a case back."""
        return dict(self._call("POST", f"/claims/{token}/release", {"reason": reason}))

    def escalate(self, token: str | uuid.UUID, reason: str, *, queue: str = "") -> dict[str, Any]:
        """Send a case up."""
        return dict(self._call("POST", f"/claims/{token}/escalate", {"reason": reason, "queue": queue}))

    def hold(self, token: str | uuid.UUID, *, until: str, reason: str) -> dict[str, Any]:
        """Put a case aside until an instant, ISO 8601."""
        return dict(self._call("POST", f"/claims/{token}/hold", {"until": until, "reason": reason}))

    def decisions(self, after: int = 0, *, limit: int = 500) -> Iterator[dict[str, Any]]:
        """Yield what was decided and withdrawn after a cursor, up to now; `position` is the next cursor."""
        while True:
            query = urlencode({"after": after, "limit": limit})
            page = self._call("GET", f"/decisions?{query}", repeatable=True)
            yield from page["entries"]
            after = page["next_after"]
            if not page["has_more"]:
                return

    def appeal(
        self,
        *,
        kind: str,
        complainant_role: str,
        case_id: str | uuid.UUID | None = None,
        decision_id: str | uuid.UUID | None = None,
        note: str = "",
        client_key: str | None = None,
    ) -> dict[str, Any]:
        """Return the appeal filed against a decision, or the one that its key filed before."""
        body: dict[str, Any] = {"kind": kind, "complainant_role": complainant_role, "note": note}
        body["client_key"] = client_key or str(uuid.uuid4())
        for name, value in (("case_id", case_id), ("decision_id", decision_id)):
            if value is not None:
                body[name] = str(value)
        return dict(self._call("POST", "/appeals", body, repeatable=True))

    def correct(
        self,
        case_id: str | uuid.UUID,
        *,
        labels: Sequence[str],
        reason: str,
        action: str = "",
        fields: Mapping[str, Any] | None = None,
        reviewer: str = "",
    ) -> dict[str, Any]:
        """Return the decision that supersedes a case's last one."""
        body = {"labels": list(labels), "action": action, "fields": dict(fields or {})}
        body |= {"reason": reason, "reviewer": reviewer}
        return dict(self._call("POST", f"/cases/{case_id}/corrections", body))

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        repeatable: bool = False,
    ) -> Any:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        pauses = _PAUSES_SECONDS if repeatable else ()
        trouble = ""
        for pause in (*pauses, None):
            try:
                status, answer = self._send(method, path, data)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                trouble = str(error) or type(error).__name__
            else:
                if status not in _TRY_AGAIN or pause is None:
                    return _understood(status, answer)
                trouble = f"it answered {status}"
            if pause is not None:
                time.sleep(pause)
        raise UnreachableError(
            f"{method} {path} at {self._host} failed: {trouble}.", remedy="Check that the operation runs."
        )

    def _send(self, method: str, path: str, data: bytes | None) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = self._kind(self._host, self._port, timeout=self._timeout_seconds)
        headers = self._headers if data is None else {**self._headers, "Content-Type": "application/json"}
        self._connection.request(method, self._root + path, data, headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.will_close:
            self.close()
        return response.status, answer


def _understood(status: int, answer: bytes) -> Any:
    try:
        body = json.loads(answer) if answer else None
    except ValueError:
        body = None
    if status >= 400:
        raise ApiError(status, body if isinstance(body, dict) else {})
    return body


def _batches(cases: Iterable[Mapping[str, Any]]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for case in cases:
        written = json.dumps({"client_key": str(uuid.uuid4()), **case}, ensure_ascii=False).encode()
        if batch and (len(batch) == LARGEST_BATCH or size + len(written) > LARGEST_BODY_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(written)
        size += len(written) + 1
    if batch:
        yield batch
