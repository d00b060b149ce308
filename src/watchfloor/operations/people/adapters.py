"""Rules of sign-in that allauth asks for: nobody signs up; a provider opens only accounts that exist."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest

from watchfloor.operations.people.landing import first_page
from watchfloor.operations.people.viewers import viewer_for


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Local accounts are made by administrators."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 -- allauth's signature
        """Return False: there is no sign-up page."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the first page that is theirs to open: a reviewer has no floor to see."""
        return first_page(viewer_for(request.user))


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """The organisation's provider opens the account that has the same verified address, and makes none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002 -- allauth's
        """Return False: an address without an account is refused."""
        return False
