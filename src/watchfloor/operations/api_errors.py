"""Every error of the API in one shape: `code`, `message`, `remedy`, and `errors` where there are several.

A code is the error's own name; statuses come from the error (`status`), 422 where it names none.
"""

import logging
import re
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from watchfloor.kernel import WatchfloorError

_logger = logging.getLogger("watchfloor.api")


def error_code(error: WatchfloorError) -> str:
    """Return the error's name as a code.

    >>> class StaleLeaseError(WatchfloorError): ...
    >>> error_code(StaleLeaseError("late"))
    'stale_lease'
    """
    name = type(error).__name__.removesuffix("Error") or "Error"
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def error_body(
    code: str, message: str, *, remedy: str = "", errors: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Return the body of an error."""
    return {"code": code, "message": message, "remedy": remedy, "errors": errors or []}


def answer_errors(api: NinjaAPI) -> None:
    """Make `api` answer every error in the one shape."""

    def domain(request: HttpRequest, error: Any) -> HttpResponse:
        body = error_body(error_code(error), error.message, remedy=error.remedy, errors=_several(error))
        response = api.create_response(request, body, status=int(getattr(error, "status", 422)))
        if (seconds := getattr(error, "retry_after_seconds", None)) is not None:
            response.headers["Retry-After"] = str(seconds)
        return response

    def unknown_caller(request: HttpRequest, error: Any) -> HttpResponse:
        del error
        body = error_body(
            "not_signed_in", "The caller is unknown.", remedy="Send Authorization: Bearer with an API token."
        )
        return api.create_response(request, body, status=401)

    def misshapen(request: HttpRequest, error: Any) -> HttpResponse:
        faults = [
            {"field": ".".join(str(part) for part in each["loc"]), "message": each["msg"]}
            for each in error.errors
        ]
        message = f"The request does not have the shape asked for: {len(faults)} faults."
        body = error_body("misshapen_request", message, remedy="See /api/docs.", errors=faults)
        return api.create_response(request, body, status=422)

    def refused(request: HttpRequest, error: Any) -> HttpResponse:
        return api.create_response(request, error_body("refused", str(error)), status=error.status_code)

    def too_big(request: HttpRequest, error: Any) -> HttpResponse:
        body = error_body("body_too_big", str(error), remedy="Send smaller batches.")
        return api.create_response(request, body, status=413)

    def missing(request: HttpRequest, error: Any) -> HttpResponse:
        del error
        return api.create_response(request, error_body("not_found", "There is no such thing."), status=404)

    def unstorable(request: HttpRequest, error: Any) -> HttpResponse:
        del error
        body = error_body("misshapen_request", "A value holds a character that cannot be stored.")
        return api.create_response(request, body, status=422)

    def away(request: HttpRequest, error: Any) -> HttpResponse:
        _logger.warning("The database did not answer %s: %s", request.path, str(error).strip())
        body = error_body(
            "database_away",
            "The database does not answer now; nobody knows whether the call was carried out.",
            remedy="Ask again in a second; calls with a client key may be repeated without harm.",
        )
        response = api.create_response(request, body, status=503)
        response.headers["Retry-After"] = "1"
        return response

    api.add_exception_handler(WatchfloorError, domain)
    api.add_exception_handler(AuthenticationError, unknown_caller)
    api.add_exception_handler(ValidationError, misshapen)
    api.add_exception_handler(HttpError, refused)
    api.add_exception_handler(RequestDataTooBig, too_big)
    api.add_exception_handler(Http404, missing)
    api.add_exception_handler(DataError, unstorable)
    api.add_exception_handler(UnicodeEncodeError, unstorable)  # half a pair of surrogates, by `\\ud800`
    api.add_exception_handler(OperationalError, away)
    api.add_exception_handler(InterfaceError, away)


def _several(error: WatchfloorError) -> list[dict[str, Any]]:
    items = getattr(error, "items", ())
    if items:
        return [
            {name: getattr(item, name) for name in ("index", "field", "message", "remedy")} for item in items
        ]
    return [{"message": fault} for fault in getattr(error, "faults", ())]
