"""The Celery application: it executes jobs by id; the Job row is the truth (pvara/kernel/outbox.py).

Tasks are found because every app imports its `tasks` module when Django starts.
"""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pvara.settings")
# `filesystem://` is our own broker of files, for the reason its module gives.
TRANSPORT_ALIASES["filesystem"] = "pvara.kernel.broker:Transport"

app = Celery("pvara")
app.config_from_object("django.conf:settings", namespace="CELERY")
