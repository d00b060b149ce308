"""Accounts: people who sign in, what they are granted, one-time links, and the clients of the API."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from watchfloor.operations.record.viewers import ROLES

ROLE_CHOICES = [(role, role.replace("_", " ").capitalize()) for role in ROLES]


class UserManager(BaseUserManager["User"]):
    """Creates accounts by email."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Return a new account; without a password it signs in by link or through a provider."""
        if not email:
            raise ValueError("An account needs an email address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Return a new account that may do everything in the admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in, known by email."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["email"]

    def __str__(self) -> str:
        return self.name or self.email


class GrantedScope(models.Model):
    """Where a grant holds; blank means everywhere, save that a data boundary must be named."""

    queue_group = models.CharField(max_length=80, blank=True, default="")
    site = models.ForeignKey("people.Site", null=True, blank=True, on_delete=models.CASCADE)
    market = models.CharField(max_length=2, blank=True, default="")
    data_boundary = models.CharField(
        max_length=80, blank=True, default="", help_text="Slug of a boundary; * for all; blank for none."
    )

    class Meta:
        abstract = True


class Grant(GrantedScope):
    """A role given to a user within a scope."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    granted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["user", "role", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "queue_group", "site", "market", "data_boundary"],
                name="people_grant_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.get_role_display()


class SignInLink(models.Model):
    """A link that signs its user in once, kept as a hash."""

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"link for {self.user_id}"


class ApiClient(GrantedScope):
    """A program that calls the API, its token kept as a hash."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    token_start = models.CharField(max_length=12, editable=False)
    roles = ArrayField(models.CharField(max_length=20, choices=ROLE_CHOICES), default=list)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name
