"""Django's settings, derived from the node's typed settings; nothing is decided here that a node can set."""

from __future__ import annotations

from pathlib import Path
from secrets import token_urlsafe
from urllib.parse import unquote, urlsplit

from amana.config.logs import configure_logs
from amana.config.node_settings import load_settings

AMANA = load_settings()
configure_logs(level=AMANA.log_level, form=AMANA.log_format)

BASE = Path(__file__).resolve().parent.parent
DEBUG = AMANA.development
# Without a key (a node not yet made, a check in a workshop) sessions of this process end with it.
SECRET_KEY = AMANA.secret_key.get_secret_value() or token_urlsafe(50)
ALLOWED_HOSTS = [host.strip() for host in AMANA.allowed_hosts.split(",") if host.strip()]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "amana.records",
    "amana.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "amana.web.admission.OnlyAdmitted",
    "amana.web.middleware.AnswerErrors",
]

ROOT_URLCONF = "amana.web.urls"
WSGI_APPLICATION = "amana.config.wsgi.people"
AUTH_USER_MODEL = "records.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# People are given accounts; nobody signs up, and nothing is mailed. The second factor is mandatory: web/admission.py.
ACCOUNT_ADAPTER = "amana.web.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {"login": "amana.web.sign_in.SignInForm", "reauthenticate": "amana.web.sign_in.AgainForm"}
ACCOUNT_REAUTHENTICATION_METHODS = ["password"]
# One limit for all steps, by name and by address: web/limits.py.
ACCOUNT_RATE_LIMITS = False
MFA_ADAPTER = "amana.web.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "amana.web.sign_in.CodeForm",
    "authenticate_webauthn": "amana.web.sign_in.KeyForm",
    "activate_totp": "amana.web.forms_people.TotpForm",
    "add_webauthn": "amana.web.forms_people.AddKeyForm",
}
MFA_RATE_LIMITS = False
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_USER_VERIFICATION = "preferred"

FORM_RENDERER = "amana.web.widgets.Renderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "amana.web.context.frame",
            ],
        },
    },
]


def database_of(url: str, home: Path) -> dict[str, object]:
    """Django's description of the database behind a URL; SQLite in the node's folder where it is empty."""
    if not url:
        return {
            "ENGINE": "amana.records.sqlite_in_turn",
            "NAME": home / "amana.sqlite3",
            "TEST": {"NAME": ":memory:"},
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                # FULL: an acknowledged message is on the disk, not only in a cache.
                "init_command": (
                    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA secure_delete=ON;"
                    "PRAGMA foreign_keys=ON;PRAGMA cache_size=-20000;"
                    # What is read lies in the machine's memory already: a search through all texts need not copy it.
                    "PRAGMA mmap_size=1073741824;"
                ),
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        # Values go beside the statement, as bytes, and a statement that comes often is planned once. Ours take
        # milliseconds: to compile one, or to start helpers for it, takes longer than to run it.
        "OPTIONS": {
            "server_side_binding": True,
            "prepare_threshold": 5,
            "options": "-c jit=off -c max_parallel_workers_per_gather=0",
        },
    }


DATABASES = {"default": database_of(AMANA.database_url, AMANA.home)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = AMANA.language
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("ar", "العربية")]
LOCALE_PATHS = [BASE / "locale"]
TIME_ZONE = AMANA.time_zone
USE_TZ = True
FORMAT_MODULE_PATH = "amana.config.formats"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = AMANA.development

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_NAME = "amana-session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(AMANA.web_certificate)
CSRF_FAILURE_VIEW = "amana.web.errors.no_csrf"
CSRF_COOKIE_NAME = "amana-csrf"
CSRF_COOKIE_SAMESITE = "Strict"
DATA_UPLOAD_MAX_MEMORY_SIZE = 60 * 1024 * 1024
SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING_CONFIG = None
