"""The pages on AML Registered Services: asking for them, what comes back, the committee's decision, and whose it is."""

import pytest
from django.urls import reverse

from licensing.models import AmlRegistration


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def asked(world):
    """Asked for on the set-up that is open."""
    return AmlRegistration.objects.latest("pk")


@pytest.fixture
def portal(people, browse):
    return browse(people.applicant)


def test_the_request_is_on_both_sides_pages(asked, people, portal, browse):
    own = text(portal.get(reverse("portal:aml_registration", args=[asked.pk])))
    assert (asked.reference in own, "The committee decides." in own) == (True, True)
    setup = asked.setup
    assert f'href="{reverse("portal:aml_registration", args=[asked.pk])}"' in text(
        portal.get(reverse("portal:setup", args=[setup.pk]))
    )
    staff = text(browse(people.officer).get(reverse("staff:aml_registration", args=[asked.pk])))
    assert (asked.reasons in staff, "Services asked for" in staff) == (True, True)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"services": [], "reasons": "For a start."}, "This field is required."),
        ({"services": ["stablecoin_issuer"], "reasons": "For a start."}, "Select a valid choice."),
        ({"services": ["exchange"], "reasons": ""}, "This field is required."),
        ({"services": ["exchange"], "reasons": "Once more."}, ""),
    ],
)
def test_a_request_that_is_not_taken_comes_back_as_it_was_typed(asked, portal, sent, said):
    answer = portal.post(reverse("portal:aml_request", args=[asked.setup_id]), sent)
    page = text(answer)
    assert (answer.status_code, said in page, AmlRegistration.objects.count()) == (422, True, 1)
    assert not sent["reasons"] or f"{sent['reasons']}</textarea>" in page


def test_who_asked_for_it_may_withdraw_it_and_nobody_else_of_the_firms(asked, people, portal, browse, stranger):
    move = reverse("move", args=["licensing.amlregistration", asked.pk, "withdraw"])
    said = {"version": asked.version, "note": "Not needed."}
    assert browse(stranger).post(move, said).status_code == 404
    assert browse(people.member).post(move, said).status_code == 403
    assert portal.post(move, said).status_code == 302
    assert AmlRegistration.objects.get(pk=asked.pk).state == "withdrawn"


def test_another_firms_request_does_not_exist(asked, stranger, browse):
    client = browse(stranger)
    assert client.get(reverse("portal:aml_registration", args=[asked.pk])).status_code == 404
    address = reverse("portal:aml_request", args=[asked.setup_id])
    assert client.get(address).status_code == 404
    assert client.post(address, {"services": ["exchange"], "reasons": "x"}).status_code == 404


def test_an_officer_permits_nothing(asked, people, browse):
    move = reverse("move", args=["licensing.amlregistration", asked.pk, "permit_aml_services"])
    assert browse(people.officer).post(move, {"version": asked.version, "note": ""}).status_code == 403
    refused = browse(people.member).post(move, {"version": asked.version, "note": "As asked."})
    assert (refused.status_code, "As asked.</textarea>" in text(refused)) == (422, True)
