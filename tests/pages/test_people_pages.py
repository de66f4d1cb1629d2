"""The pages on key individuals: what a firm types is kept, who vets does not decide, and other firms see nothing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from licensing.models import FitAndProperCheck, KeyIndividual

NAMED = {
    "full_name": "Zara Example",
    "roles": ["director"],
    "nationality": "Pakistan",
    "born_on": "1980-01-02",
    "document_kind": "passport",
    "document_number": "AB1234567",
    "residence": "Pakistan",
    "in_house": "yes",
    "employer": "",
    "appointed_on": "2026-01-02",
}


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def portal(people, browse):
    return browse(people.applicant)


@pytest.fixture
def named(world, portal):
    portal.post(reverse("portal:nominate", args=[world.draft.firm_id]), NAMED)
    return KeyIndividual.objects.latest("pk")


def move(client, individual, name, note=""):
    version = KeyIndividual.objects.get(pk=individual.pk).version
    address = reverse("move", args=["licensing.keyindividual", individual.pk, name])
    return client.post(address, {"version": version, "note": note})


def checked(client, individual, kind="police", result="clear", **changed):
    said = {"kind": kind, "result": result, "made_on": str(timezone.localdate()), "note": "", **changed}
    return client.post(reverse("staff:individual", args=[individual.pk]), said)


def test_a_nomination_is_kept_and_shown(named, portal):
    assert (named.full_name, named.roles, named.state) == ("Zara Example", ["director"], "nominated")
    page = text(portal.get(reverse("portal:people", args=[named.firm_id])))
    assert "Zara Example" in page
    own = text(portal.get(reverse("portal:individual", args=[named.pk])))
    assert ("••••••567" in own, "AB1234567" in own) == (True, False)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"full_name": ""}, "This field is required."),
        ({"born_on": "2020-01-01"}, "A key individual is at least"),
        ({"roles": ["mlro"], "in_house": "no", "employer": "A bureau"}, "the function may not be outsourced."),
        ({"in_house": "no"}, "Name the employer of who is not employed by the firm itself."),
        ({"born_on": "yesterday"}, "Enter a valid date."),
    ],
)
def test_a_nomination_that_cannot_be_right_comes_back_as_it_was_typed(world, portal, changed, said):
    before = KeyIndividual.objects.count()
    sent = {**NAMED, **changed}
    answer = portal.post(reverse("portal:nominate", args=[world.draft.firm_id]), sent)
    page = text(answer)
    assert (answer.status_code, said in page, KeyIndividual.objects.count()) == (422, True, before)
    for name in ("full_name", "nationality", "document_number", "born_on", "employer"):
        assert not sent[name] or f'value="{sent[name]}"' in page
    assert f'value="{sent["roles"][0]}" id="id_roles_' in page
    assert page.count(" checked>") == 2  # the role, and whether in house


def test_from_the_vetting_to_the_decision_two_people_are_needed(named, people, browse):
    officer, supervisor = browse(people.officer), browse(people.supervisor)
    address = reverse("staff:individual", args=[named.pk])
    assert move(officer, named, "take_up").status_code == 302
    for kind in ("police", "insolvency", "regulatory", "references", "qualification"):
        assert checked(officer, named, kind).status_code == 302
    assert move(officer, named, "approve").status_code == 403
    assert "AB1234567" in text(officer.get(address))
    assert "AB1234567" not in text(supervisor.get(address))
    assert move(supervisor, named, "approve").status_code == 302
    named.refresh_from_db()
    assert (named.state, named.vetted_by, named.decided_by) == ("approved", people.officer, people.supervisor)


def test_who_checked_may_not_decide_even_with_both_roles(named, people, browse):
    from pvara.kernel import roles

    roles.grant(people.officer, "committee_member", by=None, at=timezone.now())
    officer = browse(people.officer)
    move(officer, named, "take_up")
    checked(officer, named)
    answer = move(officer, named, "object_to", "Unfit.")
    assert answer.status_code == 422
    assert "Unfit.</textarea>" in text(answer)
    assert KeyIndividual.objects.get(pk=named.pk).state == "vetting"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"made_on": "2999-01-01"}, "This day is yet to come."),
        ({"result": "adverse"}, "Say what was found."),
        ({"kind": ""}, "This field is required."),
    ],
)
def test_a_check_that_cannot_be_right_comes_back_as_it_was_typed(named, people, browse, changed, said):
    officer = browse(people.officer)
    move(officer, named, "take_up")
    before = FitAndProperCheck.objects.count()
    answer = checked(officer, named, **changed)
    page = text(answer)
    assert (answer.status_code, said in page, FitAndProperCheck.objects.count()) == (422, True, before)
    assert f'value="{changed.get("made_on", timezone.localdate())}"' in page


def test_checks_are_recorded_by_who_vets_alone(named, people, browse):
    answer = checked(browse(people.supervisor), named)
    assert (answer.status_code, FitAndProperCheck.objects.filter(individual=named).count()) == (302, 0)


def test_a_departure_keeps_what_was_typed_until_it_is_right(named, portal):
    address = reverse("portal:individual", args=[named.pk])
    late = str(timezone.localdate() + timedelta(days=1))
    answer = portal.post(address, {"departed_on": late, "reason": "Retired.", "version": named.version})
    page = text(answer)
    assert answer.status_code == 422
    assert ("This day is yet to come" in page, "Retired.</textarea>" in page, f'value="{late}"' in page) == (
        True,
        True,
        True,
    )
    today = str(timezone.localdate())
    stale = portal.post(address, {"departed_on": today, "reason": "Retired.", "version": 99})
    assert (stale.status_code, "Report the departure again." in text(stale)) == (422, True)
    done = portal.post(address, {"departed_on": today, "reason": "Retired.", "version": named.version})
    assert (done.status_code, KeyIndividual.objects.get(pk=named.pk).state) == (302, "departed")


def test_another_firms_people_do_not_exist(named, stranger, browse):
    client = browse(stranger)
    for name, pk in (
        ("portal:people", named.firm_id),
        ("portal:nominate", named.firm_id),
        ("portal:individual", named.pk),
    ):
        address = reverse(name, args=[pk])
        assert (name, client.get(address).status_code) == (name, 404)
    assert client.post(reverse("portal:nominate", args=[named.firm_id]), NAMED).status_code == 404
    assert move(client, named, "report_departure", "x").status_code == 404
