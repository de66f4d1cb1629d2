"""The pages of supervision: the firm files and reports, the supervisor reads, asks and plans the visits."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from licensing.models import Filing, Incident, VisitPlan
from pvara.kernel import audit
from tests.pages.opened import seen_on


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def licence(world):
    return world.licence


@pytest.fixture
def due(licence):
    return Filing.objects.get(licence=licence, state="due")


def move(row, name):
    return reverse("move", args=[row._meta.label_lower, row.pk, name])


# ── Returns ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_return_goes_from_the_firm_to_the_supervisor_and_back(due, people, browse):
    firm, sana = browse(people.applicant), browse(people.supervisor)
    page = reverse("portal:filing", args=[due.pk])
    assert f'href="{page}"' in text(firm.get(reverse("portal:licence", args=[due.licence_id])))
    wrong = firm.post(page, {"product": "A card", "expected_users": "some"})
    assert wrong.status_code == 422
    assert "Write a whole number." in text(wrong)
    assert 'value="some"' in text(wrong)
    assert firm.post(page, {"product": "A card", "expected_users": "900"}).status_code == 302
    refused = firm.post(move(due, "file"), {"version": 1, "next": page}, follow=True)
    assert "The return itself, as a document, is not attached." in text(refused)
    attach = reverse("portal:filing_document", args=[due.pk])
    unread = firm.post(attach, {"title": "Return", "file": SimpleUploadedFile("return.exe", b"MZ\x90\x00")})
    assert unread.status_code == 422
    assert 'value="900"' in text(unread)
    file = SimpleUploadedFile("return.txt", b"The return.\n", "text/plain")
    assert firm.post(attach, {"title": "Return", "file": file}).status_code == 302
    assert firm.post(move(due, "file"), {"version": 1}).status_code == 302
    shown = text(firm.get(page))
    assert "You have filed it; we look at it." in shown
    assert "Keep the figures" not in shown

    seen = text(sana.get(due.get_absolute_url()))
    assert "A card" in seen
    assert "900" in seen
    assert sana.post(move(due, "query"), {"version": 2, "note": "A card of which bank?"}).status_code == 302
    asked = text(firm.get(page))
    assert "Our question" in asked
    assert "A card of which bank?" in asked
    said = {"product": "A card of a bank", "expected_users": "900", "seen": seen_on(firm, page)}
    assert firm.post(page, said).status_code == 302
    assert firm.post(move(due, "file"), {"version": 4}).status_code == 302
    assert sana.post(move(due, "accept"), {"version": 5}).status_code == 302
    assert "1 return accepted." in text(sana.get(due.licence.get_absolute_url()))
    assert "1 return filed" in text(firm.get(reverse("portal:licence", args=[due.licence_id])))


def test_figures_after_filing_are_refused_and_kept_on_the_form(due, people, browse):
    Filing.objects.filter(pk=due.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    assert "Overdue" in text(browse(people.officer).get(reverse("staff:returns") + "?state=overdue"))
    firm = browse(people.applicant)
    page = reverse("portal:filing", args=[due.pk])
    assert firm.post(page, {"product": "A card", "expected_users": "900"}).status_code == 302
    file = SimpleUploadedFile("return.txt", b"The return.\n", "text/plain")
    firm.post(reverse("portal:filing_document", args=[due.pk]), {"title": "Return", "file": file})
    firm.post(move(due, "file"), {"version": 1})
    late = firm.post(page, {"product": "Another", "expected_users": "900"})
    assert late.status_code == 422
    assert "The return is filed; it is changed only when we query it." in text(late)


def test_the_list_of_returns_is_filtered_by_state_and_firm(due, people, browse):
    client = browse(people.officer)
    address = reverse("staff:returns")
    link = f'href="{due.get_absolute_url()}"'
    for asked, found in (
        ("", True),
        ("?state=due", True),
        ("?state=judge", False),
        ("?q=nobody", False),
        ("?q=indus", True),
    ):
        assert (link in text(client.get(address + asked))) is found, asked
    assert "Show all returns" in text(client.get(address + "?state=judge"))


def test_an_event_opens_its_return_on_a_page(licence, people, browse):
    firm = browse(people.applicant)
    page = reverse("portal:event_return", args=[licence.pk])
    missing = firm.post(page, {"happened_on": "2020-01-31"})
    assert missing.status_code == 422
    assert 'value="2020-01-31"' in text(missing)
    early = firm.post(page, {"code": "new_product", "happened_on": "2020-01-31"})
    assert "Give a day since the licence began that has come." in text(early)
    today = str(timezone.localdate())
    made = firm.post(page, {"code": "new_product", "happened_on": today})
    assert made.url == reverse("portal:filing", args=[Filing.objects.latest("pk").pk])
    again = firm.post(page, {"code": "new_product", "happened_on": today})
    assert (again.status_code, "A return for this day is there already." in text(again)) == (422, True)


# ── Incidents ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_incident_is_reported_talked_about_and_closed(licence, people, browse):
    firm, sana = browse(people.applicant), browse(people.supervisor)
    page = reverse("portal:incident_new", args=[licence.pk])
    found = timezone.localtime() - timedelta(days=9)
    said = {"severity": "high", "title": "Keys were lost", "detail": "Two of five.", "detected_at": "soon"}
    wrong = firm.post(page, said)
    assert wrong.status_code == 422
    assert "Give the day and the time" in text(wrong)
    assert "Two of five." in text(wrong)
    made = firm.post(page, {**said, "detected_at": f"{found:%Y-%m-%dT%H:%M}"})
    incident = Incident.objects.latest("pk")
    assert made.url == reverse("portal:incident", args=[incident.pk])
    assert (incident.severity, incident.was_late) == ("high", True)
    assert f"{timezone.localtime(incident.detected_at):%Y-%m-%dT%H:%M}" == f"{found:%Y-%m-%dT%H:%M}"
    listed = text(sana.get(reverse("staff:incidents") + "?severity=high"))
    assert "Keys were lost" in listed
    assert "Late" in listed
    assert sana.post(incident.get_absolute_url(), {"text": " "}).status_code == 422
    assert sana.post(incident.get_absolute_url(), {"text": "Which keys?"}).status_code == 302
    read = text(firm.get(made.url))
    assert "Which keys?" in read
    assert "PVARA, " in read
    assert str(people.supervisor) not in read
    assert firm.post(made.url, {"text": "Those of the cold wallet."}).status_code == 302
    assert sana.post(move(incident, "close"), {"version": 0, "note": "New keys are made."}).status_code == 302
    assert firm.post(made.url, {"text": "And more."}).status_code == 302
    assert incident.follow_ups.count() == 2
    assert audit.history(incident).count() == 4


def test_who_does_not_supervise_reads_an_incident_only(licence, people, browse):
    incident = Incident.objects.filter(licence=licence).latest("pk")
    client = browse(people.member)
    assert "Send to the firm" not in text(client.get(incident.get_absolute_url()))
    assert client.post(incident.get_absolute_url(), {"text": "Mine."}).status_code == 302
    assert incident.follow_ups.count() == 1


# ── Visits ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_impact_moves_the_next_visit(licence, people, browse):
    sana = browse(people.supervisor)
    page = reverse("staff:impact", args=[licence.pk])
    assert 'value="12000"' in text(sana.get(page))
    before = VisitPlan.objects.get(licence=licence)
    wrong = sana.post(page, {"client_assets_pkr": "1", "users": "1", "programme_share": "120"})
    assert wrong.status_code == 422
    assert "Give a share from 0 to 100." in text(wrong)
    sent = {"client_assets_pkr": "900000000000", "users": "9000000", "programme_share": "90"}
    sent["seen"] = seen_on(sana, page)
    assert sana.post(page, sent).status_code == 302
    plan = VisitPlan.objects.get(licence=licence)
    assert (plan.impact, plan.months < before.months) == ("high", True)
    assert f"{plan.due_on:%-d %B %Y}" in text(sana.get(reverse("staff:visits")))
    assert f"Next visit by {plan.due_on:%-d %B %Y}" in text(sana.get(licence.get_absolute_url()))


def test_a_stranger_finds_nothing(licence, due, stranger, browse):
    client = browse(stranger)
    incident = Incident.objects.latest("pk")
    for name, pk in (
        ("portal:filing", due.pk),
        ("portal:incident", incident.pk),
        ("portal:event_return", licence.pk),
        ("portal:incident_new", licence.pk),
    ):
        assert client.get(reverse(name, args=[pk])).status_code == 404
