"""Agreements of the state: parties that are firms of ours or not, terms that stand once signed, what was promised."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from licensing.actions import agreements, documents
from licensing.models import Deliverable, Firm, Mou, MouParty
from pvara.demo import path
from pvara.kernel import audit
from pvara.kernel.machine import MoveRefused, unmet
from pvara.kernel.regime import as_text
from pvara.kernel.seen import mark
from tests.conftest import person

MOU = """
move   | source        | target | who           | gates                | letter | clock
sign   | draft         | signed | Supervisor    | signing_day_is_given |        |
end    | draft, signed | ended  | Supervisor    |                      |        |
expire | signed        | ended  | the scheduler | term_has_ended       |        |
"""

DELIVERABLE = """
move            | source              | target    | who        | gates | letter | clock
record_delivery | promised            | delivered | Supervisor | agreement_is_signed, delivery_is_documented |        |
accept          | delivered           | accepted  | Supervisor | accepter_did_not_record_the_delivery       |        |
send_back       | delivered           | promised  | Supervisor |                                            |        |
drop            | promised, delivered | dropped   | Supervisor |                                            |        |
"""

TERMS = {"title": "Study of tokenisation", "state_party": "Ministry of Finance", "scope": "Advice and training."}


@pytest.fixture
def draft(firm, sana, at):
    return agreements.draft_agreement([("Indus Investments", firm), ("A university", None)], by=sana, at=at, **TERMS)


@pytest.fixture
def signed(draft, sana, at):
    agreements.change_terms(draft, by=sana, at=at, signed_on=date(2026, 3, 4))
    return path.step(draft, "sign", by=sana, at=at)


@pytest.fixture
def seher(db):
    return person("Seher", "supervisor")


def shut(row, name, by, at):
    return [each.code for each in unmet(type(row).objects.get(pk=row.pk), name, by=by, at=at)]


def test_the_machines():
    table = {Mou: MOU, Deliverable: DELIVERABLE}
    said = {model: [" | ".join(line.split(" | ")) for line in as_text(model).splitlines()] for model in table}
    cells = {model: [[cell.strip() for cell in line.split("|")] for line in lines] for model, lines in said.items()}
    wanted = {
        model: [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
        for model, text in table.items()
    }
    assert cells == wanted


# ── The agreement ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_agreement_has_parties_in_their_own_names(draft, firm):
    assert [(each.name, each.firm) for each in draft.parties.all()] == [
        ("Indus Investments", firm),
        ("A university", None),
    ]
    assert list(firm.mous.all()) == [draft]
    assert audit.history(draft).get(event="drafted").data["parties"] == ["Indus Investments", "A university"]


@pytest.mark.parametrize(
    ("parties", "terms", "field"),
    [
        ([], {}, "party"),
        ([(" ", None)], {}, "party"),
        ([("One", None), ("one", None)], {}, "party"),
        ([("One", None)], {"title": " "}, "title"),
        ([("One", None)], {"in_force_from": date(2026, 2, 2), "in_force_to": date(2026, 2, 1)}, "in_force_to"),
    ],
)
def test_an_agreement_that_cannot_be_right_is_sent_back(sana, at, parties, terms, field):
    with pytest.raises(ValidationError) as refusal:
        agreements.draft_agreement(parties, by=sana, at=at, **{**TERMS, **terms})
    assert list(refusal.value.message_dict) == [field]
    assert Mou.objects.count() == 0


def test_only_who_keeps_the_agreements_writes_them(draft, firm, omar, amina, at):
    for who in (omar, amina):
        with pytest.raises(PermissionDenied):
            agreements.draft_agreement([("One", None)], by=who, at=at, **TERMS)
        with pytest.raises(PermissionDenied):
            agreements.change_terms(draft, by=who, at=at, title="Otherwise")
        with pytest.raises(PermissionDenied):
            agreements.promise(draft, by=who, at=at, kind="advice", title="A paper")


def test_a_draft_is_no_conflict_until_it_is_signed_on_a_day_that_has_come(draft, firm, sana, at):
    assert Firm.objects.get(pk=firm.pk).advises_the_state is False
    assert shut(draft, "sign", sana, at) == ["signing_day_is_given"]
    agreements.change_terms(draft, by=sana, at=at, signed_on=date(2026, 3, 5))
    assert shut(draft, "sign", sana, at) == ["signing_day_is_given"]
    seen = mark(Mou.objects.get(pk=draft.pk).terms)
    agreements.change_terms(draft, by=sana, at=at, signed_on=date(2026, 3, 4), seen=seen)
    path.step(draft, "sign", by=sana, at=at)
    assert Firm.objects.get(pk=firm.pk).advises_the_state is True


def test_what_is_signed_is_not_changed(signed, sana, at):
    with pytest.raises(ValidationError, match="What is signed"):
        agreements.change_terms(signed, by=sana, at=at, title="Otherwise")
    with pytest.raises(IntegrityError, match="mou_signed_on_a_day"), transaction.atomic():
        Mou.objects.update(signed_on=None)


def test_an_agreement_that_has_ended_makes_no_adviser_any_more(signed, firm, sana, at):
    path.step(signed, "end", by=sana, at=at, note="Both sides agreed.")
    assert Firm.objects.get(pk=firm.pk).advises_the_state is False


def test_an_agreement_ends_with_its_term(draft, sana, at, later):
    last = date(2026, 4, 4)
    agreements.change_terms(draft, by=sana, at=at, signed_on=date(2026, 3, 4), in_force_to=last)
    mou = path.step(draft, "sign", by=sana, at=at)
    assert [mou.is_in_force(later(days)) for days in (-1, 0, 31, 32)] == [False, True, True, False]
    assert agreements.end_agreements(later(31)) == 0
    assert agreements.end_agreements(later(32)) == 1
    assert Mou.objects.get().state == "ended"


def test_a_firm_is_party_once(draft, firm):
    with pytest.raises(IntegrityError, match="mou_firm_once"), transaction.atomic():
        MouParty.objects.create(mou=draft, name="Another name", firm=firm)


def test_who_works_on_it_is_removed_from_the_firms_that_are_party(signed, firm, dania, sana, at):
    agreements.join_team(signed, dania, by=sana, at=at)
    assert firm.conflicts_of(dania, at) == ["Detected: works on “Study of tokenisation” for the state."]


def test_no_firm_sees_an_agreement(signed, amina, omar):
    assert list(Mou.objects.visible_to(amina)) == []
    assert list(Mou.objects.visible_to(omar)) == [signed]


# ── What was promised ────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def course(signed, sana, at):
    said = {"kind": "training", "title": "A course", "due_on": date(2026, 3, 10)}
    return agreements.promise(signed, by=sana, at=at, **said)


def proof():
    return SimpleUploadedFile("list.txt", b"Who took part.\n", "text/plain")


def test_a_delivery_is_documented_recorded_and_accepted_by_another(course, sana, seher, at):
    assert shut(course, "record_delivery", sana, at) == ["delivery_is_documented"]
    agreements.document_delivery(course, proof(), title="Who took part", by=sana, at=at)
    delivered = path.step(course, "record_delivery", by=sana, at=at, note="Three days in Islamabad.")
    assert shut(delivered, "accept", sana, at) == ["accepter_did_not_record_the_delivery"]
    with pytest.raises(IntegrityError, match="deliverable_accepter"), transaction.atomic():
        Deliverable.objects.update(accepted_by=sana)
    accepted = path.step(delivered, "accept", by=seher, at=at)
    assert (accepted.state, accepted.accepted_by) == ("accepted", seher)
    with pytest.raises(ValidationError, match="accepted; nothing is added"):
        agreements.document_delivery(accepted, proof(), title="More", by=sana, at=at)


def test_a_delivery_is_sent_back_or_dropped_with_a_word(course, sana, seher, at):
    agreements.document_delivery(course, proof(), title="Who took part", by=sana, at=at)
    path.step(course, "record_delivery", by=sana, at=at, note="One day only.")
    with pytest.raises(MoveRefused):
        path.step(course, "send_back", by=seher, at=at)
    assert path.step(course, "send_back", by=seher, at=at, note="Two days are wanting.").state == "promised"
    assert path.step(course, "drop", by=seher, at=at, note="Nobody has the time.").state == "dropped"


def test_what_is_promised_is_late_the_day_after(course, later):
    assert [course.is_late(later(days)) for days in (6, 7)] == [False, True]


def test_nothing_is_delivered_or_promised_under_an_agreement_that_has_ended(course, signed, sana, at):
    path.step(signed, "end", by=sana, at=at, note="Both sides agreed.")
    assert shut(course, "record_delivery", sana, at) == ["agreement_is_signed", "delivery_is_documented"]
    with pytest.raises(ValidationError, match="has ended"):
        agreements.promise(signed, by=sana, at=at, kind="advice", title="A paper")


def test_a_document_of_no_firm_is_the_states_own(course, sana, amina, omar, at):
    agreements.document_delivery(course, proof(), title="Who took part", by=sana, at=at)
    found = documents.documents_of(course)
    assert [(each.firm, each.for_applicant) for each in found] == [(None, False)]
    assert (list(found.visible_to(amina)), list(found.visible_to(omar))) == ([], list(found))
    with pytest.raises(IntegrityError, match="document_of_no_firm_is_ours"), transaction.atomic():
        documents.attach(course, proof(), firm=None, title="For all", by=sana, at=at)
