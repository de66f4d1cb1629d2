"""The pages on inspections and findings: the regulator schedules, reports and raises; the firm plans and proves."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from licensing.models import Finding, Inspection
from pvara.demo import path


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def licence(world):
    return world.licence


def test_an_inspection_is_scheduled_and_reported_on_pages(licence, people, browse):
    client = browse(people.officer)
    new = reverse("staff:inspection_new", args=["licence", licence.pk])
    assert f'href="{new}"' in text(client.get(licence.get_absolute_url()))
    sent = {
        "kind": "on_site",
        "scheduled_for": str(timezone.localdate()),
        "scope": ["custody"],
        "team": [people.officer.pk],
        "prepare": "The vault.",
    }
    wrong = client.post(new, {**sent, "scheduled_for": "2020-01-31"})
    assert wrong.status_code == 422
    assert "This day has gone." in text(wrong)
    assert 'value="2020-01-31"' in text(wrong)
    assert client.post(new, sent).status_code == 302
    made = Inspection.objects.latest("pk")
    firm = text(browse(people.applicant).get(reverse("portal:licence", args=[licence.pk])))
    assert "Have ready: The vault." in firm
    said = {"result_custody": "failed", "note_custody": "", "summary": "One key."}
    missing = client.post(made.get_absolute_url(), said)
    assert missing.status_code == 422
    assert "Say what failed, or why it was not tested." in text(missing)
    assert client.post(made.get_absolute_url(), {**said, "note_custody": "One key moves all."}).status_code == 302
    assert "One key moves all." in text(client.get(made.get_absolute_url()))
    firm = text(browse(people.applicant).get(reverse("portal:licence", args=[licence.pk])))
    assert "One key moves all." not in firm
    assert client.get(reverse("staff:inspection_new", args=["noc", licence.pk])).status_code == 404


def test_who_does_not_inspect_reads_only(licence, people, browse):
    made = Inspection.objects.filter(licence=licence).latest("pk")
    client = browse(people.member)
    assert "Report the inspection</button>" not in text(client.get(made.get_absolute_url()))
    assert client.post(made.get_absolute_url(), {"summary": "Mine."}).status_code == 302
    assert Inspection.objects.get(pk=made.pk).state == made.state


def test_a_finding_goes_through_the_pages_of_both_sides(licence, people, browse):
    client, firm = browse(people.officer), browse(people.applicant)
    new = reverse("staff:finding_new", args=["licence", licence.pk])
    assert client.post(new, {"severity": "high", "title": "", "detail": "One key."}).status_code == 422
    assert client.post(new, {"severity": "high", "title": "Keys", "detail": "One key."}).status_code == 302
    found = Finding.objects.latest("pk")
    own = reverse("portal:finding", args=[found.pk])
    assert f'href="{own}"' in text(firm.get(reverse("portal:licence", args=[licence.pk])))
    assert firm.post(own, {"plan": ""}).status_code == 422
    assert firm.post(own, {"plan": "Two from Monday."}).status_code == 302
    assert "Two from Monday." in text(client.get(found.get_absolute_url()))
    path.step(found, "agree_plan", by=people.officer, at=timezone.now())
    prove = reverse("portal:finding_proof", args=[found.pk])
    assert firm.post(prove, {"title": "Proof"}).status_code == 422
    file = SimpleUploadedFile("proof.txt", b"Two.\n", "text/plain")
    assert firm.post(prove, {"title": "Proof", "file": file}).status_code == 302
    assert "Report the remediation" in text(firm.get(own))
    move = reverse("move", args=["licensing.finding", found.pk, "report_remediation"])
    assert firm.post(move, {"version": 2, "note": "Two now."}).status_code == 302
    assert "We are verifying what you did." in text(firm.get(own))
    assert ">Proof</a>" in text(client.get(found.get_absolute_url()))


def test_a_stranger_finds_nothing(licence, people, stranger, browse):
    found = Finding.objects.filter(licence=licence).latest("pk")
    assert browse(stranger).get(reverse("portal:finding", args=[found.pk])).status_code == 404
    assert browse(people.officer).get(reverse("portal:finding", args=[found.pk])).status_code == 403
