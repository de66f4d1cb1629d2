"""The page of work that was given up: what failed and why, one more attempt, and who may ask for it."""

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from pvara.kernel import audit, outbox
from pvara.kernel.models import Job


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def given_up(world):
    """A mail that nobody could deliver."""
    with transaction.atomic():
        job = outbox.enqueue("mail", key="mail:lost", payload={"to": "secret@example.org"}, at=timezone.now())
    lost = {"state": "failed", "finished_at": timezone.now(), "attempts": 12, "last_error": "OSError: no route to host"}
    Job.objects.filter(pk=job.pk).update(**lost)
    return job


def test_what_was_given_up_says_why_and_not_what_it_holds(given_up, adil, people, browse):
    for user in (adil, people.supervisor):
        page = text(browse(user).get(reverse("jobs")))
        assert ("OSError: no route to host" in page, "after 12 attempts" in page) == (True, True)
        assert "secret@example.org" not in page


def test_it_is_tried_once_more_and_said_who_asked(given_up, adil, browse):
    client, address = browse(adil), reverse("job_again", args=[given_up.pk])
    assert "It is tried once more." in text(client.post(address, follow=True))
    again = Job.objects.get(pk=given_up.pk)
    assert (again.state, [(each.event, each.actor) for each in audit.history(again)]) == (
        "queued",
        [("tried_again", adil)],
    )
    assert "It was not given up any more" in text(client.post(address, follow=True))
    assert "Nothing was given up." in text(client.get(reverse("jobs")))


def test_nobody_else_opens_it(given_up, people, browse):
    for user in (people.officer, people.member, people.applicant):
        assert browse(user).get(reverse("jobs")).status_code == 403
        assert browse(user).post(reverse("job_again", args=[given_up.pk])).status_code == 403
    assert Job.objects.get(pk=given_up.pk).state == "failed"
