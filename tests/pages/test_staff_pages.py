"""The regulator's and the debt office's pages: what they show, what their forms do, and what they cost."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from licensing.actions.agreements import record_mou
from licensing.actions.firms import register_firm
from licensing.models import Evidence, Rating
from pvara.demo import path
from pvara.demo.firms import MOU
from tests.conftest import person
from tests.pages.opened import Opened
from tokenisation.models import Asset, DistributionAuthorisation, JournalEntry


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def firms(people, at, numbers):
    for number in numbers:
        firm = register_firm(f"Exchange {number:02}", by=people.applicant, at=at, country="Malta")
        path.noc_case(firm, people=people, at=at, until="submitted")


# ── Queue ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_queue_costs_the_same_for_one_case_and_thirty(
    regime, people, at, browse, django_assert_num_queries, django_assert_max_num_queries
):
    client = browse(people.officer)
    address = reverse("staff:queue")
    firms(people, at, range(1))
    client.get(address)
    with django_assert_max_num_queries(25) as one:
        client.get(address)
    firms(people, at, range(1, 25))
    with django_assert_num_queries(len(one.captured_queries)):
        client.get(address)


def test_the_list_of_firms_costs_the_same_for_one_and_thirty(
    regime, people, at, browse, django_assert_num_queries, django_assert_max_num_queries
):
    client = browse(people.officer)
    register_firm("Exchange 0", by=people.applicant, at=at, country="Malta")
    client.get(reverse("staff:firms"))
    with django_assert_max_num_queries(8) as one:
        client.get(reverse("staff:firms"))
    for number in range(1, 30):
        register_firm(f"Exchange {number}", by=people.applicant, at=at, country="Malta")
    with django_assert_num_queries(len(one.captured_queries)):
        client.get(reverse("staff:firms"))


def waiting_noc(client) -> int:
    """How many NOC applications the queue says wait for somebody."""
    page = text(client.get(reverse("staff:queue")))
    return int(re.search(r'NOC applications <span class="text-secondary">\((\d+)\)', page)[1])


def test_the_queue_starts_with_what_waits_for_oneself(regime, people, at, browse):
    before = waiting_noc(browse(people.officer))
    firms(people, at, range(2))
    assert waiting_noc(browse(people.officer)) == before + 2
    member = text(browse(people.member).get(reverse("staff:queue"), {"phase": "noc"}))
    # Of the world's own firms one waits for the committee; none of these does yet.
    assert "Exchange 0" not in member
    everything = browse(people.member).get(reverse("staff:queue"), {"show": "all", "phase": "noc", "q": "exchange 01"})
    assert "Exchange 01" in text(everything)
    assert "Exchange 00" not in text(everything)


def test_the_queue_shows_the_clock_and_the_conflict_of_interest(firm, people, at, browse):
    record_mou(firm, by=people.supervisor, at=at, **MOU)
    path.noc_case(firm, people=people, at=at, until="submitted")
    page = text(browse(people.officer).get(reverse("staff:queue")))
    assert "Decision: day 4 of 60, due " in page
    assert "Advises the state" in page


def test_a_filter_that_is_nonsense_is_no_error(regime, people, browse):
    nonsense = {"phase": "x", "show": "y", "state": "z", "page": "-1"}
    assert browse(people.officer).get(reverse("staff:queue"), nonsense).status_code == 200


# ── Case pages ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_case_page_answers_who_how_strong_and_what_next(firm, people, at, browse):
    record_mou(firm, by=people.supervisor, at=at, **MOU)
    case = path.noc_case(firm, people=people, at=at, until="recommended", rating=2)
    page = text(browse(people.member).get(case.get_absolute_url()))
    assert "Conflict of interest: this applicant advises the state" in page
    assert "50.00%" in page
    assert "The total is 50.00%; the bar is 60.00%." in page
    assert "All criteria are met." in page  # the recommendation's reasons, in the timeline
    assert "Spot trading in listed virtual assets against PKR, with custody." in page


def test_every_case_page_opens_for_an_auditor_without_a_form(world, aisha, browse):
    client = browse(aisha)
    for name in ("staff:noc", "staff:setup", "staff:full", "staff:licence", "staff:asset", "staff:authorisation"):
        answer = client.get(world.address(name))
        assert answer.status_code == 200
        # A file to be downloaded may be asked for; nothing is to be sent.
        assert 'method="post"' not in answer.content.decode().split("<main")[1]


# ── Evidence and ratings ─────────────────────────────────────────────────────────────────────────────────────────────
def test_an_infected_file_is_not_handed_out(world, people, browse):
    piece = Evidence.objects.latest("pk")
    Evidence.objects.filter(pk=piece.pk).update(scan="infected")
    assert browse(people.officer).get(reverse("staff:evidence_file", args=[piece.pk])).status_code == 403


def test_a_file_is_always_a_download(world, people, browse):
    answer = browse(people.officer).get(world.address("staff:evidence_file"))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    answer.getvalue()


def criterion(firm, code="1.1"):
    return reverse("staff:criterion", args=[firm.pk, "NOC", code])


def looked_at(client, firm):
    """`looked_at(client, firm)(form="rate", …)`: opens the page of the criterion now, and sends a form of it later."""
    return Opened(client, criterion(firm)).send


def test_who_rates_second_is_told_what_the_first_said_and_loses_nothing_typed(firm, people, at, browse):
    path.noc_case(firm, people=people, at=at, until="under_assessment")
    other = person("Another", "assessor")
    first, second = looked_at(browse(people.assessor), firm), looked_at(browse(other), firm)
    assert first(form="rate", rating="3", rationale="Approved.").status_code == 302
    answer = second(form="rate", rating="1", rationale="It is a draft.")
    assert answer.status_code == 422
    assert "Meanwhile Asif wrote here, on" in text(answer)
    assert "3 Largely met, by Asif" in text(answer).split("There is a problem")[1].split("</dl>")[0]
    assert "It is a draft." in text(answer)
    assert Rating.objects.get(firm=firm).rating == 3
    # Who has read it may still say otherwise.
    assert looked_at(browse(other), firm)(form="rate", rating="1", rationale="It is a draft.").status_code == 302


def test_nobody_confirms_a_rating_unseen(firm, people, at, browse):
    path.noc_case(firm, people=people, at=at, until="under_assessment")
    looked_at(browse(people.assessor), firm)(form="rate", rating="3", rationale="Approved.")
    moderate = looked_at(browse(people.moderator), firm)
    looked_at(browse(people.assessor), firm)(form="rate", rating="0", rationale="It was withdrawn.")
    answer = moderate(form="moderate", rating="", note="")
    assert (answer.status_code, "Meanwhile Asif wrote here" in text(answer)) == (422, True)
    assert not Rating.objects.filter(firm=firm, moderated_at__isnull=False).exists()


def test_an_assessor_rates_and_a_moderator_moderates(firm, people, at, browse):
    path.noc_case(firm, people=people, at=at, until="under_assessment")
    rated = {"form": "rate", "rating": "3", "rationale": "Approved, but older than a year."}
    answer = browse(people.assessor).post(criterion(firm), rated)
    assert (answer.status_code, answer.url) == (302, reverse("staff:ratings", args=[firm.pk, "NOC"]))
    assert Rating.objects.get(firm=firm).rating == 3
    answer = looked_at(browse(people.moderator), firm)(form="moderate", rating="", note="")
    assert answer.status_code == 302
    assert Rating.objects.get(firm=firm).is_moderated


def test_a_rating_without_reasons_is_refused_and_nothing_typed_is_lost(firm, people, at, browse):
    path.noc_case(firm, people=people, at=at, until="under_assessment")
    answer = browse(people.assessor).post(criterion(firm), {"form": "rate", "rating": "3", "rationale": ""})
    assert answer.status_code == 422
    assert 'value="3" id="id_rating_3" checked' in text(answer)
    assert 'href="#id_rationale"' in text(answer)


def test_a_great_change_by_the_moderator_needs_a_note(firm, people, at, browse):
    path.noc_case(firm, people=people, at=at, until="under_assessment")
    browse(people.assessor).post(criterion(firm), {"form": "rate", "rating": "4", "rationale": "Read."})
    answer = looked_at(browse(people.moderator), firm)(form="moderate", rating="1", note="")
    assert answer.status_code == 422
    assert "A change of more than one step needs a note." in text(answer)


def test_an_officer_sees_no_form_to_rate_and_cannot_send_one(firm, people, at, browse):
    path.noc_case(firm, people=people, at=at, until="under_assessment")
    client = browse(people.officer)
    assert "Save the rating" not in text(client.get(criterion(firm)))
    client.post(criterion(firm), {"form": "rate", "rating": "4", "rationale": "Mine."})
    assert not Rating.objects.filter(firm=firm).exists()


# ── People ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_administrator_gives_a_role(adil, stranger, browse):
    answer = browse(adil).post(reverse("people"), {"email": stranger.email, "role": "assessor"})
    assert answer.status_code == 302
    assert stranger.role_assignments.get().role == "assessor"
    unknown = browse(adil).post(reverse("people"), {"email": "nobody@example.org", "role": "assessor"})
    assert unknown.status_code == 422
    assert "Nobody has an account with this address." in text(unknown)


def test_the_administrator_takes_a_role_away(adil, danish, browse):
    address = reverse("role_revoked", args=[danish.pk, "committee_member"])
    assert f'action="{address}"' in text(browse(adil).get(reverse("people")))
    assert "Danish is no longer committee member." in text(browse(adil).post(address, follow=True))
    assert not danish.role_assignments.exists()
    assert "Danish was not committee member any more." in text(browse(adil).post(address, follow=True))


def test_the_last_administrator_is_told_to_find_another_first(adil, browse):
    address = reverse("role_revoked", args=[adil.pk, "system_administrator"])
    assert "Adil is the last system administrator" in text(browse(adil).post(address, follow=True))
    assert adil.role_assignments.get().role == "system_administrator"


def test_roles_that_clash_are_refused_on_the_form(adil, danish, browse):
    answer = browse(adil).post(reverse("people"), {"email": danish.email, "role": "system_administrator"})
    assert answer.status_code == 422
    assert "nobody is that and system administrator as well" in text(answer)
    assert f'value="{danish.email}"' in text(answer)


def test_the_audit_log_pages_by_keyset(world, aisha, browse):
    client = browse(aisha)
    first = client.get(reverse("staff:audit"))
    older = first.context["older"]
    second = client.get(reverse("staff:audit"), {"before": older})
    assert {each.pk for each in first.context["entries"]} & {each.pk for each in second.context["entries"]} == set()
    assert client.get(reverse("staff:audit"), {"before": "x", "kind": "y"}).status_code == 200


# ── The registry ─────────────────────────────────────────────────────────────────────────────────────────────────────
BILL = {
    "code": "mtb-3m",
    "name": "Three-month treasury bill",
    "kind": "tbill",
    "issuer": "Government of Pakistan",
    "legal_nature": "representation",
    "authoritative_record": "depository",
    "risk_text": "The government may pay late or not at all.",
    "currency": "PKR",
    "authorised_units": "1000",
    "unit_nominal": "5000",
    "institutional_allowed": "on",
    "issue_date": "2026-12-01",
    "maturity_date": "2027-03-01",
    "coupon": "zero",
    "rate_bp": "1100",
    "payments_a_year": "0",
    "day_count": "ACT/365",
    "business_day": "following",
    "custody_account": "SGLA-0001",
}


def test_an_asset_is_proposed_approved_and_put_on_a_shelf(world, people, browse):
    officer, approver = browse(people.debt_officer), browse(people.debt_approver)
    answer = officer.post(reverse("staff:asset_new", args=["debt"]), {**BILL, "programme": world.registry.programme.pk})
    assert answer.status_code == 302, text(answer)
    asset = Asset.objects.get(code="mtb-3m")
    assert asset.unit_nominal == 500_000

    def move(client, name):
        fresh = Asset.objects.get(pk=asset.pk)
        address = reverse("move", args=["tokenisation.asset", asset.pk, name])
        return client.post(address, {"version": fresh.version})

    assert move(officer, "submit_for_review").status_code == 422
    for kind in ("offering", "legal_opinion"):
        sent = {"kind": kind, "title": kind, "file": SimpleUploadedFile(f"{kind}.txt", kind.encode())}
        assert officer.post(reverse("staff:asset_document_new", args=[asset.pk]), sent).status_code == 302
    assert move(officer, "submit_for_review").status_code == 302
    for authority in ("mof", "sbp", "pvara"):
        sent = {"authority": authority, "reference": f"{authority}/1"}
        assert approver.post(reverse("staff:approval_new", args=[asset.pk]), sent).status_code == 302
    assert move(approver, "approve").status_code == 302
    assert move(officer, "issue").status_code == 302
    sent = {"venue": world.licence.standing.pk, "limit_units": "500"}
    assert approver.post(reverse("staff:authorise", args=[asset.pk]), sent).status_code == 302
    shelf = DistributionAuthorisation.objects.get(asset=asset)
    units = {"units": "200", "case_ref": "First", "key": "0" * 32}
    assert officer.post(reverse("staff:allocate", args=[shelf.pk]), units).status_code == 302
    again = officer.post(reverse("staff:allocate", args=[shelf.pk]), units, follow=True)
    assert "nothing was posted twice" in text(again)
    assert JournalEntry.objects.filter(asset=asset, kind="allocate").count() == 1
    back = {"units": "50", "case_ref": "", "key": "1" * 32}
    assert officer.post(reverse("staff:take_back", args=[shelf.pk]), back).status_code == 302
    assert DistributionAuthorisation.objects.get(pk=shelf.pk).allocated_units == 150


def test_a_bill_that_no_auction_offers_is_refused_beside_the_field_with_what_was_typed(world, people, browse):
    wrong = {**BILL, "programme": world.registry.programme.pk, "unit_nominal": "7500", "maturity_date": "2027-04-01"}
    answer = browse(people.debt_officer).post(reverse("staff:asset_new", args=["debt"]), wrong)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "unit_nominal": ["Treasury bill: give the nominal of a unit as a multiple of PKR 5,000."]
    }
    assert list(answer.context["terms_form"].errors) == ["maturity_date"]
    page = text(answer)
    assert "it matures on 1 January 2027, 1 March 2027, 1 June 2027 or 1 December 2027" in page
    assert 'value="7500"' in page
    assert 'value="2027-04-01"' in page
    assert "Treasury bill: 1, 3, 6 or 12 months after the issue." in page
    assert not Asset.objects.filter(code="mtb-3m").exists()


def test_what_the_ledger_refuses_is_said_on_the_form(world, people, browse):
    client = browse(people.debt_officer)
    units = {"units": "999999999", "case_ref": "Kept", "key": "2" * 32}
    answer = client.post(world.address("staff:allocate"), units)
    assert answer.status_code == 422
    assert "More units than" in text(answer)
    assert 'value="999999999"' in text(answer)
    assert 'value="Kept"' in text(answer)


def test_a_commoditys_terms_are_asked_in_its_own_words(world, people, browse):
    page = text(browse(people.debt_officer).get(reverse("staff:asset_new", args=["commodity"])))
    assert "Quantity per unit" in page
    assert "Maturity date" not in page
    assert browse(people.debt_officer).get(reverse("staff:asset_new", args=["shares"])).status_code == 404


def test_a_rate_is_recorded_once_a_day(world, people, browse):
    client = browse(people.debt_officer)
    sent = {"currency": "USD", "date": str(timezone.localdate()), "per_usd": "1"}
    assert client.post(reverse("staff:rate_new"), {**sent, "currency": "EUR"}).status_code == 302
    again = client.post(reverse("staff:rate_new"), {**sent, "currency": "EUR"})
    assert again.status_code == 422
    assert "There is a problem" in text(again)


@pytest.mark.parametrize("name", ["staff:noc", "staff:full", "staff:licence", "staff:setup", "staff:ratings"])
def test_no_page_costs_more_than_it_should(world, people, browse, name, django_assert_max_num_queries):
    client = browse(people.officer)
    address = world.address(name)
    client.get(address)
    with django_assert_max_num_queries(45):
        client.get(address)
