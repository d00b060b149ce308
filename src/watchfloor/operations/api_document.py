"""The API's OpenAPI document, with the errors that every call may answer.

Errors are made in one place (`api_errors`), so their shape is described in one place too. Two are no error
of any call and get that shape here: an address that is none, and a method that an address does not take.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from watchfloor.operations.api_errors import error_body

ERROR = {
    "type": "object",
    "title": "ErrorOut",
    "description": "Any refusal: what it is called, what happened, what to do, and each fault by itself.",
    "required": ["code", "message", "remedy", "errors"],
    "additionalProperties": False,
    "properties": {
        "code": {"type": "string", "title": "Code", "description": "A name that programs may rely on."},
        "message": {"type": "string", "title": "Message"},
        "remedy": {"type": "string", "title": "Remedy"},
        "errors": {"type": "array", "title": "Errors", "items": {"type": "object"}},
    },
}
REFUSALS = {
    "400": "The request cannot be read.",
    "401": "The caller is unknown, or the token has expired.",
    "403": "The caller may not do this.",
    "404": "There is no such thing within the caller's reach.",
    "405": "The address does not take this method; `Allow` names those that it takes.",
    "409": "Things do not stand as they would have to: a lease is stale, a state does not allow it.",
    "413": "The body is too big.",
    "422": "The request is understood and cannot be carried out; `errors` lists each fault.",
    "429": "Too many requests; `Retry-After` says how many seconds to wait.",
    "503": "The database does not answer now; ask again.",
}


class DescribedAPI(NinjaAPI):
    """An API whose description names its refusals."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the description; a status that a call describes itself stays as it is."""
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        document["components"].setdefault("schemas", {})["ErrorOut"] = ERROR
        for methods in document["paths"].values():
            for described in methods.values():
                for status, meaning in REFUSALS.items():
                    described["responses"].setdefault(int(status), _refusal(status, meaning))
        return document

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        """Return the addresses, what they refuse themselves in our shape, and what is no address at all."""
        found = super()._get_urls()
        for address in found:
            if address.callback is not None:
                address.callback = _in_one_shape(address.callback)
        return [*found, re_path(r"^.*$", _no_address)]


def _in_one_shape(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def shaped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        if answer.status_code != 405:
            return answer
        allowed = ", ".join(sorted(answer.headers["Allow"].split(", ")))
        body = error_body(
            "method_not_allowed",
            f"{request.path[:200]} takes no {(request.method or '')[:20]}.",
            remedy=f"Send {allowed}; see /api/docs.",
        )
        return JsonResponse(body, status=405, headers={"Allow": allowed})

    return shaped


@csrf_exempt  # nothing is done, and a refusal has the API's shape for whoever sends it
def _no_address(request: HttpRequest) -> HttpResponse:
    body = error_body(
        "no_such_address",
        f"The API has no {request.path[:200]!r}.",
        remedy="See /api/docs for its addresses.",
    )
    return JsonResponse(body, status=404)


def _refusal(status: str, meaning: str) -> dict[str, Any]:
    shape = {"schema": {"$ref": "#/components/schemas/ErrorOut"}}
    refusal: dict[str, Any] = {"description": meaning, "content": {"application/json": shape}}
    if status == "429":
        refusal["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    return refusal
