"""The days of an authorisation on the pages: given when it is authorised, moved later, told to the venue."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from tests.pages.test_registry_pages import text
from tokenisation.models import Asset, DistributionAuthorisation


def test_a_venue_is_authorised_with_its_days(world, people, browse):
    today = timezone.localdate()
    bond = Asset.objects.get(code="pib-3y-fl")
    row = DistributionAuthorisation.objects.get(asset=bond)
    assert row.valid_from is not None
    address, client = reverse("staff:authorise", args=[bond.pk]), browse(people.debt_approver)
    said = {"venue": row.venue_id, "limit_units": 5, "valid_from": today, "valid_to": today - timedelta(days=1)}
    refused = client.post(address, said)
    assert refused.status_code == 422
    assert "Its last day is before its first." in text(refused)
    assert refused.context["form"]["valid_to"].value() == str(said["valid_to"])


def test_the_last_day_is_moved_on_the_page_and_told_to_the_venue(world, people, browse):
    row, client = world.registry.authorisation, browse(people.debt_approver)
    address, last = reverse("staff:last_day", args=[row.pk]), timezone.localdate() + timedelta(days=30)
    said = {"valid_to": last, "reasons": "The pilot is for a month.", "expected_version": row.version}
    early = client.post(address, {**said, "valid_to": timezone.localdate() - timedelta(days=1)})
    assert early.status_code == 422
    assert "Its last day is today or later, and not before its first." in text(early)
    assert early.context["form"]["reasons"].value() == "The pilot is for a month."
    done = client.post(address, said, follow=True)
    assert "The last day is moved." in text(done)
    row.refresh_from_db()
    assert (row.valid_to, row.state) == (last, "active")
    for who, page in (
        (people.debt_officer, row.get_absolute_url()),
        (people.debt_officer, row.asset.get_absolute_url()),
        (people.applicant, reverse("portal:venue", args=[row.venue_id])),
    ):
        assert row.validity in text(browse(who).get(page))
    assert f"to {last:%-d %B %Y}" in row.validity
    assert "Move the last day" not in text(browse(people.debt_officer).get(row.get_absolute_url()))
    again = client.post(address, said)
    assert "It has changed meanwhile, or was terminated: look again." in text(again)
