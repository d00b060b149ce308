"""A client that works by the console's pages: signed in by a session, at instants of a clock that jumps."""

import http.client
import json
import random
import re
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

from watchfloor.kernel import WatchfloorError

JUMPS_SECONDS = (0.0, 0.0, 3.0, -3.0, 15.0, -15.0, 600.0, -600.0, 7200.0)
CSRF = "f" * 32
_CASE = re.compile(r'<article class="case"[^>]*')
_DATA = re.compile(r'data-(token|case|expires)="([^"]*)"')


class PageError(WatchfloorError):
    """A page refused; `code` is its status."""

    def __init__(self, status: int, message: str) -> None:
        self.code = f"page {status}"
        super().__init__(message)


class LostError(Exception):
    """The line broke: what was asked may have happened."""


class Pages:
    """The console, as a browser uses it: one session a person."""

    def __init__(self, address: str, sessions: dict[str, str], cookies: tuple[str, str]) -> None:
        self.host = urlsplit(address).netloc
        self.sessions = sessions
        self.session_cookie, self.csrf_cookie = cookies
        self.lines: dict[str, http.client.HTTPConnection] = {}
        self.person_of: dict[str, str] = {}
        self.offset, self.clock = 0.0, 0.0

    def jump(self, rng: random.Random) -> None:
        """Read the clock; now and then it has jumped."""
        if rng.random() < 0.1:
            self.offset = rng.choice(JUMPS_SECONDS)
        self.clock = round(time.time() + self.offset, 6)

    def next(self, person: str) -> dict[str, str] | None:
        """Return the token, case and expiry of the next case for somebody, or None."""
        holding = [("holding", token) for token, whose in self.person_of.items() if whose == person]
        status, kind, body = self._post(person, "/console/next/", holding[-200:])
        if status != 200:
            raise PageError(status, body[:120])
        if kind != "case" or (found := _CASE.search(body)) is None:
            return None
        data = dict(_DATA.findall(found[0]))
        self.person_of[data["token"]] = person
        return data

    def act(self, token: str, deed: str, fields: list[tuple[str, str]]) -> dict[str, Any]:
        """Return what the page says of something done to a lease."""
        status, _, body = self._post(self.person_of[token], f"/console/leases/{token}/{deed}/", fields)
        if status != 200:
            raise PageError(status, body[:120])
        return dict(json.loads(body))

    def _post(self, person: str, path: str, fields: list[tuple[str, str]]) -> tuple[int, str, str]:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"{self.session_cookie}={self.sessions[person]}; {self.csrf_cookie}={CSRF}",
            "X-CSRFToken": CSRF,
            "X-Clock-Offset": str(self.offset),
        }
        line = self.lines.setdefault(person, http.client.HTTPConnection(self.host, timeout=5.0))
        try:
            line.request("POST", path, urlencode(fields), headers)
            answer = line.getresponse()
            body = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            line.close()
            raise LostError(str(error) or type(error).__name__) from error
        if answer.status >= 500:
            raise LostError(f"{answer.status} {path}: {body[:150]}")
        return answer.status, answer.headers.get("X-Console", ""), body
