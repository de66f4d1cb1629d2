"""Two people on one page: the second is told what the first one wrote, loses nothing typed, and overwrites nothing."""

from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone
from guardian.shortcuts import assign_perm

from licensing.actions import agreements, deficiencies, measures, requests
from licensing.models import Appeal, ChecklistTick, Deficiency, Filing, Licence, Milestone, RequestItem
from pvara.demo import life, path
from pvara.kernel.models import User
from tests.conftest import person
from tests.pages.opened import Opened, seen_on


def text(answer) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def again(answer) -> str:
    """What the form carries by now, for who has read it and sends it once more."""
    return answer.context["form"].mark


def told(answer, who: str, *, now: str, typed: str) -> None:
    """The second is told who wrote what, and finds what they typed themselves."""
    shown = text(answer)
    assert answer.status_code == 422
    assert f"Meanwhile {who} wrote here, on" in shown
    assert "Read it below; what you typed is still here. Save again if it still holds." in shown
    notice = shown.split("There is a problem")[1].split("</dl>")[0]
    assert now in notice
    assert typed in shown.split("</dl>", 1)[1]


@pytest.fixture
def noor(db):
    return person("Noor", "case_officer")


@pytest.fixture
def colleague(people, firm):
    """Another who acts for the same firm as amina."""
    kashif = person("Kashif")
    for permission in ("licensing.represent_firm", "licensing.sign_for_firm"):
        assign_perm(permission, kashif, firm)
    return kashif


@pytest.fixture
def case(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="completeness_check")


@pytest.fixture
def assessed(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="under_assessment")


# ── The checklist ────────────────────────────────────────────────────────────────────────────────────────────────────
AML = {"verdict_section:aml": "in_order", "note_section:aml": ""}
WANTING = {"verdict_section:aml": "wanting", "note_section:aml": "The tool is not named."}


def found(case):
    ticks = {each.item: each for each in ChecklistTick.objects.about(case).order_by("pk")}
    return {item: (each.verdict, each.note) for item, each in ticks.items()}


def test_two_officers_on_one_checklist(case, people, noor, browse):
    page = reverse("staff:checklist", args=["noc", case.pk])
    first, second = Opened(browse(people.officer), page), Opened(browse(noor), page)
    assert first.send(**WANTING).status_code == 302
    more = {"verdict_section:applicant": "wanting", "note_section:applicant": "No register."}
    answer = second.send(**AML, **more)
    told(answer, people.officer.name, now="Found wanting. The tool is not named.", typed='value="No register."')
    assert found(case) == {"section:aml": ("wanting", "The tool is not named.")}
    # Who has read it may still say otherwise.
    assert second.client.post(page, {**AML, **more, "seen": again(answer)}).status_code == 302
    assert found(case)["section:aml"] == ("in_order", "")


def test_a_stale_page_does_not_bring_an_old_verdict_back(case, people, noor, browse):
    page = reverse("staff:checklist", args=["noc", case.pk])
    Opened(browse(noor), page).send(**AML)
    first, second = Opened(browse(people.officer), page), Opened(browse(noor), page)
    first.send(**WANTING)
    # The second looked at another item and sends the first one as the page showed it.
    other = {"verdict_section:applicant": "in_order", "note_section:applicant": "Seen."}
    answer = second.send(**AML, **other)
    told(answer, people.officer.name, now="The tool is not named.", typed='value="Seen."')
    form = answer.context["form"]
    assert (form["verdict_section:aml"].value(), form["note_section:aml"].value()) == tuple(WANTING.values())
    sent = {name: form[name].value() for name in (*AML, *other)}
    assert second.client.post(page, {**sent, "seen": again(answer)}).status_code == 302
    assert found(case) == {
        "section:aml": ("wanting", "The tool is not named."),
        "section:applicant": ("in_order", "Seen."),
    }


def test_officers_who_look_at_different_items_do_not_disturb_each_other(case, people, noor, browse):
    page = reverse("staff:checklist", args=["noc", case.pk])
    first, second = Opened(browse(people.officer), page), Opened(browse(noor), page)
    assert first.send(**WANTING).status_code == 302
    assert second.send(**{"verdict_section:applicant": "in_order"}).status_code == 302
    assert found(case) == {"section:aml": ("wanting", "The tool is not named."), "section:applicant": ("in_order", "")}


# ── Drafts ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_two_officers_on_one_draft_of_a_deficiency(case, people, noor, browse, at):
    row = deficiencies.draft_deficiency(case, by=people.officer, at=at, missing="No minute.")
    page = reverse("staff:deficiency", args=[row.pk])
    first, second = Opened(browse(people.officer), page), Opened(browse(noor), page)
    assert first.send(item="", missing="No signed minute.").status_code == 302
    answer = second.send(item="section:aml", missing="No minute of the board.")
    told(answer, people.officer.name, now="No signed minute.", typed="No minute of the board.")
    assert Deficiency.objects.get(pk=row.pk).missing == "No signed minute."
    said = {"item": "section:aml", "missing": "No minute of the board.", "seen": again(answer)}
    assert second.client.post(page, said).status_code == 302
    assert Deficiency.objects.get(pk=row.pk).missing == "No minute of the board."


def test_a_draft_that_was_put_right_meanwhile_is_not_dropped_unread(case, people, noor, browse, at):
    row = deficiencies.draft_deficiency(case, by=people.officer, at=at, missing="No minute.")
    page, drop = (reverse(name, args=[row.pk]) for name in ("staff:deficiency", "staff:deficiency_drop"))
    first, second = Opened(browse(people.officer), page), Opened(browse(noor), page)
    first.send(item="", missing="No signed minute.")
    answer = second.client.post(drop, {"seen": second.seen}, follow=True)
    assert "it is not dropped" in text(answer)
    assert "No signed minute." in text(answer)
    assert second.client.post(drop, {"seen": seen_on(second.client, page)}).status_code == 302
    assert not Deficiency.objects.filter(pk=row.pk).exists()


def test_two_officers_on_one_question(assessed, people, noor, browse, at):
    item = requests.draft_question(assessed, by=people.officer, at=at, question="Who owns it?")
    page, drop = (reverse(name, args=[item.pk]) for name in ("staff:request_item", "staff:question_drop"))
    first, second = Opened(browse(people.officer), page), Opened(browse(noor), page)
    assert first.send(question="Who owns Holding?").status_code == 302
    answer = second.send(question="Who owns First Owner?")
    told(answer, people.officer.name, now="Who owns Holding?", typed="Who owns First Owner?")
    assert "it is not dropped" in text(second.client.post(drop, {"seen": second.seen}, follow=True))
    assert RequestItem.objects.get(pk=item.pk).question == "Who owns Holding?"
    said = {"question": "Who owns First Owner?", "seen": again(answer)}
    assert second.client.post(page, said).status_code == 302
    assert RequestItem.objects.get(pk=item.pk).question == "Who owns First Owner?"


def test_two_officers_on_one_follow_up(assessed, people, noor, browse, at):
    item = requests.draft_question(assessed, by=people.officer, at=at, question="Who owns it?")
    path.step(assessed, "raise_rfi", by=people.officer, at=at, note="Please answer.")
    requests.answer_question(item, by=people.applicant, at=at, answer="Holding.")
    path.step(assessed, "answer_rfi", by=people.applicant, at=at)
    page = reverse("staff:request_item", args=[item.pk])
    first, second = Opened(browse(people.officer), page), Opened(browse(noor), page)
    assert first.send(words="And who owns Holding?").status_code == 302
    answer = second.send(words="Since when?")
    told(answer, people.officer.name, now="And who owns Holding?", typed="Since when?")
    assert RequestItem.objects.get(pk=item.pk).follow_up == "And who owns Holding?"


# ── The firm's own people ────────────────────────────────────────────────────────────────────────────────────────────
def test_two_of_one_firm_in_one_section(firm, people, colleague, browse, at):
    case = path.noc_case(firm, people=people, at=at, until="draft")
    page = reverse("portal:section", args=["noc", case.pk, "aml"])
    was = case.answers.get("aml", {})
    first, second = Opened(browse(people.applicant), page), Opened(browse(colleague), page)
    assert first.send(**{**was, "monitoring_tool": "Chain Eye"}).status_code == 302
    answer = second.send(**{**was, "monitoring_tool": "Block Watch"})
    told(answer, people.applicant.name, now="Chain Eye", typed="Block Watch")
    case.refresh_from_db()
    assert case.answers["aml"]["monitoring_tool"] == "Chain Eye"
    said = {**was, "monitoring_tool": "Block Watch", "seen": again(answer)}
    assert second.client.post(page, said).status_code == 302
    case.refresh_from_db()
    assert case.answers["aml"]["monitoring_tool"] == "Block Watch"


def test_what_the_second_left_as_it_was_follows_the_first(firm, people, colleague, browse, at):
    case = path.noc_case(firm, people=people, at=at, until="draft")
    page = reverse("portal:section", args=["noc", case.pk, "activities"])
    first, second = Opened(browse(people.applicant), page), Opened(browse(colleague), page)
    was = {key: said for key, said in case.answers.get("activities", {}).items() if said}
    first.send(**{**was, "activities": ["exchange"]})
    answer = second.send(**{**was, "clients": "Two thousand, in Lahore."})
    assert answer.status_code == 422
    assert answer.context["form"]["activities"].value() == ["exchange"]


def test_two_of_one_firm_on_one_answer(case, people, colleague, browse, at):
    deficiencies.draft_deficiency(case, by=people.officer, at=at, missing="No minute.")
    path.step(case, "return_incomplete", by=people.supervisor, at=at, note="Please complete it.")
    row = Deficiency.objects.about(case).get()
    page = reverse("portal:deficiency", args=[row.pk])
    first, second = Opened(browse(people.applicant), page), Opened(browse(colleague), page)
    assert first.send(answer="It is attached.").status_code == 302
    answer = second.send(answer="There is none.")
    told(answer, people.applicant.name, now="It is attached.", typed="There is none.")
    assert Deficiency.objects.get(pk=row.pk).answer == "It is attached."
    assert second.client.post(page, {"answer": "There is none.", "seen": again(answer)}).status_code == 302


def test_two_of_one_firm_on_one_milestone(firm, people, colleague, browse, at):
    granted = path.noc_case(firm, people=people, at=at)
    row = Milestone.objects.get(setup__noc=granted, code="M5")
    page = reverse("portal:milestone", args=[row.pk])
    first, second = Opened(browse(people.applicant), page), Opened(browse(colleague), page)
    name = next(iter(row.described))
    assert first.send(**{name: "12 Mall Road, Lahore"}).status_code == 302
    answer = second.send(**{name: "1 Blue Area, Islamabad"})
    told(answer, people.applicant.name, now="12 Mall Road, Lahore", typed="1 Blue Area, Islamabad")
    row.refresh_from_db()
    # Whoever had the page open cannot submit it unread either.
    assert (row.particulars[name], row.version) == ("12 Mall Road, Lahore", 1)


def test_two_of_one_firm_on_one_fee_reference(firm, people, colleague, browse, at):
    case = path.noc_case(firm, people=people, at=at, until="draft")
    review, fee = (reverse(name, args=["noc", case.pk]) for name in ("portal:review", "portal:fee"))
    first, second = Opened(browse(people.applicant), review), Opened(browse(colleague), review)
    assert first.client.post(fee, {"fee_reference": "HBL-1", "seen": first.seen}).status_code == 302
    answer = second.client.post(fee, {"fee_reference": "UBL-2", "seen": second.seen})
    told(answer, people.applicant.name, now="HBL-1", typed='value="UBL-2"')
    case.refresh_from_db()
    assert case.fee_reference == "HBL-1"


def test_one_of_a_firm_signs_no_answer_that_another_wrote_meanwhile(firm, people, colleague, browse, at):
    case = path.fill_in(path.noc_case(firm, people=people, at=at, until="draft"), people=people, at=at)
    review, declare = (reverse(name, args=["noc", case.pk]) for name in ("portal:review", "portal:declare"))
    section, other = reverse("portal:section", args=["noc", case.pk, "pakistan_plan"]), browse(colleague)
    # A change takes the signature away, so that there is something to sign again.
    assert Opened(other, section).send(plan="Nine years.", launch="").status_code == 302
    # The form of the fee stands before that of the declaration.
    signing = Opened(browse(people.applicant), review, form=1)
    assert Opened(other, section).send(plan="Ten years.", launch="").status_code == 302
    answer = signing.client.post(declare, {"agreed": "on", "seen": signing.seen})
    page = text(answer)
    assert (answer.status_code, f"Meanwhile {colleague.name} wrote here" in page, "Ten years." in page) == (
        422,
        True,
        True,
    )
    case.refresh_from_db()
    assert case.declaration_signed_at is None
    # The page now shows what there is, and carries the mark of that.
    assert signing.client.post(declare, {"agreed": "on", "seen": again(answer)}).url == review


@pytest.fixture
def partner(people, world):
    """Another who acts for the firm of the world's licence."""
    kashif = person("Kashif")
    assign_perm("licensing.represent_firm", kashif, world.licence.firm)
    return kashif


def test_two_of_one_firm_on_one_plan(world, people, partner, browse, at):
    row = path.finding(world.licence, people=people, at=at)
    page = reverse("portal:finding", args=[row.pk])
    first, second = Opened(browse(people.applicant), page), Opened(browse(partner), page)
    assert first.send(plan="A second key on Monday.").status_code == 302
    answer = second.send(plan="Nothing until May.")
    told(answer, people.applicant.name, now="A second key on Monday.", typed="Nothing until May.")
    row.refresh_from_db()
    # An officer who had the page open agrees to no plan that came afterwards.
    assert (row.plan, row.version) == ("A second key on Monday.", 1)


def test_two_of_one_firm_on_one_return(world, people, partner, browse):
    row = Filing.objects.get(licence=world.licence, state="due")
    page = reverse("portal:filing", args=[row.pk])
    first, second = Opened(browse(people.applicant), page), Opened(browse(partner), page)
    assert first.send(product="A card", expected_users="900").status_code == 302
    answer = second.send(product="A loan", expected_users="700")
    told(answer, people.applicant.name, now="900", typed='value="700"')
    row.refresh_from_db()
    assert row.figures == {"product": "A card", "expected_users": "900"}


# ── Licences and consultations ───────────────────────────────────────────────────────────────────────────────────────
def test_two_supervisors_on_the_impact_and_the_lifting(world, people, browse, at):
    keepers = people.supervisor, person("Zoya", "supervisor")
    page = reverse("staff:impact", args=[world.licence.pk])
    first, second = (Opened(browse(each), page) for each in keepers)
    said = {"client_assets_pkr": "900", "users": "77", "programme_share": "9"}
    assert first.send(**said).status_code == 302
    answer = second.send(**{**said, "users": "88"})
    told(answer, keepers[0].name, now="77", typed='value="88"')
    assert world.licence.impacts.first().users == 77
    for proposed in world.licence.measures.filter(kind="restriction", decided_at=None, withdrawn_at=None):
        measures.withdraw_proposal(proposed, by=proposed.proposed_by, at=at)
    life.restrict(world.licence, people=people, at=at)
    measure = Licence.objects.get(pk=world.licence.pk).restrictions[0]
    page = reverse("staff:measure_lift", args=[measure.pk])
    first, second = (Opened(browse(each), page) for each in keepers)
    assert first.send(reasons="The vault was tested.").status_code == 302
    answer = second.send(reasons="A year has passed.")
    told(answer, keepers[0].name, now="The vault was tested.", typed="A year has passed.")
    measure.refresh_from_db()
    assert (measure.lifting_reasons, measure.lifting_proposed_by) == ("The vault was tested.", keepers[0])


def test_two_officers_on_one_reply_of_an_agency(assessed, people, noor, browse, at):
    asked = assessed.consultations.get(agency__code="FMU")
    page, on = asked.get_absolute_url(), str(timezone.localdate(at))
    first, second = Opened(browse(people.officer), page), Opened(browse(noor), page)
    assert first.send(verdict="objection", received_on=on, text="Unknown owners.").status_code == 302
    answer = second.send(verdict="no_objection", received_on=on, text="By telephone.")
    told(answer, people.officer.name, now="Unknown owners.", typed="By telephone.")
    asked.refresh_from_db()
    assert asked.reply.text == "Unknown owners."


# ── Agreements and appeals ───────────────────────────────────────────────────────────────────────────────────────────
TERMS = {"title": "Memorandum", "state_party": "Ministry of Finance", "scope": "Advice.", "non_binding": "on"}
EMPTY = {"signed_on": "", "in_force_from": "", "in_force_to": "", "source": ""}


def test_two_keepers_on_the_terms_of_one_agreement(people, browse, at):
    keepers = people.supervisor, person("Zoya", "supervisor")
    terms = {**TERMS, "non_binding": True}
    mou = agreements.draft_agreement([("Binance", None)], by=keepers[0], at=at, **terms)
    page = reverse("staff:agreement_change", args=[mou.pk])
    first, second = (Opened(browse(each), page) for each in keepers)
    assert first.send(**{**TERMS, **EMPTY, "scope": "Advice and training."}).status_code == 302
    answer = second.send(**{**TERMS, **EMPTY, "title": "Memorandum of 2025"})
    told(answer, keepers[0].name, now="Advice and training.", typed="Memorandum of 2025")
    # What the second did not touch is the first one's by now.
    assert answer.context["form"]["scope"].value() == "Advice and training."
    mou.refresh_from_db()
    assert (mou.title, mou.scope, mou.version) == ("Memorandum", "Advice and training.", 1)
    said = {**TERMS, **EMPTY, "scope": "Advice and training.", "title": "Memorandum of 2025", "seen": again(answer)}
    assert second.client.post(page, said).status_code == 302
    mou.refresh_from_db()
    assert (mou.title, mou.scope) == ("Memorandum of 2025", "Advice and training.")


def test_two_recorders_on_the_leave_and_the_panel_of_one_appeal(world, people, browse, tahir, at):
    life.suspend(world.licence, people=people, at=at)
    row = life.appealed(world.licence.firm, people=people, at=at)
    zoya = person("Zoya", "tribunal_recorder")
    page = reverse("staff:appeal", args=[row.pk])
    one, other, *_ = (
        User.objects.get(pk=pk) for pk, _ in browse(tahir).get(page).context["panel_form"]["members"].field.choices
    )
    panels, leaves = ([Opened(browse(each), page, form=form) for each in (tahir, zoya)] for form in (0, 1))
    assert panels[0].send(form="panel", members=[one.pk]).status_code == 302
    answer = panels[1].send(form="panel", members=[other.pk])
    told(answer, tahir.name, now=one.name, typed="Members of the panel")
    assert answer.context["form"]["members"].value() == [str(other.pk)]
    assert list(Appeal.objects.get(pk=row.pk).panel.all()) == [one]
    said = {"form": "panel", "members": [other.pk], "seen": again(answer)}
    assert panels[1].client.post(page, said).status_code == 302
    assert list(Appeal.objects.get(pk=row.pk).panel.all()) == [other]
    # The leave is another matter: it was not touched meanwhile.
    assert leaves[0].send(form="leave", tribunal_number="T-7", leave="Granted by the chair.").status_code == 302
    answer = leaves[1].send(form="leave", tribunal_number="T-7", leave="Granted for illness.")
    told(answer, tahir.name, now="Granted by the chair.", typed="Granted for illness.")
    assert Appeal.objects.get(pk=row.pk).leave == "Granted by the chair."
