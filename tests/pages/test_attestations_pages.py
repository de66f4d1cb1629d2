"""The pages of attestations: recorded on the asset's page by one, accepted or rejected on its own by another."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.pages.test_registry_pages import text
from tokenisation.models import Asset, ReserveAttestation


@pytest.fixture
def oil(world) -> Asset:
    return Asset.objects.get(code="oil-reserve")


def said(**more):
    now = timezone.localtime()
    whole = {
        "custodian": "Custodian of the demonstration (invented)",
        "quantity": "2600000",
        "unit_of_measure": "barrel",
        "as_of": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "expires_at": f"{now + timedelta(days=60):%Y-%m-%dT%H:%M}",
        "document_sha256": "1" * 64,
    }
    return {**whole, **more}


def test_one_records_and_another_accepts_or_is_told_why_not(oil, people, browse):
    officer, approver = browse(people.debt_officer), browse(people.debt_approver)
    page = officer.post(reverse("staff:attestation_new", args=[oil.pk]), said(), follow=True)
    assert "It backs the units once another person of the debt office has accepted it." in text(page)
    made = ReserveAttestation.objects.latest("pk")
    assert f"{made.reference} Submitted 2,600,000 barrel" in text(page)
    assert "Accept the attestation" in text(approver.get(made.get_absolute_url()))
    move = reverse("move", args=["tokenisation.reserveattestation", made.pk, "accept"])
    assert approver.post(move, {"version": made.version}).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.decided_by) == ("accepted", people.debt_approver)
    # The one that waited since the demonstration began is of an earlier moment.
    before = ReserveAttestation.objects.get(asset=oil, state="submitted")
    shown = text(approver.get(before.get_absolute_url()))
    assert "A later attestation of the same reserve is accepted already." in shown
    assert f"A later one is accepted: {made.reference}" in shown


def test_a_wrong_one_is_refused_beside_its_fields_with_what_was_typed(oil, people, browse):
    before = ReserveAttestation.objects.count()
    wrong = said(unit_of_measure="litre", custodian="Somebody", expires_at="2099-01-01T00:00")
    answer = browse(people.debt_officer).post(reverse("staff:attestation_new", args=[oil.pk]), wrong)
    assert (answer.status_code, ReserveAttestation.objects.count()) == (422, before)
    assert answer.context["form"].errors == {
        "unit_of_measure": ["The terms count in barrel."],
        "custodian": ["The terms name as custodian: Custodian of the demonstration (invented)."],
        "expires_at": ["An attestation holds for 90 days at the most."],
    }
    page = answer.content.decode()
    assert 'value="litre"' in page
    assert 'value="2099-01-01T00:00"' in page


def test_a_rejection_asks_for_its_reasons_and_keeps_what_was_typed(oil, people, browse):
    made = ReserveAttestation.objects.get(asset=oil)
    client = browse(people.debt_approver)
    move = reverse("move", args=["tokenisation.reserveattestation", made.pk, "reject"])
    assert client.post(move, {"version": made.version, "note": ""}).status_code == 422
    stale = client.post(move, {"version": made.version + 1, "note": "The seal is another one."})
    assert "The seal is another one." in stale.content.decode()
    client.post(move, {"version": made.version, "note": "The seal is another one."})
    made.refresh_from_db()
    assert made.state == "rejected"
    assert "The seal is another one." in text(client.get(made.get_absolute_url()))


def test_the_list_is_narrowed_by_state(world, people, browse):
    client = browse(people.debt_officer)
    assert reverse("staff:attestations") in client.get(reverse("staff:programme")).content.decode()
    for state, count in (("", 2), ("accepted", 1), ("submitted", 1), ("expired", 0), ("x", 2)):
        answer = client.get(reverse("staff:attestations"), {"state": state})
        assert len(answer.context["page"].object_list) == count


def test_the_list_and_the_asset_ask_no_more_for_thirty(oil, people, browse):
    client, row = browse(people.debt_officer), ReserveAttestation.objects.get(asset=oil)

    def asked(address):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    pages = [reverse("staff:attestations"), oil.get_absolute_url()]
    few = [asked(address) for address in pages]
    names = ("asset", "custodian", "quantity", "unit_of_measure", "as_of", "expires_at", "recorded_by", "recorded_at")
    said = {name: getattr(row, name) for name in names}
    ReserveAttestation.objects.bulk_create(ReserveAttestation(**said, document_sha256="0" * 64) for _ in range(30))
    assert [asked(address) for address in pages] == few
