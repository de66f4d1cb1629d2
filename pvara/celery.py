"""The Celery application: it executes jobs by id; the Job row is the truth (pvara/kernel/outbox.py)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pvara.settings")

app = Celery("pvara")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["pvara.kernel", "licensing", "tokenisation"])
