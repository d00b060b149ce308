"""Django's settings, made from the environment. Importing them starts nothing and writes nothing.

Names and limits stand in `settings.environment`, the database's address in `settings.database`.
"""

import hashlib
import importlib.util
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from django.utils.translation import gettext_lazy as _

from watchfloor.settings.admin_look import COLORS
from watchfloor.settings.database import databases
from watchfloor.settings.environment import SettingsError, read_environment
from watchfloor.settings.secret import secret_key

# Lets fields, managers and admin classes name their types, as in ModelAdmin[User].
django_stubs_ext.monkeypatch()

ENVIRONMENT = read_environment()

# What the rest of Watchfloor reads.
WATCHFLOOR_DATA: Path = ENVIRONMENT.data
WATCHFLOOR_FACTS_ROOT: Path = ENVIRONMENT.facts_root
WATCHFLOOR_OPERATION: str = ENVIRONMENT.operation
WATCHFLOOR_SIMULATED: bool = ENVIRONMENT.is_simulated
# Empty: the page takes its own host with WATCHFLOOR_LIVE_PORT.
WATCHFLOOR_LIVE_URL: str = ENVIRONMENT.live_url or ""
WATCHFLOOR_LIVE_PORT: int = ENVIRONMENT.live_port_in_use
WATCHFLOOR_ALLOW_PRIVATE_CALLBACKS: tuple[str, ...] = ENVIRONMENT.private_callbacks
WATCHFLOOR_STATEMENTS_URL: str = ENVIRONMENT.statements_url or ""
WATCHFLOOR_STATEMENTS_TOKEN: str = ENVIRONMENT.statements_token or ""
WATCHFLOOR_API_REQUESTS_PER_MINUTE: int = ENVIRONMENT.api_requests_per_minute
WATCHFLOOR_MEDIA_ORIGINS: tuple[str, ...] = ENVIRONMENT.media_origins

SECRET_KEY = secret_key(ENVIRONMENT)
DEBUG = ENVIRONMENT.debug

_public = urlsplit(ENVIRONMENT.origin) if ENVIRONMENT.origin else None
_https = bool(_public and _public.scheme == "https")
ALLOWED_HOSTS = [
    "127.0.0.1",
    "localhost",
    "[::1]",
    *({ENVIRONMENT.host} - {"0.0.0.0", "::", "127.0.0.1", "localhost"}),  # noqa: S104 -- compared, not bound
    *([_public.hostname] if _public and _public.hostname else []),
    *ENVIRONMENT.allowed_hosts,
]
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.origin] if ENVIRONMENT.origin else []

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "procrastinate.contrib.django",
    "django_htmx",
    "ninja",
    "watchfloor.operations.shell",
    "watchfloor.operations.record",
    "watchfloor.operations.people",
    "watchfloor.operations.wellbeing",
    "watchfloor.operations.policies",
    "watchfloor.operations.queues",
    "watchfloor.operations.routing",
    "watchfloor.operations.review",
    "watchfloor.operations.enforcement",
    "watchfloor.operations.quality",
    "watchfloor.operations.cells",
    "watchfloor.operations.targets",
    "watchfloor.operations.insights",
    "watchfloor.operations.catalogue",
    "watchfloor.operations.scorecards",
    "watchfloor.operations.dashboards",
    "watchfloor.operations.alerts",
    "watchfloor.operations.console",
    "watchfloor.operations.launches",
    "watchfloor.operations.intake",
    "watchfloor.operations.reports",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "watchfloor.operations.shell.csp.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "watchfloor.operations.urls"
WSGI_APPLICATION = "watchfloor.operations.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before the apps' own: the frame's pages take the place of allauth's and Django's.
        "DIRS": [Path(__file__).parents[1] / "operations" / "shell" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "watchfloor.operations.shell.context.frame",
            ],
        },
    }
]

DATABASES = databases(ENVIRONMENT)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Accounts are made by administrators or by the organisation's own provider, never by sign-up.
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "watchfloor.operations.people.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
SOCIALACCOUNT_ADAPTER = "watchfloor.operations.people.adapters.ProviderAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if ENVIRONMENT.oidc_issuer:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": ENVIRONMENT.oidc_name,
                "client_id": ENVIRONMENT.oidc_client_id,
                "secret": ENVIRONMENT.oidc_client_secret,
                "settings": {"server_url": ENVIRONMENT.oidc_issuer, "oauth_pkce_enabled": True},
            }
        ]
    }
if ENVIRONMENT.saml_metadata_url:
    if not importlib.util.find_spec("onelogin"):
        raise SettingsError(
            "WATCHFLOOR_SAML_METADATA_URL is set, and the package python3-saml is not installed.",
            remedy="Install it with: pip install 'watchfloor[saml]'",
        )
    INSTALLED_APPS.insert(
        INSTALLED_APPS.index("procrastinate.contrib.django"), "allauth.socialaccount.providers.saml"
    )
    SOCIALACCOUNT_PROVIDERS["saml"] = {
        "APPS": [
            {
                "provider_id": ENVIRONMENT.saml_entity_id,
                "client_id": "saml",
                "name": "SAML",
                "settings": {
                    "idp": {
                        "entity_id": ENVIRONMENT.saml_entity_id,
                        "metadata_url": ENVIRONMENT.saml_metadata_url,
                    }
                },
            }
        ]
    }

# Two operations on one host share a browser's cookies whatever their ports, so each has names of its own.
_mark = hashlib.sha256(str(WATCHFLOOR_DATA).encode()).hexdigest()[:8]
SESSION_COOKIE_NAME = f"watchfloor_session_{_mark}"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_NAME = f"watchfloor_csrf_{_mark}"
CSRF_COOKIE_SECURE = _https
LANGUAGE_COOKIE_NAME = "watchfloor_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if _https:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600

LANGUAGE_CODE = ENVIRONMENT.language
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [Path(__file__).parents[1] / "operations" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = WATCHFLOOR_DATA / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(WATCHFLOOR_DATA / "files")},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# A batch of 5,000 cases with a few kilobytes of content each.
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 2**20

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = WATCHFLOOR_DATA / "mail"

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Watchfloor",
    "SITE_HEADER": "Watchfloor",
    "SITE_SUBHEADER": _("Administration"),
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": COLORS,
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "watchfloor": {"level": ENVIRONMENT.log_level.upper()},
        "django.request": {"level": "ERROR"},
        # A request for another host is answered with 400; whoever sends it need not fill the log.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "procrastinate": {"level": "WARNING"},
    },
}
