"""The wind-down of a business: the firm's page, and the regulator's."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from licensing.models import Document, WindDown
from pvara.demo import life, path

PLAN = "Clients are paid out within a month, by an independent administrator."


@pytest.fixture
def winding(regime, firm, people, at):
    life.revoke(path.licensed(firm, people=people, at=at), people=people, at=at, by=people.board2)
    return WindDown.objects.get(firm=firm)


def move(client, winding, name, note=""):
    address = reverse("move", args=["licensing.winddown", winding.pk, name])
    version = WindDown.objects.get(pk=winding.pk).version
    return client.post(address, {"version": version, "note": note})


def text(answer):
    return answer.content.decode()


def test_from_the_plan_to_the_end(browse, winding, people):
    amina, sana = browse(people.applicant), browse(people.supervisor)
    own, theirs = reverse("portal:wind_down", args=[winding.pk]), winding.get_absolute_url()
    assert own in text(amina.get(reverse("portal:licence", args=[winding.licence_id])))
    assert theirs in text(sana.get(winding.licence.get_absolute_url()))
    assert "The firm has not submitted one." in text(sana.get(theirs))
    assert text(amina.post(own, {"plan": PLAN}, follow=True)).count(PLAN) == 1
    # What is not submitted is the firm's own.
    assert PLAN not in text(sana.get(theirs)).split("Everything that happened")[0]
    sent = {"title": "Clients", "file": SimpleUploadedFile("clients.txt", b"Ali 100")}
    assert "The document is attached." in text(amina.post(f"{own}documents/", sent, follow=True))
    assert move(amina, winding, "submit_plan").status_code == 302
    assert PLAN in text(sana.get(theirs))
    assert move(sana, winding, "send_plan_back", "Who sees to it?").status_code == 302
    shown = text(amina.get(own))
    assert ("What is missing" in shown, "Who sees to it?" in shown, PLAN in shown) == (True, True, True)
    assert move(amina, winding, "submit_plan").status_code == 302
    assert move(sana, winding, "approve_plan").status_code == 302
    assert "We agree to your plan." in text(amina.get(own))
    assert move(sana, winding, "confirm_finished", "Balances are nil.").status_code == 302
    assert "Your business is wound down." in text(amina.get(own))


def test_what_is_wrong_is_said_and_what_was_typed_stays(browse, winding, people):
    amina, own = browse(people.applicant), reverse("portal:wind_down", args=[winding.pk])
    assert amina.post(own, {"plan": ""}).status_code == 422
    answer = amina.post(own, {"plan": "x" * 20001})
    assert (answer.status_code, "x" * 20001 in text(answer)) == (422, True)
    answer = amina.post(f"{own}documents/", {"title": "Nothing"})
    assert (answer.status_code, 'value="Nothing"' in text(answer), Document.objects.about(winding).count()) == (
        422,
        True,
        0,
    )
    WindDown.objects.filter(pk=winding.pk).update(plan=PLAN)
    assert move(amina, winding, "submit_plan").status_code == 302
    closed = amina.post(own, {"plan": "Late."}, follow=True)
    assert "nothing is changed now" in text(closed)
    late = {"title": "Late", "file": SimpleUploadedFile("late.txt", b"x")}
    answer = amina.post(f"{own}documents/", late)
    assert (answer.status_code, "nothing is changed or added now" in text(answer)) == (422, True)
