"""The administration of accounts: users with their grants, sign-in links, API clients."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm

from watchfloor.operations.people.models import ApiClient, Grant, SignInLink, User
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


@admin.register(ApiClient)
class ApiClientAdmin(AuditedAdmin):
    """Programs that call the API. Tokens are issued by `watchfloor token`; here they are switched off."""

    list_display = ("slug", "name", "token_start", "roles", "queue_group", "site", "active", "expires_at")
    list_filter = ("active",)
    list_select_related = ("site",)
    search_fields = ("slug", "name")
    readonly_fields = ("slug", "token_start", "created_at")
    ordering = ("slug",)

    def has_add_permission(self, *_: Any) -> bool:
        """Return False: a client comes into being with its token."""
        return False


@admin.register(SignInLink)
class SignInLinkAdmin(ReadOnlyAdmin):
    """Links that sign somebody in once."""

    list_display = ("user", "created_at", "expires_at", "used_at")
    list_select_related = ("user",)
    fields = ("user", "created_at", "expires_at", "used_at")
    ordering = ("-created_at", "-id")
