"""Every setting of the project; the only module that reads the environment.

Without any environment the settings describe one machine: the bundled PostgreSQL and a broker made of files under
`var/`. A ministry sets DATABASE_URL, BROKER_URL, SECRET_KEY, SITE_ADDRESS and PVARA_PRODUCTION=yes.
"""

import os
import secrets
from datetime import timedelta
from pathlib import Path

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF

from pvara.kernel import embedded

BASE_DIR = Path(__file__).resolve().parent.parent


def switch(name: str, default: bool = False) -> bool:
    """An environment variable that is yes or no."""
    return os.environ.get(name, "yes" if default else "no").lower() in {"1", "yes", "true", "on"}


# ── Where we are ─────────────────────────────────────────────────────────────────────────────────────────────────────
PRODUCTION = switch("PVARA_PRODUCTION")
TESTING = "PYTEST_VERSION" in os.environ
# The demonstration world marks every page and letter; it can never be switched on in production.
DEMONSTRATION = switch("PVARA_DEMONSTRATION", default=not PRODUCTION) and not PRODUCTION
# Tests keep their files and their bundled PostgreSQL apart, so that they leave a running demonstration alone.
VAR = Path(os.environ.get("PVARA_VAR", BASE_DIR / ("var/test" if TESTING else "var"))).resolve()
PORT = int(os.environ.get("PORT", "8000"))
SITE_ADDRESS = os.environ.get("SITE_ADDRESS", f"http://localhost:{PORT}").rstrip("/")
DEBUG = switch("DEBUG")


def secret_key() -> str:
    """The key from the environment; outside production one is made on first use and kept under `var/`."""
    if given := os.environ.get("SECRET_KEY"):
        return given
    if PRODUCTION:
        raise SystemExit("Set SECRET_KEY: in production the secret key is never invented.")
    kept = VAR / "secret-key"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(secrets.token_urlsafe(64))
        kept.chmod(0o600)
    return kept.read_text()


SECRET_KEY = secret_key()
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [SITE_ADDRESS]

# ── What the house is made of ────────────────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "pvara",
    "tokenisation",
    "licensing",
    "pvara.kernel",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "bootstrap",
    "django_htmx",
    "django_fsm",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "pvara.kernel.looks.OneLookARequest",
]

ROOT_URLCONF = "pvara.urls"
WSGI_APPLICATION = "pvara.wsgi.application"
ASGI_APPLICATION = "pvara.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "pvara.home.house",
            ],
        },
    },
]

# ── Data ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
DATABASE_URL = os.environ.get("DATABASE_URL", "")
DATABASES = {
    "default": dj_database_url.parse(DATABASE_URL or embedded.address(VAR), conn_max_age=60, conn_health_checks=True)
}
# A statement that waits for a lock gives up before the person does; READ COMMITTED is what the ledger is written for.
# None runs long enough to repay its compilation.
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    # Django prepares nothing, and switches it off for what asks for it by itself, as the ledger's postings do.
    "prepare_threshold": 5,
    "options": "-c lock_timeout=15s -c statement_timeout=60s -c timezone=UTC -c jit=off",
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Lockouts and throttles are shared by all workers, so a cache per process will not do.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"}
}

# ── People ───────────────────────────────────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "kernel.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "pvara.kernel.sign_in.SignInBackend",
    "pvara.kernel.roles.RoleBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "work"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_GET_INIT_ANONYMOUS_USER = None
ANONYMOUS_USER_NAME = None
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# The pages say which account is tried in one way and the API in another; without this all accounts would be one.
AXES_USERNAME_CALLABLE = "pvara.kernel.tokens.account_tried"
AXES_LOCKOUT_TEMPLATE = "account/locked.html"

# ── Jobs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
BROKER_FOLDER = VAR / "broker"
CELERY_BROKER_URL = os.environ.get("BROKER_URL", "filesystem://localhost")
if CELERY_BROKER_URL.startswith("filesystem:"):
    # One folder for both directions: what one process writes, the other reads.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_FOLDER),
        "data_folder_out": str(BROKER_FOLDER),
        "polling_interval": 0.2,  # seconds
    }
    # Answers to remote control would pile up in the folder when a worker is killed.
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
else:
    # A page that asks for a letter does not wait for a dead broker; the sweep sends later.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 5}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "jobs"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Asia/Karachi"
JOB_LEASE_SECONDS = int(os.environ.get("JOB_LEASE_SECONDS", "60"))
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    # What no worker took in time is not done twice when one comes back.
    "sweep-jobs": {"task": "kernel.sweep_jobs", "schedule": 5.0, "options": {"expires": 5}},
    "seal-audit": {"task": "kernel.seal_audit", "schedule": 60.0, "options": {"expires": 60}},
    "licensing-hour": {"task": "licensing.hour", "schedule": crontab(minute="5"), "options": {"expires": 3000}},
    "licensing-night": {"task": "licensing.night", "schedule": crontab(hour="0", minute="15")},
    "tokenisation-night": {"task": "tokenisation.night", "schedule": crontab(hour="0", minute="45")},
}

# ── Letters, signatures, seals ───────────────────────────────────────────────────────────────────────────────────────
# The keys live in a folder outside the repository and the database; nothing is signed when it cannot be read.
SIGNING_FOLDER = Path(os.environ.get("SIGNING_FOLDER", VAR / "signing"))
# Signed heads of the audit tree; keep it on another machine in production.
SEAL_FOLDER = Path(os.environ.get("SEAL_FOLDER", VAR / "seals"))

# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────────────────
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR / "uploads"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = not PRODUCTION
UPLOAD_LIMIT_BYTES = 10 * 1024 * 1024
CLAMD_SOCKET = os.environ.get("CLAMD_SOCKET", "")

# ── Language and time ────────────────────────────────────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
TIME_ZONE = "Asia/Karachi"
USE_TZ = True

# ── API ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
# Authentication, reading and paging stand on the endpoints' bases (`kernel/api/bases.py`).
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "pvara.kernel.api.explain",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    # Attempts to sign in: on one account from one address, and from one address on whatever accounts.
    "DEFAULT_THROTTLE_RATES": {"login": "10/min", "login_address": "60/min"},
    # Without a proxy nobody may say from which address they come.
    "NUM_PROXIES": int(os.environ.get("TRUSTED_PROXIES", "0")),
    "COERCE_DECIMAL_TO_STRING": True,
}
REST_KNOX = {"TOKEN_TTL": timedelta(hours=float(os.environ.get("API_TOKEN_HOURS", "10")))}
SPECTACULAR_SETTINGS = {
    "TITLE": "PVARA admin API",
    "DESCRIPTION": (
        "Cases and their moves, ratings and scores, letters, the public register, the programme and its ledger.\n\n"
        "Sign in with `POST /api/login/` and send the token as `Authorization: Bearer …`. What may be done next with "
        "an object, and what stands in the way, is at its `moves/`; every refusal has the shape `Problem`."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "pvara.kernel.api.schema.document_refusals",
    ],
    "ENUM_NAME_OVERRIDES": {
        "NocState": "licensing.states.NocState.choices",
        "SetUpState": "licensing.states.SetUpState.choices",
        "AmlState": "licensing.states.AmlState.choices",
        "MilestoneCode": "licensing.states.MilestoneCode.choices",
        "Activity": "licensing.states.Activity.choices",
        "MilestoneState": "licensing.states.MilestoneState.choices",
        "FullState": "licensing.states.FullState.choices",
        "RequestState": "licensing.states.RequestState.choices",
        "ApplicationKind": "licensing.faces.api.returns.KINDS",
        "VotedKind": "licensing.faces.api.decisions.VOTED_KINDS",
        "MessageKind": "licensing.models.requests.RequestMessage.Kind",
        "DocumentKind": "tokenisation.states.DocumentKind.choices",
        "DocumentState": "tokenisation.states.DocumentState.choices",
        "LicenceState": "licensing.states.LicenceState.choices",
        "MeasureKind": "licensing.states.MeasureKind.choices",
        "Ground": "licensing.states.Ground.choices",
        "RenewalState": "licensing.states.RenewalState.choices",
        "VariationState": "licensing.states.VariationState.choices",
        "AppealState": "licensing.states.AppealState.choices",
        "ProposalState": "licensing.states.ProposalState.choices",
        "ProposalLevel": "licensing.states.ProposalLevel.choices",
        "WindDownState": "licensing.states.WindDownState.choices",
        "InterestNature": "licensing.states.InterestNature.choices",
        "DeclaredNature": "licensing.actions.interests.DECLARABLE",
        "FeeKind": "licensing.states.FeeKind.choices",
        "InvoiceState": "licensing.states.InvoiceState.choices",
        "KeyIndividualState": "licensing.states.KeyIndividualState.choices",
        "ControlState": "licensing.states.ControlState.choices",
        "CheckKind": "licensing.states.CheckKind.choices",
        "CheckResult": "licensing.states.CheckResult.choices",
        "PartyKind": "licensing.models.ownership.KINDS",
        "ConditionState": "licensing.states.ConditionState.choices",
        "ConditionKind": "licensing.states.ConditionKind.choices",
        "ConsultationState": "licensing.states.ConsultationState.choices",
        "ReplyVerdict": "licensing.states.ReplyVerdict.choices",
        "MouState": "licensing.states.MouState.choices",
        "DeliverableKind": "licensing.states.DeliverableKind.choices",
        "DeliverableState": "licensing.states.DeliverableState.choices",
        "CorporateActionKind": "tokenisation.states.ActionKind.choices",
        "CorporateActionState": "tokenisation.states.ActionState.choices",
        "ProposedActionKind": "tokenisation.faces.api.corporate_shapes.PROPOSED",
        "RateFixingState": "tokenisation.states.FixingState.choices",
        "SettlementKind": "tokenisation.states.SettlementKind.choices",
        "BreakState": "tokenisation.states.BreakState.choices",
        "LimitScope": "tokenisation.states.LimitScope.choices",
        "LimitState": "tokenisation.states.LimitState.choices",
        "OrderKind": "tokenisation.models.orders.KINDS",
        "OrderState": "tokenisation.states.OrderState.choices",
        "HeldAccount": "tokenisation.faces.api.bodies.HELD",
        "OrderedAccount": "tokenisation.faces.api.bodies.ORDERED",
        "InspectionState": "licensing.states.InspectionState.choices",
        "InspectionKind": "licensing.states.InspectionKind.choices",
        "InspectedArea": "licensing.states.InspectedArea.choices",
        "InspectedCase": "licensing.faces.api.inspections.CASE_KINDS",
        "AreaResult": "licensing.states.AreaResult.choices",
        "FilingState": "licensing.states.FilingState.choices",
        "IncidentState": "licensing.states.IncidentState.choices",
        "Impact": "licensing.states.Impact.choices",
        "Band": "licensing.states.Band.choices",
        "Unit": "pvara.kernel.models.figures.Figure.Unit",
        "Mark": "pvara.kernel.models.figures.Figure.Mark",
        "SettingChangeState": "licensing.states.SettingChangeState.choices",
        "FindingState": "licensing.states.FindingState.choices",
        "Severity": "licensing.states.Severity.choices",
        "EvidenceState": "licensing.states.EvidenceState.choices",
        "AssetState": "tokenisation.states.AssetState.choices",
        "AuthorisationState": "tokenisation.states.AuthorisationState.choices",
        "AssetKind": "tokenisation.states.AssetKind.choices",
        "EntryKind": "tokenisation.states.EntryKind.choices",
        "OverrideState": "licensing.states.OverrideState.choices",
        "FrameworkState": "licensing.states.FrameworkState.choices",
        "LetterState": "licensing.states.LetterState.choices",
        "Phase": "licensing.models.framework.Criterion.PHASES",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# ── A chain that mirrors the ledger of units ─────────────────────────────────────────────────────────────────────────
# The class that speaks to it; there is none yet (docs/decisions/0021-a-port-for-a-chain.md).
CHAIN_GATEWAY = os.environ.get("CHAIN_GATEWAY", "tokenisation.chain.none.NoChain")

# ── Mail ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
DEFAULT_FROM_EMAIL = os.environ.get("MAIL_FROM", "licensing@pvara.example")
EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = VAR / "mail"

# ── Hardening ────────────────────────────────────────────────────────────────────────────────────────────────────────
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}
