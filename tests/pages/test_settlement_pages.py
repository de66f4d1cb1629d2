"""The pages of permissions to settle: proposed by one, confirmed by another, and what is said of a wrong form."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from tests.pages.test_registry_pages import text
from tokenisation.models import SettlementPermission, settlement_assets


def said(**more):
    day = timezone.localdate() + timedelta(days=2)
    whole = {
        "what": "USD1",
        "permitted": "yes",
        "effective_from": str(day),
        "source": "Decision 8/2026",
        "reasons": "It is redeemed at par.",
    }
    return {**whole, **more}


NEW = {"what": "new", "new_code": "PKRC", "name": "Rupee coin", "kind": "stablecoin", "currency": "PKR"}


def test_a_permission_is_proposed_and_confirmed(world, people, browse):
    officer, approver = browse(people.debt_officer), browse(people.debt_approver)
    assert reverse("staff:settlement_permissions") in officer.get(reverse("staff:programme")).content.decode()
    assert "Propose a permission or its end" in text(officer.get(reverse("staff:settlement_permissions")))
    page = officer.post(reverse("staff:settlement_permission_new"), said(), follow=True)
    made = SettlementPermission.objects.latest("pk")
    assert f"{made.reference} is proposed. Another person of the debt office confirms it." in text(page)
    move = reverse("move", args=["tokenisation.settlementpermission", made.pk, "confirm"])
    assert officer.post(move, {"version": made.version}).status_code == 403
    assert "Confirm and list it: done." in text(approver.post(move, {"version": made.version}, follow=True))
    assert [each.permitted for each in settlement_assets(made.effective_from) if each.code == "USD1"] == [True]
    # The list of today does not say so yet.
    assert [each.permitted for each in settlement_assets(timezone.localdate()) if each.code == "USD1"] == [False]


def test_one_that_is_new_to_the_list(world, people, browse):
    browse(people.debt_officer).post(reverse("staff:settlement_permission_new"), said(**NEW))
    made = SettlementPermission.objects.latest("pk")
    assert (made.code, made.name, made.kind, made.currency) == ("PKRC", "Rupee coin", "stablecoin", "PKR")


def test_a_wrong_form_says_what_is_wrong_and_loses_nothing(world, people, browse):
    client, before = browse(people.debt_officer), SettlementPermission.objects.count()
    for wrong, fields in (
        ({"what": ""}, {"what"}),
        ({"what": "XXX"}, {"what"}),
        ({**NEW, "new_code": "pk"}, {"new_code"}),
        ({**NEW, "name": "", "kind": ""}, {"name", "kind"}),
        ({"name": "Another name"}, {"name"}),
        ({"permitted": ""}, {"permitted"}),
        ({"effective_from": "soon"}, {"effective_from"}),
        ({"source": ""}, {"source"}),
    ):
        refused = client.post(reverse("staff:settlement_permission_new"), said(**wrong))
        assert (refused.status_code, set(refused.context["form"].errors)) == (422, fields)
        assert refused.context["form"]["reasons"].value() == "It is redeemed at par."
    taken = client.post(reverse("staff:settlement_permission_new"), said(**{**NEW, "new_code": "USD1"}))
    assert taken.status_code == 422
    assert "The list says USD1 stablecoin of USD1." in text(taken)
    assert SettlementPermission.objects.count() == before


def test_the_list_is_narrowed_by_state(world, people, browse):
    client = browse(people.debt_officer)
    for state, count in (("", 1), ("proposed", 1), ("confirmed", 0)):
        answer = client.get(reverse("staff:settlement_permissions"), {"state": state})
        assert len(answer.context["page"].object_list) == count
