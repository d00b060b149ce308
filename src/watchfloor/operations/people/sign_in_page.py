"""The page behind a one-time link: signs its user in, or says why not."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchfloor.operations.people.landing import first_page
from watchfloor.operations.people.sign_in import LinkRefusedError, use_link
from watchfloor.operations.people.viewers import viewer_for


@never_cache
@require_safe
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """Sign the link's user in and show where they begin; a used or old link says so with status 410."""
    try:
        user = use_link(token=token, now=timezone.now())
    except LinkRefusedError:
        if request.user.is_authenticated:
            return redirect("/")
        return render(request, "people/link_refused.html", status=410)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(first_page(viewer_for(user)))
