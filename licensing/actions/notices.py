"""Telling people by e-mail that something waits for them. What it is stays behind the sign-in."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from licensing.access import REPRESENT
from licensing.models import Firm, FirmUserObjectPermission
from pvara.kernel import outbox
from pvara.kernel.models import Job, User


def people_of(firm: Firm) -> "Iterable[User]":
    """Those who act for a firm and whose accounts are open."""
    held = FirmUserObjectPermission.objects.filter(
        content_object=firm, permission__codename=REPRESENT.split(".")[1], user__is_active=True
    )
    return User.objects.filter(pk__in=held.values("user")).order_by("pk")


def holders_of(role: str) -> "Iterable[User]":
    """Those who hold a role and whose accounts are open."""
    return User.objects.filter(role_assignments__role=role, is_active=True).order_by("pk")


def tell_firm(firm: Firm, *, subject: str, template: str, context: dict[str, Any], key: str, at: datetime) -> None:
    """Write to those who act for a firm. `template` is `templates/email/<template>.txt`; the words are fixed now.

    `key` names the occasion: the same key is told once. Call it in the transaction of what it tells.
    """
    tell_people(people_of(firm), subject=subject, template=template, context=context, key=key, at=at)


def tell_people(
    people: Iterable[User], *, subject: str, template: str, context: dict[str, Any], key: str, at: datetime
) -> None:
    """Write to some people, each on their own: nobody sees who else was told."""
    body = render_to_string(f"email/{template}.txt", {**context, "site_address": settings.SITE_ADDRESS})
    for person in people:
        outbox.enqueue(
            "notice",
            key=f"notice:{key}:{person.pk}",
            payload={"to": person.pk, "subject": subject, "body": body},
            at=at,
        )


def send_notice(job: Job) -> None:
    """Send one e-mail, unless the account was closed meanwhile."""
    person = User.objects.filter(pk=job.payload["to"], is_active=True).first()
    if person is None:
        return
    EmailMessage(
        subject=job.payload["subject"],
        body=job.payload["body"],
        to=[person.email],
        # The same number each time: a mail server drops the copy that a crash between sending and noting it makes.
        headers={"Message-ID": f"<notice-{job.pk}@pvara.invalid>"},
    ).send()
