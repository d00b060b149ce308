"""The administration of accounts: users with their grants, sign-in links, API clients."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm

from watchfloor.operations.people.access import Reach, issue_token
from watchfloor.operations.people.accounts import ROLE_CHOICES
from watchfloor.operations.people.models import ApiClient, DataBoundary, Grant, SignInLink, User
from watchfloor.operations.people.viewers import ALL_BOUNDARIES, viewer_for
from watchfloor.operations.record.admin import AuditedAdmin, ReadOnlyAdmin

admin.site.unregister(Group)  # roles and their scope are Watchfloor's own grants


class UserCreationForm(BaseUserCreationForm[User]):
    """Asks for an email and, for local sign-in, a password."""

    class Meta:
        model = User
        fields = ("email",)


class GrantInline(TabularInline):  # type: ignore[misc]  # unfold ships no types
    """The roles a user holds and where."""

    model = Grant
    extra = 0
    fields = ("role", "queue_group", "site", "market", "data_boundary")


@admin.register(User)
class UserAdmin(AuditedAdmin, DjangoUserAdmin[User]):
    """People who sign in."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "name", "roles_held", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser", "grants__role")
    search_fields = ("email", "name")
    ordering = ("email",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    inlines = (GrantInline,)
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Instants"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "password1", "password2")}),)

    def get_queryset(self, request: Any) -> Any:
        """Return the users with their grants."""
        return super().get_queryset(request).prefetch_related("grants")

    @admin.display(description=_("Roles"))
    def roles_held(self, user: User) -> str:
        """Return the roles the user holds anywhere."""
        return ", ".join(sorted({grant.role for grant in user.grants.all()}))


@admin.register(Grant)
class GrantAdmin(AuditedAdmin):
    """Every role given, and where it holds."""

    list_display = ("user", "role", "queue_group", "site", "market", "data_boundary", "granted_at")
    list_filter = ("role", "site", "data_boundary")
    list_select_related = ("user", "site")
    search_fields = ("user__email", "queue_group")
    autocomplete_fields = ("user",)
    ordering = ("user__email", "role", "id")


class ApiClientForm(forms.ModelForm[ApiClient]):
    """Asks for the roles as a choice of several."""

    roles = forms.MultipleChoiceField(choices=ROLE_CHOICES, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = ApiClient
        fields = (
            "slug",
            "name",
            "roles",
            "queue_group",
            "site",
            "market",
            "data_boundary",
            "active",
            "expires_at",
        )

    def clean_data_boundary(self) -> str:
        """Return the boundary when there is one of that slug."""
        boundary = str(self.cleaned_data["data_boundary"])
        if boundary in {"", ALL_BOUNDARIES} or DataBoundary.objects.filter(slug=boundary).exists():
            return boundary
        raise forms.ValidationError(_("There is no data boundary of that slug."))


@admin.register(ApiClient)
class ApiClientAdmin(AuditedAdmin):
    """Programs that call the API. A token is shown once, when the client is added or gets a new one."""

    form = ApiClientForm
    actions = ("issue_new_tokens",)

    list_display = ("slug", "name", "token_start", "roles", "queue_group", "site", "active", "expires_at")
    list_filter = ("active",)
    list_select_related = ("site",)
    search_fields = ("slug", "name")
    readonly_fields = ("token_start", "created_at")
    ordering = ("slug",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the columns that a client keeps for good."""
        del request
        return ("slug", *self.readonly_fields) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        """Save a known client; give a new one its token and show it."""
        if change:
            super().save_model(request, obj, form, change)
        else:
            obj.pk = self._issue(request, obj).pk

    @admin.action(description=_("Issue new tokens; the old ones end"))
    def issue_new_tokens(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Give each client a new token and show it."""
        for client in queryset.select_related("site").order_by("slug"):
            self._issue(request, client)

    def _issue(self, request: HttpRequest, client: ApiClient) -> ApiClient:
        made, token = issue_token(
            slug=client.slug,
            name=client.name,
            roles=client.roles,
            by=viewer_for(request.user),
            now=datetime.now(UTC),
            reach=Reach(client.queue_group, client.site, client.market, client.data_boundary),
            expires_at=client.expires_at,
        )
        shown = _("Token of %(client)s, shown this once: %(token)s") % {"client": client.slug, "token": token}
        self.message_user(request, shown, messages.WARNING)
        return made


@admin.register(SignInLink)
class SignInLinkAdmin(ReadOnlyAdmin):
    """Links that sign somebody in once."""

    list_display = ("user", "created_at", "expires_at", "used_at")
    list_select_related = ("user",)
    fields = ("user", "created_at", "expires_at", "used_at")
    ordering = ("-created_at", "-id")
