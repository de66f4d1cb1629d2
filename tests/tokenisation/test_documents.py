"""The documents of an asset: editions, who hands in and who publishes, what stays for ever, and what waits for them."""

import hashlib
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from pvara.kernel import audit, roles
from pvara.kernel.machine import MoveRefused, moves_of
from tests.tokenisation.conftest import debt_terms, hand_in, hand_in_needed
from tokenisation.actions.documents import hand_in_document
from tokenisation.models import Asset, AssetDocument
from tokenisation.states import DocumentKind

OFFERING, OPINION, SHARIAH = DocumentKind.OFFERING, DocumentKind.LEGAL_OPINION, DocumentKind.SHARIAH_OPINION


def shut(subject, name, code, *, by=None, at):
    """Whether that gate of the move is shut, and the particulars."""
    (gate,) = [each for each in moves_of(type(subject))[name].gates if each.code == code]
    verdict = gate.verdict(type(subject).objects.get(pk=subject.pk), by=by, at=at, move=name)
    return list(verdict.details) or True if not verdict else False


def refusals(refused) -> list[str]:
    return [each.code for each in refused.value.unmet]


def content(document) -> bytes:
    with document.file.open() as file:
        return file.read()


# ── Handing in ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_document_is_kept_with_its_hash_and_what_it_really_is(propose, daud, at):
    asset = propose()
    file = SimpleUploadedFile("../Offering circular.pdf", b"Words.\n", "application/pdf")
    made = hand_in_document(asset, file=file, kind=OFFERING, title=" Circular ", by=daud, at=at)
    made.refresh_from_db()
    assert (made.title, made.edition, made.supersedes, made.state) == ("Circular", 1, None, "handed_in")
    assert (made.file_name, made.content_type, made.size) == ("Offering_circular.pdf", "text/plain", 7)
    assert made.sha256 == hashlib.sha256(b"Words.\n").hexdigest()
    assert content(made) == b"Words.\n"
    data = {"kind": "offering", "title": "Circular", "edition": 1, "sha256": made.sha256}
    assert [(each.event, each.data) for each in audit.history(made)] == [("handed_in", data)]
    last = audit.history(asset).last()
    assert (last.event, last.data) == ("document_handed_in", {"document": made.reference, **data})


def test_only_a_debt_officer_hands_in(propose, dua, aisha, amina, stranger, at):
    asset = propose()
    for person in (dua, aisha, amina, stranger):
        with pytest.raises(PermissionDenied):
            hand_in(asset, OFFERING, by=person, at=at)


def test_what_is_no_document_is_refused_and_says_what_to_do(propose, daud, at):
    asset = propose()
    for content, said in ((b"", "The file is empty."), (b"MZ\x90\x00" + b"\x00" * 100, "The file is of the type")):
        with pytest.raises(ValidationError) as refused:
            hand_in_document(
                asset, file=SimpleUploadedFile("a.pdf", content), kind=OFFERING, title="Circular", by=daud, at=at
            )
        assert refused.value.message_dict["file"][0].startswith(said)
    with pytest.raises(ValidationError) as refused:
        hand_in_document(asset, file=SimpleUploadedFile("a.txt", b"a"), kind=OFFERING, title=" ", by=daud, at=at)
    assert refused.value.message_dict == {"title": ["Give the document a title."]}
    assert not asset.documents.exists()


def test_an_infected_file_is_not_kept(propose, daud, at, monkeypatch):
    monkeypatch.setattr("pvara.kernel.uploads._scan", lambda content: "infected")
    with pytest.raises(ValidationError) as refused:
        hand_in(propose(), OFFERING, by=daud, at=at)
    assert refused.value.message_dict["file"] == [
        "The virus scan found something in the file. Clean it and choose it again."
    ]


def test_the_same_kind_and_title_make_the_next_edition(propose, daud, at):
    asset = propose()
    first, second = (hand_in(asset, OFFERING, words=words, by=daud, at=at) for words in ("One.", "Two."))
    other = hand_in(asset, OFFERING, words="One.", title="Supplement", by=daud, at=at)
    assert [(each.edition, each.supersedes) for each in (first, second, other)] == [(1, None), (2, first), (1, None)]
    with pytest.raises(ValidationError) as refused:
        hand_in(asset, OFFERING, words="Two.", by=daud, at=at)
    assert refused.value.message_dict == {"file": ["This is edition 2 byte for byte. Choose another file."]}


def test_what_was_withdrawn_is_not_superseded_and_its_number_is_not_used_again(propose, move, daud, at):
    asset = propose()
    first = hand_in(asset, OFFERING, words="One.", by=daud, at=at)
    move(hand_in(asset, OFFERING, words="Two.", by=daud, at=at), "withdraw", daud)
    third = hand_in(asset, OFFERING, words="Two.", by=daud, at=at)
    assert (third.edition, third.supersedes) == (3, first)


def test_an_asset_that_was_given_up_takes_in_nothing(propose, move, daud, at):
    asset = move(propose(), "withdraw", daud)
    with pytest.raises(MoveRefused) as refused:
        hand_in(asset, OFFERING, by=daud, at=at)
    assert refusals(refused) == ["asset_is_not_given_up"]


def test_a_document_that_comes_or_goes_in_review_makes_a_new_version_of_the_asset(propose, reviewed, move, daud, at):
    asset = reviewed(propose())
    late = hand_in(asset, DocumentKind.OTHER, by=daud, at=at)
    assert Asset.objects.get(pk=asset.pk).version == asset.version + 1
    move(late, "withdraw", daud)
    assert Asset.objects.get(pk=asset.pk).version == asset.version + 2


# ── Publishing ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_another_person_publishes(propose, move, daud, dua, at):
    roles.grant(daud, "debt_approver", by=None, at=at)
    made = hand_in(propose(), OFFERING, by=daud, at=at)
    assert shut(made, "publish", "publisher_is_not_uploader", by=daud, at=at)
    assert not shut(made, "publish", "publisher_is_not_uploader", by=dua, at=at)
    with pytest.raises(MoveRefused) as refused:
        move(made, "publish", daud)
    assert refusals(refused) == ["publisher_is_not_uploader"]
    made = AssetDocument.objects.get(pk=move(made, "publish", dua).pk)
    assert (made.state, made.published_by, made.published_at) == ("published", dua, at)
    assert audit.history(made.asset).last().event == "document_published"


def test_only_a_debt_approver_publishes(propose, move, daud, aisha, amina, at):
    made = hand_in(propose(), OFFERING, by=daud, at=at)
    for person in (daud, aisha, amina):
        with pytest.raises(PermissionDenied):
            move(made, "publish", person)


def test_an_edition_is_not_published_after_a_later_one(propose, move, daud, dua, at):
    asset = propose()
    first, second = (hand_in(asset, OFFERING, words=words, by=daud, at=at) for words in ("One.", "Two."))
    assert not shut(first, "publish", "no_later_edition_is_published", at=at)
    move(second, "publish", dua)
    assert shut(first, "publish", "no_later_edition_is_published", at=at) == [f"It is edition 2, {second.reference}."]


def test_a_later_edition_supersedes_and_takes_nothing_away(tbill, move, daud, dua, at):
    first = move(hand_in(tbill, OFFERING, words="One.", title="Circular", by=daud, at=at), "publish", dua)
    second = hand_in(tbill, OFFERING, words="Two.", title="Circular", by=daud, at=at)

    def public():
        rows = AssetDocument.objects.public().with_superseded().in_order()
        return [(each.edition, each.is_superseded) for each in rows]

    assert public() == [(1, False)]
    move(second, "publish", dua)
    assert public() == [(2, False), (1, True)]
    assert content(first) == b"One."


def test_who_sees_which(tbill, propose, venue, move, daud, dua, aisha, amina, omar, stranger, at):
    kept = hand_in(tbill, OFFERING, words="One.", title="Circular", by=daud, at=at)
    draft = move(hand_in(propose(), OFFERING, by=daud, at=at), "publish", dua)

    def seen(person):
        return set(AssetDocument.objects.visible_to(person)) & {kept, draft}

    assert [seen(each) for each in (daud, dua, aisha)] == [{kept, draft}] * 3
    assert [seen(each) for each in (amina, omar, stranger)] == [set()] * 3
    move(kept, "publish", dua)
    assert [seen(each) for each in (amina, omar, stranger)] == [{kept}, set(), set()]


# ── What the database holds ──────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["sha256", "file", "title", "file_name"])
def test_a_row_says_the_same_for_ever(propose, daud, at, name):
    made = hand_in(propose(), OFFERING, by=daud, at=at)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        AssetDocument.objects.filter(pk=made.pk).update(**{name: "0" * 64})


def test_no_row_goes(propose, daud, at):
    made = hand_in(propose(), OFFERING, by=daud, at=at)
    for sql in (f"DELETE FROM tokenisation_assetdocument WHERE id = {made.pk}", "TRUNCATE tokenisation_assetdocument"):
        with transaction.atomic(), connection.cursor() as cursor:
            # What is checked at the end of a transaction is checked now, or nothing could be truncated.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
                cursor.execute(sql)


def test_what_is_published_stays_so(propose, move, daud, dua, at):
    made = move(hand_in(propose(), OFFERING, by=daud, at=at), "publish", dua)
    for change in ({"published_at": None}, {"published_by": None}, {"state": "withdrawn"}):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            AssetDocument.objects.filter(pk=made.pk).update(**change)


def test_the_database_too_keeps_uploader_and_publisher_apart(propose, daud, at):
    made = hand_in(propose(), OFFERING, by=daud, at=at)
    with pytest.raises(IntegrityError, match="document_publisher_is_not_uploader"), transaction.atomic():
        AssetDocument.objects.filter(pk=made.pk).update(published_by=daud)


# ── What waits for them ──────────────────────────────────────────────────────────────────────────────────────────────
def test_an_asset_waits_for_the_documents_it_rests_on(propose, move, daud, at):
    bill = propose()
    assert shut(bill, "submit_for_review", "documents_are_handed_in", at=at) == [
        "Hand in: Prospectus or offering document.",
        "Hand in: Legal opinion.",
    ]
    offering = hand_in(bill, OFFERING, by=daud, at=at)
    with pytest.raises(MoveRefused) as refused:
        move(bill, "submit_for_review", daud)
    assert [str(each) for each in refused.value.unmet] == [
        "A document that the asset rests on is missing. Hand in: Legal opinion."
    ]
    opinion = hand_in(bill, OPINION, by=daud, at=at)
    move(bill, "submit_for_review", daud)
    # The hashes of what was there when it was submitted are part of the record.
    said = audit.history(bill).last().data["gates"]["documents_are_handed_in"]
    assert said == {"offering": offering.sha256, "legal_opinion": opinion.sha256}


def test_a_claim_of_shariah_waits_for_the_opinion_on_it(propose, daud, at):
    terms = debt_terms(coupon="rental", payments_a_year=2, shariah_compliant=True, maturity_date=date(2029, 3, 1))
    sukuk = propose(kind="sukuk", terms=terms)
    hand_in(sukuk, OFFERING, by=daud, at=at)
    hand_in(sukuk, OPINION, by=daud, at=at)
    assert shut(sukuk, "submit_for_review", "documents_are_handed_in", at=at) == ["Hand in: Shariah opinion."]
    hand_in(sukuk, SHARIAH, by=daud, at=at)
    assert not shut(sukuk, "submit_for_review", "documents_are_handed_in", at=at)


def test_an_asset_is_not_approved_without_a_document_that_was_withdrawn_in_review(
    propose, approvable, move, daud, dua, at
):
    bill = approvable(propose())
    assert not shut(bill, "approve", "documents_are_handed_in", at=at)
    move(bill.documents.get(kind=OPINION), "withdraw", daud)
    with pytest.raises(MoveRefused) as refused:
        move(bill, "approve", dua)
    assert refusals(refused) == ["documents_are_handed_in"]
    hand_in(bill, OPINION, words="Another opinion.", by=daud, at=at)
    assert move(bill, "approve", dua).state == "approved"


def test_what_is_needed_is_handed_in_once(propose, daud, at):
    asset = hand_in_needed(propose(), by=daud, at=at)
    assert sorted(asset.documents.here()) == ["legal_opinion", "offering"]
