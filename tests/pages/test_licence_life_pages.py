"""The life of a licence on its pages: what staff propose and record, what the holder asks for, what the public sees."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from licensing.actions.appeals import name_panel
from licensing.models import Appeal, Filing, Licence, Measure, Renewal, Surrender, Variation
from pvara.demo import life, path
from pvara.kernel import machine
from tests.conftest import person
from tests.pages.test_portal_pages import text


@pytest.fixture
def licence(world) -> Licence:
    return world.licence


def measure_new(licence, kind):
    return reverse("staff:measure_new", args=[licence.pk, kind])


def send(client, licence, name, note="Why."):
    fresh = Licence.objects.get(pk=licence.pk)
    address = reverse("move", args=["licensing.licence", licence.pk, name])
    return client.post(address, {"version": fresh.version, "note": note})


def decide(people, browse, licence, name, note="Why."):
    """Both members of the committee vote for a move, and one of them makes it."""
    path.vote(licence, name, people=people, at=timezone.now())
    return send(browse(people.member), licence, name, note)


def entry(browse, licence):
    return text(browse(None).get(reverse("public:entry", args=[licence.reference])))


# ── Restrictions ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_restriction_is_proposed_on_a_form_and_imposed_by_a_move(licence, people, browse):
    sana = browse(people.supervisor)
    waiting = Measure.objects.get(licence=licence)
    assert f"Withdraw {waiting.reference}" in text(sana.get(licence.get_absolute_url()))
    assert sana.post(reverse("staff:measure_withdraw", args=[waiting.pk])).status_code == 302
    assert f"Withdraw {waiting.reference}" not in text(sana.get(licence.get_absolute_url()))
    said = {"wording": "", "particulars": "Complaints grew tenfold."}
    refused = sana.post(measure_new(licence, "restriction"), said)
    assert refused.status_code == 422
    assert "Say what is restricted, or choose the activities." in text(refused)
    assert "Complaints grew tenfold." in text(refused)
    said |= {"wording": "No more than 1,000 new clients a month.", "activities": ["custody"]}
    assert sana.post(measure_new(licence, "restriction"), said).url == licence.get_absolute_url()
    assert "No more than 1,000" not in entry(browse, licence)
    path.finding(licence, people=people, at=timezone.now())
    assert decide(people, browse, licence, "impose_restriction").status_code == 302
    page = entry(browse, licence)
    assert "Restricted" in page
    assert "No more than 1,000 new clients a month. Restricted: Custody." in page
    assert "Complaints grew tenfold." not in page
    own = text(browse(people.applicant).get(reverse("portal:licence", args=[licence.pk])))
    assert "Your licence is active, with restrictions." in own
    assert "No more than 1,000 new clients a month." in own
    measure = Measure.objects.get(licence=licence, decided_at__isnull=False)
    lift = reverse("staff:measure_lift", args=[measure.pk])
    assert sana.post(lift, {"reasons": "They answer within a day."}).status_code == 302
    assert decide(people, browse, licence, "lift_restriction").status_code == 302
    assert "Restrictions lifted" in entry(browse, licence)


def test_a_measure_is_proposed_by_its_own_role(licence, people, browse):
    assert browse(people.supervisor).get(measure_new(licence, "revocation")).status_code == 403
    assert browse(people.enforcement).get(measure_new(licence, "nonsense")).status_code == 404
    assert browse(people.member).get(measure_new(licence, "restriction")).status_code == 403


def test_a_bare_move_says_what_must_be_proposed_first(licence, people, browse):
    refused = send(browse(people.board), licence, "urgent_suspend")
    assert refused.status_code == 422
    assert "No urgent suspension is proposed." in text(refused)


# ── Show-cause and suspension ────────────────────────────────────────────────────────────────────────────────────────
def test_a_notice_is_answered_in_the_portal_and_read_by_staff(licence, people, browse):
    nadia, amina = browse(people.enforcement), browse(people.applicant)
    address = reverse("portal:notice", args=[licence.pk])
    assert "No show-cause notice is open on this licence" in text(amina.get(address))
    said = {"grounds": ["client_assets", "unpaid"], "particulars": "Balances do not close since May."}
    assert nadia.post(measure_new(licence, "show_cause"), said).status_code == 302
    assert "Balances do not close" not in text(amina.get(address))
    assert send(nadia, licence, "issue_show_cause", "").status_code == 302
    page = text(amina.get(address))
    assert "Balances do not close since May." in page
    assert "Client assets are not safeguarded or not segregated" in page
    empty = amina.post(address, {"text": " "})
    assert empty.status_code == 422
    assert amina.post(address, {"text": "They close; see the attached books."}).status_code == 302
    assert "They close; see the attached books." in text(nadia.get(licence.get_absolute_url()))
    # Not decided, so not published.
    assert "Show-cause" not in entry(browse, licence)
    assert decide(people, browse, licence, "dismiss_show_cause").status_code == 302


def test_an_urgent_suspension_is_proposed_confirmed_heard_and_reinstated(licence, people, danish, browse):
    nadia, sana = browse(people.enforcement), browse(people.supervisor)
    today = timezone.localdate()
    said = {"grounds": ["insolvency"], "particulars": "Wages unpaid.", "activities": ["custody"], "starts_on": today}
    undated = nadia.post(measure_new(licence, "urgent_suspension"), said)
    assert (undated.status_code, "Wages unpaid." in text(undated)) == (422, True)
    far = nadia.post(measure_new(licence, "urgent_suspension"), {**said, "ends_on": today + timedelta(days=91)})
    assert "At most 90 days; it can be prolonged." in text(far)
    dated = {**said, "ends_on": today + timedelta(days=30)}
    assert nadia.post(measure_new(licence, "urgent_suspension"), dated).status_code == 302
    assert send(browse(people.board), licence, "urgent_suspend").status_code == 302
    page = entry(browse, licence)
    assert "Suspended in part" in page
    assert "The holder may not carry on now: Custody." in page
    assert "May distribute them at this moment" in page
    # The letter promises that what is sent before the hearing is considered.
    amina, notice = browse(people.applicant), reverse("portal:notice", args=[licence.pk])
    own = text(amina.get(reverse("portal:licence", args=[licence.pk])))
    last = Measure.objects.get(licence=licence, kind="urgent_suspension").ratify_by
    assert f"It ends if our board does not ratify it by {last.day} {last:%B %Y}." in own
    assert f'href="{notice}"' in own
    form = text(amina.get(notice))
    assert [each in form for each in ("Insolvency, or its likelihood", "Wages unpaid.")] == [True, False]
    version = Licence.objects.get(pk=licence.pk).version
    assert amina.post(notice, {"text": "Wages were paid on Monday."}).status_code == 302
    # The board votes on what it has read: nobody takes its votes away by writing.
    assert Licence.objects.get(pk=licence.pk).version == version
    assert "Wages were paid on Monday." in text(nadia.get(licence.get_absolute_url()))
    assert send(nadia, licence, "hold_hearing").status_code == 302
    assert "no hearing is outstanding" in text(amina.get(notice))
    finding = reverse("staff:licence_finding", args=[licence.pk, "remedy"])
    assert sana.post(finding, {"note": ""}).status_code == 422
    assert sana.post(finding, {"note": "Wages were paid."}).status_code == 302
    owed = decide(people, browse, licence, "reinstate")
    assert (owed.status_code, "The returns of the licensee are not up to date." in text(owed)) == (422, True)
    said = {"product": "A card", "expected_users": "9"}
    life.filed(Filing.objects.get(licence=licence), said, people=people, at=timezone.now())
    assert send(browse(danish), licence, "reinstate").status_code == 302
    assert Licence.objects.get(pk=licence.pk).state == "active"


# ── Renewal, variation, surrender ────────────────────────────────────────────────────────────────────────────────────
def test_what_is_not_there_is_not_offered(licence, people, behram, browse):
    """A suspension that is ratified neither waits for that nor may be lifted for want of it; programs are told why."""
    life.suspend(licence, people=people, at=timezone.now())
    board = browse(people.board2)
    waiting = text(board.get(licence.get_absolute_url()))
    assert waiting.count("– not possible yet") == 3
    assert [each in waiting for each in ("Ratify the urgent suspension", "with the notice in force")] == [True, False]
    life.ratify(licence, people=replace(people, board3=behram), at=timezone.now())
    ratified = text(board.get(licence.get_absolute_url()))
    panel = ratified.partition("What you can do")[2].partition("</section>")[0]
    assert ("Revoke the licence" in panel, "atif" in panel) == (True, False)
    offers = {each.name: each for each in machine.moves(Licence.objects.get(pk=licence.pk), by=None, at=timezone.now())}
    assert [each.code for each in offers["lift_unratified"].unmet] == ["suspension_waits_for_ratification"]


def test_a_holder_asks_for_renewal_when_it_is_due(licence, people, browse):
    amina = browse(people.applicant)
    renewal = Renewal.objects.get(licence=licence)
    address = reverse("portal:renewal", args=[renewal.pk])
    assert "It is too early to renew the licence." in text(amina.get(address))
    assert amina.post(address, {"declaration": "No change.", "version": 0}).status_code == 302
    assert Renewal.objects.get(pk=renewal.pk).state == "not_due"
    near = timezone.localdate() + timedelta(days=60)
    Licence.objects.filter(pk=licence.pk).update(valid_to=near)
    Renewal.objects.filter(pk=renewal.pk).update(term_ends=near)
    path.step(renewal, "fall_due", by=None, at=timezone.now())
    version = Renewal.objects.get(pk=renewal.pk).version
    stale = amina.post(address, {"declaration": "No change.", "version": version - 1})
    assert (stale.status_code, "This changed after you opened the page." in text(stale)) == (422, True)
    assert amina.post(address, {"declaration": "No change.", "version": version}).status_code == 302
    assert "You have asked for renewal." in text(amina.get(address))
    assert "No change." in text(browse(people.member).get(renewal.get_absolute_url()))


def test_a_holder_asks_for_other_activities_and_takes_it_back(licence, people, browse):
    amina = browse(people.applicant)
    address = reverse("portal:variation_new", args=[licence.pk])
    refused = amina.post(address, {"reasons": "Clients ask for it."})
    assert (refused.status_code, "Choose what to add or to remove." in text(refused)) == (422, True)
    made = amina.post(address, {"add": ["brokerage"], "reasons": "Clients ask for it."})
    variation = Variation.objects.get(state="requested")
    assert made.url == reverse("portal:variation", args=[variation.pk])
    assert "Broker-dealer" in text(browse(people.member).get(variation.get_absolute_url()))
    move = reverse("move", args=["licensing.variation", variation.pk, "withdraw"])
    assert amina.post(move, {"version": variation.version, "note": "Not now."}).status_code == 302


def test_a_holder_surrenders_and_staff_look_at_client_assets(licence, people, browse):
    amina, sana = browse(people.applicant), browse(people.supervisor)
    address = reverse("portal:surrender", args=[licence.pk])
    said = {"reasons": "We leave the market.", "declaration": "", "version": licence.version}
    assert amina.post(address, said).status_code == 422
    assert amina.post(address, {**said, "declaration": "Nothing is held."}).status_code == 302
    assert Surrender.objects.get(licence=licence).declaration == "Nothing is held."
    again = amina.post(address, {**said, "declaration": "Nothing.", "version": licence.version + 1})
    assert (again.status_code, "this is surrender requested" in text(again)) == (422, True)
    finding = reverse("staff:licence_finding", args=[licence.pk, "assets"])
    assert sana.post(finding, {"note": "Balances are nil."}).status_code == 302
    assert decide(people, browse, licence, "accept_surrender", "").status_code == 302
    assert "This licence was surrendered." in entry(browse, licence)


# ── Appeals ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_varied_suspension_is_before_the_committee_until_it_is_brought_into_line(licence, people, laila, browse):
    now = timezone.now()
    life.suspend(licence, people=people, at=now)
    appeal = path.step(life.appealed(licence.firm, people=people, at=now), "record_appeal", by=laila, at=now)
    panel = [person(name, "board_member") for name in ("Baber", "Bina", "Bano")]
    name_panel(appeal, panel, by=laila, at=now)
    move = reverse("move", args=["licensing.appeal", appeal.pk, "vary_decision"])
    version = Appeal.objects.get(pk=appeal.pk).version
    assert browse(laila).post(move, {"version": version, "note": "Until 1 May only."}).status_code == 302
    dania = browse(people.member)
    for address in (licence.get_absolute_url(), reverse("staff:committee")):
        page = text(dania.get(address))
        assert ("brought into line with the tribunal" in page, "Until 1 May only." in page) == (True, True)
    # No clock runs on it, so it stands beside the clocks that are late, for whoever reads those.
    late = text(browse(people.supervisor).get(reverse("staff:overdue")))
    assert f'<a href="{appeal.get_absolute_url()}">{appeal.reference}</a>' in late
    assert "Varied on appeal and not carried out" in late
    assert appeal.reference not in text(browse(people.debt_officer).get(reverse("staff:overdue")))
    assert "what follows from it" in text(browse(people.applicant).get(reverse("portal:appeal", args=[appeal.pk])))
    path.step(licence, "hold_hearing", by=people.enforcement, at=now, note="Heard.")
    life.ratify(licence, people=replace(people, board3=panel[0]), at=now)
    soon = now + timedelta(minutes=1)
    life.propose(Licence.objects.get(pk=licence.pk), "suspension", people=people, at=soon)
    path.decide(licence, "prolong_suspension", people=people, at=soon, note="As the tribunal says.")
    assert "Until 1 May only." not in text(dania.get(reverse("staff:committee")))
    assert "Varied on appeal" not in text(browse(people.supervisor).get(reverse("staff:overdue")))
    assert "brought into line" not in text(dania.get(licence.get_absolute_url()))


def test_an_appeal_goes_from_the_portal_to_its_panel(licence, people, danish, laila, browse):
    life.suspend(licence, people=people, at=timezone.now(), note="Balances do not close.")
    amina, recorder = browse(people.applicant), browse(laila)
    address = reverse("portal:appeal_new", args=[licence.firm_id])
    page = text(amina.get(address))
    assert "Urgent suspension, " in page
    decision = licence.firm.appeals.model.objects.latest("pk").decision_id
    refused = amina.post(address, {"decision": decision, "grounds": "It is wrong."})
    assert refused.status_code == 422  # under appeal already, so not among the choices
    newest = text(amina.get(address)).split('value="')
    choice = next(part.split('"')[0] for part in newest if ">Urgent suspension, " in part)
    made = amina.post(address, {"decision": choice, "grounds": "They do close."})
    appeal = Appeal.objects.latest("pk")
    assert made.url == reverse("portal:appeal", args=[appeal.pk])
    move = reverse("move", args=["licensing.appeal", appeal.pk, "record_appeal"])
    assert recorder.post(move, {"version": appeal.version, "note": ""}).status_code == 302
    assert "An appeal against a decision on this licence is pending." in entry(browse, licence)
    own = appeal.get_absolute_url()
    page = text(recorder.get(own))
    assert "They do close." in page
    assert recorder.post(own, {"form": "panel", "members": [people.board.pk]}).status_code == 422
    assert recorder.post(own, {"form": "panel", "members": [danish.pk]}).status_code == 302
    assert [str(each) for each in Appeal.objects.get(pk=appeal.pk).panel.all()] == ["Danish"]
    assert recorder.post(own, {"form": "leave", "tribunal_number": "VAT/7"}).status_code == 302
    assert "VAT/7" in text(amina.get(reverse("portal:appeal", args=[appeal.pk])))
    assert browse(people.member).post(own, {"form": "panel", "members": []}).status_code == 302
