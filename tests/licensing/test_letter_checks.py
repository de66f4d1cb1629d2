# ruff: noqa: E501  the table is as wide as the machine
"""Letters that a second person lets out: what waits, who may, and what nobody outside sees meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from licensing import letters
from licensing.actions import interests
from licensing.actions.firms import register_firm
from licensing.models import Firm, Letter, LetterDocument, LetterText
from pvara.demo import path
from pvara.kernel import audit, outbox, regime, roles
from pvara.kernel.machine import MoveRefused, StaleVersion, moves_of, perform, unmet
from tests.stages import remembered

MACHINE = """
move            | source   | target     | who                       | gates                                                                           | letter | clock
approve         | draft    | approved   | Supervisor, Legal officer | letter_is_checked, checker_did_not_decide, checker_is_not_recused_from_the_case |        |
write_anew      | draft    | draft      | Supervisor, Legal officer | letter_is_checked, checker_is_not_recused_from_the_case                         |        |
pass_as_routine | draft    | approved   | the scheduler             | letter_is_routine                                                               |        |
issue           | approved | issued     | the scheduler             | letter_is_numbered_and_signed                                                   |        |
supersede       | issued   | superseded | the scheduler             |                                                                                 |        |
revoke          | issued   | revoked    | the scheduler             |                                                                                 |        |
"""


@pytest.fixture
def checked(regime, people, at):
    """From a day before on, as the regime ships it: what grants and what refuses is checked."""
    said = ["L10", "L12", "L40"]
    path.change_setting("letters.checked", said, effective_from=date(2026, 3, 4), people=people, at=date_before(at))


def date_before(at):
    return at.replace(month=2, day=2)


@remembered
def granted_and_told(firm, *, people, at):
    """A NOC, with those of its letters written that nobody checks."""
    case = path.noc_case(firm, people=people, at=at)
    outbox.drain()
    return case


@pytest.fixture
def noc(checked, firm, people, at):
    return granted_and_told(firm, people=people, at=at)


def draft():
    return Letter.objects.get(code="L10")


def test_the_machine_reads_as_the_regime():
    assert regime.as_text(Letter) == MACHINE.strip()


def test_a_letter_that_decides_waits_and_the_others_are_out(noc):
    assert dict(Letter.objects.values_list("code", "state")) == {
        "L01": "issued",
        "L04": "issued",
        "L06": "issued",
        "L10": "draft",
        "L20": "issued",
    }
    waiting = draft()
    assert (waiting.reference, waiting.token, waiting.sha256, waiting.issued_at) == (None, None, "", None)
    assert not LetterDocument.objects.filter(letter=waiting).exists()


def test_it_goes_out_as_it_was_read_with_a_number_and_the_day_of_the_decision(noc, people, sana, at, later):
    read = draft().content
    path.step(draft(), "approve", by=sana, at=later(2))
    assert draft().state == "approved"
    outbox.drain()
    letter = draft()
    assert (letter.state, letter.approved_by, letter.decided_by) == ("issued", sana, people.member)
    assert (letter.issued_at, letter.decided_at) == (later(2), at)
    # It comes third of its phase: two were issued before it.
    assert letter.reference == "PVARA/NOC/2026/00003"
    new = {"reference": letter.reference, "verify_at": letter.content["verify_at"]}
    assert letter.content == {**read, **new}
    assert letter.content["verify_at"].endswith(f"/verify/{letter.token}/")
    assert letters.check(uploaded=bytes(letter.document.pdf)).letter == letter
    events = [(each.event, each.actor) for each in audit.history(letter)]
    assert events == [("drafted", None), ("approve", sana), ("issue", None)]


def test_nobody_outside_sees_a_draft(noc, client, amina):
    waiting = draft()
    client.force_login(amina)
    assert waiting not in Letter.objects.visible_to(amina)
    assert client.get(reverse("portal:letter", args=[waiting.pk])).status_code == 404
    assert waiting.title not in client.get(reverse("portal:letters")).content.decode()
    for asked in ("None", "", waiting.key):
        assert letters.check(asked).found is False


def test_staff_read_it_word_by_word_and_approve_it_on_its_page(noc, client, sana):
    waiting = draft()
    client.force_login(sana)
    queue = client.get(reverse("staff:queue"), {"phase": "letter", "show": "waiting"}).content.decode()
    assert waiting.get_absolute_url() in queue
    page = client.get(waiting.get_absolute_url()).content.decode()
    assert all(paragraph[:40] in page for paragraph in waiting.content["paragraphs"])
    assert client.get(reverse("staff:letter", args=[waiting.pk])).status_code == 404
    move = reverse("move", args=["licensing.letter", waiting.pk, "approve"])
    assert client.post(move, {"version": waiting.version}).status_code == 302
    outbox.drain()
    assert client.get(reverse("staff:letter", args=[waiting.pk])).headers["Content-Type"] == "application/pdf"
    assert "Approved by" in client.get(waiting.get_absolute_url()).content.decode()


@pytest.mark.parametrize("name", ["omar", "asif", "dania", "bilal", "aisha", "adil", "stranger", "amina"])
def test_only_those_who_check_letters_approve_one(request, noc, at, name):
    with pytest.raises(PermissionDenied):
        path.step(draft(), "approve", by=request.getfixturevalue(name), at=at)


def test_whoever_decided_does_not_check(noc, people, at):
    roles.grant(people.member, "legal_officer", by=None, at=at)
    member = type(people.member).objects.get(pk=people.member.pk)
    assert [each.code for each in unmet(draft(), "approve", by=member, at=at)] == ["checker_did_not_decide"]


@pytest.fixture
def another(checked, people, at):
    """A second firm with its NOC, whose letter waits too."""
    firm = register_firm("Another Exchange Limited", by=people.applicant, at=at, country="Pakistan", invented=True)
    return path.noc_case(firm, people=people, at=at)


@pytest.mark.parametrize("move", ["approve", "write_anew"])
def test_whoever_stepped_back_from_the_case_has_no_hand_in_its_letters(noc, another, sana, laila, at, move):
    outbox.drain()
    interests.recuse(noc, by=sana, at=at, reasons="I wrote about it.")
    letter, of_another = (Letter.objects.get(code="L10", firm=case.firm) for case in (noc, another))

    def shut(letter, by):
        return [(each.code, each.details) for each in unmet(letter, move, by=by, at=at)]

    assert shut(letter, sana) == [("checker_is_not_recused_from_the_case", ("Recused: I wrote about it.",))]
    assert (shut(of_another, sana), shut(letter, laila)) == ([], [])
    with pytest.raises(MoveRefused, match="stepped back from a case"):
        path.step(letter, move, by=sana, at=at, note="It is wrong.")
    path.step(letter, move, by=laila, at=at, note="It is wrong.")


def test_a_letter_about_what_hangs_on_a_case_is_closed_to_them_too(noc, sana, laila, at):
    letter = Letter.objects.get(code="L20")
    interests.recuse(noc, by=sana, at=at, reasons="I wrote about it.")
    assert [each._meta.label_lower for each in letter.cases()] == ["licensing.setup", "licensing.nocapplication"]
    assert (letter.recusals_of(sana), letter.recusals_of(laila)) == (["Recused: I wrote about it."], [])


def test_an_interest_in_the_firm_closes_its_letters_declared_or_detected(noc, sana, laila, at):
    interests.declare(noc.firm, by=sana, at=at, nature="holds_assets_or_shares", explanation="A hundred shares.")
    Firm.objects.filter(pk=noc.firm_id).update(website=f"https://{laila.email.partition('@')[2]}/")
    shut = {by: [each.code for each in unmet(draft(), "approve", by=by, at=at)] for by in (sana, laila)}
    assert shut == {sana: ["person_has_no_interest"], laila: ["person_has_no_interest"]}


def test_the_gates_of_routine_letters(noc, at, later):
    def shut(code, move):
        return [each.code for each in unmet(Letter.objects.get(code=code), move, by=None, at=at)]

    assert shut("L10", "pass_as_routine") == ["letter_is_routine"]

    def gate(move, name, letter):
        (found,) = [each for each in moves_of(Letter)[move].gates if each.code == name]
        return bool(found.verdict(letter, by=None, at=at))

    routine, waiting = Letter.objects.get(code="L01"), draft()
    assert (gate("approve", "letter_is_checked", waiting), gate("approve", "letter_is_checked", routine)) == (
        True,
        False,
    )
    assert (
        gate("issue", "letter_is_numbered_and_signed", waiting),
        gate("pass_as_routine", "letter_is_routine", routine),
    ) == (False, True)
    assert gate("issue", "letter_is_numbered_and_signed", routine)


def test_without_a_number_and_a_hash_nothing_is_issued(noc, sana, at):
    path.step(draft(), "approve", by=sana, at=at)
    with pytest.raises(MoveRefused, match="no number yet"):
        path.step(draft(), "issue", by=None, at=at)


def test_a_wording_that_was_wrong_is_corrected_and_the_letter_written_anew(noc, sana, at, later):
    waiting = draft()
    old = LetterText.objects.filter(code="L10", effective_from__lte=date(2026, 3, 4)).first()
    kept = {
        field: getattr(old, field)
        for field in ("legal_basis", "paragraphs", "appeal", "signatory_name", "signatory_title")
    }
    LetterText.objects.create(code="L10", effective_from=date(2026, 3, 3), **{**kept, "title": "No Objection"})
    with pytest.raises(MoveRefused):
        path.step(waiting, "write_anew", by=sana, at=later(1))
    path.step(waiting, "write_anew", by=sana, at=later(1), note="The title was wrong.")
    anew = draft()
    assert (anew.state, anew.title, anew.content["title"]) == ("draft", "No Objection", "No Objection")
    # Who read the old words does not approve the new ones unread.
    with pytest.raises(StaleVersion):
        perform(waiting, "approve", by=sana, at=later(1), expected_version=waiting.version)


def test_a_letter_written_anew_keeps_to_the_wording_of_the_day_of_its_decision(noc, sana, at, later):
    """The wording of the day after is there when the letter is written anew, and is for later decisions."""
    before = draft().content
    given = LetterText.objects.filter(code="L10").order_by("-effective_from").values().last()
    for first_day, title in (
        (date(2026, 3, 5), "Certificate of tomorrow"),
        (date(2026, 3, 4), "Certificate of the day"),
    ):
        LetterText.objects.create(**{**given, "id": None, "effective_from": first_day, "title": title})
        path.step(draft(), "write_anew", by=sana, at=later(30), note="The title was wrong.")
        assert draft().content == {**before, "title": draft().title}
    assert (draft().title, letters.wording("L10", date(2026, 3, 5)).title) == (
        "Certificate of the day",
        "Certificate of tomorrow",
    )


def test_what_is_checked_is_a_setting_of_the_day_of_the_decision(noc, people, at, later):
    path.change_setting("letters.checked", ["L16"], effective_from=date(2026, 4, 1), people=people, at=at)
    path.step(noc, "suspend_noc_urgently", by=people.supervisor, at=later(40), note="The home licence is in doubt.")
    outbox.drain()
    assert dict(Letter.objects.filter(is_to_be_checked=True).values_list("code", "state")) == {
        "L10": "draft",
        "L16": "draft",
    }


def test_decisions_give_the_order_however_long_a_letter_waited(noc, people, sana, at, later):
    """The NOC is suspended before its letter is checked: what is late is superseded as soon as it is out."""
    path.step(noc, "suspend_noc_urgently", by=people.supervisor, at=later(1), note="The home licence is in doubt.")
    outbox.drain()
    path.step(draft(), "approve", by=sana, at=later(2))
    outbox.drain()
    assert dict(Letter.objects.filter(code__in=["L10", "L16"]).values_list("code", "state")) == {
        "L10": "superseded",
        "L16": "issued",
    }


# ── What the database refuses, whatever a program says ───────────────────────────────────────────────────────────────
def change(letter, said, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE licensing_letter SET {said} WHERE id = %s", [*values, letter.pk])


def announced(letter, said, *values, event, target, by, at):
    """A change of state with its entry in the log, as `perform` writes it, and without the gates."""
    with transaction.atomic():
        audit.record(letter, event=event, by=by, at=at, from_state=letter.state, to_state=target)
        change(letter, f"state = '{target}', {said}", *values)


# Whatever a letter is, in the words of a statement that makes it another one.
ANOTHER = {
    "content": "content = jsonb_set(content, '{title}', '\"Licence\"')",
    "title": "title = 'Licence'",
    "kind": "code = 'L40'",
    "addressee": "addressee = 'Somebody else'",
    "decider": "decided_by_id = NULL",
    "decision": "decided_at = decided_at - interval '1 day'",
    "checker": "approved_by_id = NULL",
    "check": "is_to_be_checked = NOT is_to_be_checked",
    "reader": "for_applicant = NOT for_applicant",
}


@pytest.mark.parametrize("said", ANOTHER.values(), ids=ANOTHER)
def test_an_approved_letter_goes_out_as_it_was_read(noc, sana, at, said):
    path.step(draft(), "approve", by=sana, at=at)
    with pytest.raises(IntegrityError, match="is approved: it goes out as it was read"):
        change(draft(), said)


@pytest.mark.parametrize("what", ["kind", "decider", "decision", "check", "reader"])
def test_of_a_draft_the_words_alone_change(noc, what):
    with pytest.raises(IntegrityError, match="is a draft: its words are written anew, and nothing else of it"):
        change(draft(), ANOTHER[what])
    for each in ("content", "title", "addressee"):
        change(draft(), ANOTHER[each])
    assert (draft().title, draft().addressee, draft().content["title"]) == ("Licence", "Somebody else", "Licence")


def test_no_word_changes_with_the_approval_itself(noc, sana, at):
    with pytest.raises(IntegrityError, match="is a draft"):
        announced(
            draft(),
            f"{ANOTHER['content']}, approved_by_id = %s",
            sana.pk,
            event="approve",
            target="approved",
            by=sana,
            at=at,
        )


def test_what_is_to_be_checked_never_goes_without_a_checker_nor_by_its_decider(noc, people, sana, at):
    approval = {"event": "approve", "target": "approved", "at": at}
    with pytest.raises(IntegrityError, match="letter_is_approved_before_it_goes"):
        announced(draft(), "version = 1", by=sana, **approval)
    with pytest.raises(IntegrityError, match="letter_checker_did_not_decide"):
        announced(draft(), "approved_by_id = %s", people.member.pk, by=people.member, **approval)
    with pytest.raises(IntegrityError, match="is a draft"):
        change(draft(), "approved_by_id = %s", sana.pk)
    with pytest.raises(IntegrityError, match="letter_goes_out_numbered_and_signed"):
        announced(draft(), "approved_by_id = %s", sana.pk, event="issue", target="issued", by=sana, at=at)
    announced(draft(), "approved_by_id = %s", sana.pk, by=sana, **approval)
    assert (draft().state, draft().approved_by) == ("approved", sana)


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_let_one_letter_out(checked, people, sana, laila, at):
    firm = register_firm("Two Checkers Limited", by=people.applicant, at=at, country="Pakistan", invented=True)
    path.noc_case(firm, people=people, at=at)
    outbox.drain()
    waiting = draft()

    def approve(by):
        try:
            perform(waiting, "approve", by=by, at=at, expected_version=waiting.version)
        except (StaleVersion, MoveRefused):
            return "refused"
        finally:
            connection.close()
        return "approved"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(approve, [sana, laila])) == ["approved", "refused"]
    outbox.drain()
    assert LetterDocument.objects.filter(letter__code="L10").count() == 1
