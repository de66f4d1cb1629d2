"""A three-month treasury bill by the pages, from its proposal to its redemption, with a refusal at each gate.

Two people of the debt office hold both of its roles, as in a small office. So what keeps one of them from doing both
halves of a deed is the gate, which says so on the page, and not a role that they happen to lack.
"""

from datetime import date, datetime, time, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.utils import timezone
from guardian.shortcuts import assign_perm

from licensing.models import VenueStanding
from pvara.kernel import audit, roles
from tests.journeys.eyes import Eyes
from tests.journeys.pages import AUTHORITIES, PageWalk
from tests.tokenisation.conftest import licensed_venue, turn
from tokenisation import invariants
from tokenisation.actions.night import run_night
from tokenisation.actions.programme import open_programme
from tokenisation.models import Asset, CorporateAction, DebtTerms, Programme

BILL = "MTB-3M"
*OTHERS, PVARA = AUTHORITIES
NO_STANDING = ("The venue is not in good standing.", "The score is below the bar.")


@pytest.fixture
def programme(regime: None, walk: PageWalk) -> Programme:
    people, at = walk.people, timezone.now()
    roles.grant(people.debt_officer, "debt_approver", by=None, at=at)
    roles.grant(people.debt_approver, "debt_officer", by=None, at=at)
    return open_programme("Sovereign assets", cap_usd_cents=200_000_000_000, by=people.debt_approver, at=at)


@pytest.fixture
def venue(regime: None, walk: PageWalk) -> VenueStanding:
    """A licensed venue for which amina acts, and which has just lost its standing."""
    found = licensed_venue(walk.firm, at=timezone.now())
    assign_perm("licensing.represent_firm", walk.people.applicant, found.firm)
    return turn(found, False, at=timezone.now())


def night_of(day: date) -> None:
    """What time does to the registry in the night before a day."""
    run_night(at=timezone.make_aware(datetime.combine(day, time(1))))


def matures_today() -> None:
    """The bill with its dates moved back, as if it had been issued three months ago: a clock starts when it is due."""
    today = timezone.localdate()
    CorporateAction.objects.update(due_date=today)
    DebtTerms.objects.update(issue_date=today - relativedelta(months=3), maturity_date=today)


def test_a_treasury_bill_from_proposal_to_redemption(
    walk: PageWalk, programme: Programme, venue: VenueStanding, eyes: Eyes
) -> None:
    approve_and_issue(walk)
    authorise(walk, venue)
    allocate_and_place(walk)
    stop_and_resume(walk, venue)
    redeemed_too_early(walk)
    the_record_date_passes(walk)
    the_payment_is_confirmed_by_another(walk)
    redeem_everything(walk, programme)
    bill = Asset.objects.get()
    moves = [(each.event, each.actor_name) for each in audit.history(bill) if each.from_state]
    assert moves == [
        ("submit_for_review", "Daud"),
        ("approve", "Dua"),
        ("issue", "Daud"),
        ("mature", ""),
        ("close_redeemed", ""),
    ]
    assert list(invariants.check()) == []
    assert eyes.wrong == []


def approve_and_issue(walk: PageWalk) -> None:
    daud, dua = walk.debt_officer, walk.debt_approver
    walk.propose_bill(BILL, units=1_000)
    daud.read("Submit for review – not possible yet", "Hand in: Legal opinion.")
    walk.hand_in_documents(BILL)
    daud.move("Submit for review")
    daud.read("Approve the asset – not possible yet", "Whoever proposed the asset cannot approve it.")
    daud.insist("Approve the asset", "approve")
    daud.is_told("Whoever proposed the asset cannot approve it.", "State Bank of Pakistan has not approved it.")
    walk.asset(daud, BILL).insist("Issue the units", "issue")
    daud.is_told("“Issue the units” starts from approved; this is under review.")

    walk.record_approvals(BILL, OTHERS)
    dua.read("Approve the asset – not possible yet", "PVARA has not approved it.")
    walk.record_approvals(BILL, [PVARA])
    dua.move("Approve the asset")
    dua.read("Issue the units – not possible yet", "Whoever approved the asset cannot issue it.")
    walk.asset(daud, BILL).move("Issue the units")
    daud.read("Redemption")


def authorise(walk: PageWalk, venue: VenueStanding) -> None:
    dua = walk.asset(walk.debt_approver, BILL)
    dua.choose("Venue", str(venue))
    dua.write("Limit, in units", 900)
    dua.press("Authorise the venue", status=422)
    dua.is_told(*NO_STANDING)
    turn(venue, True, at=timezone.now())
    # What was typed is still there.
    dua.press("Authorise the venue")
    dua.hear("The venue is authorised.")


def allocate_and_place(walk: PageWalk) -> None:
    daud = walk.authorisation(walk.debt_officer, BILL)
    daud.write("Units", 901, within=daud.form("Allocate"))
    daud.press("Allocate", status=422)
    daud.is_told("More units than the venue's limit allows.")
    daud.write("Units", 500, within=daud.form("Allocate"))
    daud.press("Allocate")
    daud.hear(f"Posted as entry {BILL}-2.")
    walk.place(BILL, units=501, status=422)
    walk.applicant.is_told("More units than the venue has on its shelf.")
    walk.place(BILL, units=300)
    walk.applicant.hear(f"Recorded as entry {BILL}-3.")


def stop_and_resume(walk: PageWalk, venue: VenueStanding) -> None:
    turn(venue, False, at=timezone.now())
    walk.place(BILL, units=1, status=422)
    walk.applicant.is_told(*NO_STANDING)
    dua = walk.authorisation(walk.debt_approver, BILL)
    dua.read("Resume the authorisation – not possible yet", *NO_STANDING)
    turn(venue, True, at=timezone.now())
    # Its standing is back, and its authorisation is not: that takes a person.
    walk.place(BILL, units=1, status=422)
    walk.applicant.is_told("The venue's authorisation for this asset is not active.")
    dua.again()
    dua.move("Resume the authorisation", "The score is above the bar again.")


def redeemed_too_early(walk: PageWalk) -> None:
    daud = walk.authorisation(walk.debt_officer, BILL)
    form = daud.form("Record the redemption")
    form.get_by_label("Which units").select_option(label="Venue: with clients")
    daud.write("Units", 300, within=form)
    daud.write("Reference of the proof of payment", "SBP/RTGS/7", within=form)
    daud.press("Record the redemption", status=422)
    daud.is_told("A treasury bill is not redeemed before it matures.")


def the_record_date_passes(walk: PageWalk) -> None:
    # As on the day after. The record is of the end of today, so what was placed is on it.
    today = timezone.localdate()
    Asset.objects.update(distribution_ends=today - timedelta(days=1))
    CorporateAction.objects.update(record_date=today)
    walk.place(BILL, units=1, status=422)
    walk.applicant.is_told("Its record date has passed: until it is redeemed, units stay where they are.")
    night_of(today + timedelta(days=1))
    amina = walk.shelf()
    assert amina.rows("Calendar of payments", 0, 1, 5, 6, 7) == [
        [BILL, "Redemption", "500", "2,500,000.00 PKR", "Record taken"]
    ]


def the_payment_is_confirmed_by_another(walk: PageWalk) -> None:
    matures_today()
    run_night(at=timezone.now())
    title = "Confirm the payment by its evidence"
    dua, daud = walk.asset(walk.debt_approver, BILL), walk.asset(walk.debt_officer, BILL)
    for each in (dua, daud):
        each.follow("Redemption")
    dua.read(f"{title} – not possible yet", "No evidence of payment is recorded.")
    daud.page.get_by_text("Record evidence of payment", exact=True).click()
    daud.write("Paid on", timezone.localdate())
    daud.write("Amount, to all venues together", "2499999.99")
    daud.write("Reference of the proof of payment", "SBP/RTGS/7")
    daud.write("SHA-256 of the document", "0" * 64)
    daud.press("Record the evidence")
    daud.read("It shows 2,499,999.99 PKR; 2,500,000.00 are due.")
    daud.page.get_by_text("Record evidence of payment", exact=True).click()
    daud.write("Paid on", timezone.localdate())
    daud.write("Amount, to all venues together", "2500000.00")
    daud.write("Reference of the proof of payment", "SBP/RTGS/8")
    daud.write("SHA-256 of the document", "1" * 64)
    daud.press("Record the evidence")
    daud.read("Evidence of payment: working day 0 of 3")
    daud.read(f"{title} – not possible yet", "Whoever recorded the evidence cannot confirm the payment.")
    dua.again()
    dua.move(title)


def redeem_everything(walk: PageWalk, programme: Programme) -> None:
    daud = walk.authorisation(walk.debt_officer, BILL)
    for source, units in (("Venue: with clients", 300), ("Venue: on the shelf", 200)):
        form = daud.form("Record the redemption")
        form.get_by_label("Which units").select_option(label=source)
        daud.write("Units", units, within=form)
        daud.write("Reference of the proof of payment", "SBP/RTGS/8", within=form)
        daud.press("Record the redemption")
        daud.hear("Posted as entry")
    walk.asset(daud, BILL)
    daud.page.get_by_text("Redeem units of the treasury", exact=True).click()
    daud.write("Units", 501, within=daud.form("Redeem them"))
    daud.write("Reference of the decision", "MoF/9")
    daud.press("Redeem them", status=422)
    daud.is_told("More units than the treasury holds.")
    daud.write("Units", 500, within=daud.form("Redeem them"))
    daud.press("Redeem them")
    daud.hear("The redemption is recorded.")
    run_night(at=timezone.now())
    daud.again()
    daud.read("Redeemed", "Paid")
    programme.refresh_from_db()
    assert programme.committed_usd_cents == 0
