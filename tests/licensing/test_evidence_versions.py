"""Versions of a document: what a newer one may replace, what its acceptance does to the older, and what a rejection."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.utils import timezone

from licensing.actions.evidence import (
    mark_expired_evidence,
    mark_expiring_evidence,
    remind_of_expiry,
    upload_evidence,
)
from licensing.history.scored import Scored, sheets
from licensing.models import Criterion, Evidence, EvidenceKind, EvidenceLink
from licensing.models.scores import expiries_of, facts, score_of
from licensing.scoring import EvidenceStanding
from pvara.demo import path
from pvara.kernel import audit
from pvara.kernel.machine import perform
from pvara.kernel.models import Job
from tests.licensing.rules import shut


@pytest.fixture
def upload(firm, amina, at, criterion):
    """`upload(b"one", replaces=earlier)`: as amina sends it, a policy."""

    def send(content=b"The policy.", *, of=firm, codes=("1.1",), kind="policy", on=at, replaces=None):
        file = SimpleUploadedFile("policy.txt", content, "text/plain")
        told = {"title": "Policy", "kind": EvidenceKind.objects.get(code=kind), "replaces": replaces}
        return upload_evidence(of, by=amina, at=on, file=file, **told, criteria=[criterion(each) for each in codes])

    return send


@pytest.fixture
def move(omar, at):
    def make(piece, name, *, by=omar, on=at, note="Read."):
        piece = Evidence.objects.get(pk=piece.pk)
        return perform(piece, name, by=by, at=on, expected_version=piece.version, note=note)

    return make


@pytest.fixture
def second(upload, move):
    """The first version is accepted, the second waits."""
    return upload(b"The second policy.", codes=[], replaces=move(upload(), "accept"))


def states(piece):
    return [(each.edition, each.state) for each in piece.versions]


def night(on):
    mark_expiring_evidence(at=on)
    mark_expired_evidence(at=on)


# ── What replaces what ───────────────────────────────────────────────────────────────────────────────────────────────
def test_a_newer_version_serves_what_the_earlier_one_serves_and_is_on_record(upload):
    first = upload(codes=["1.1", "1.8"])
    second = upload(b"The second policy.", codes=[], replaces=first)
    assert (second.replaces, second.edition, first.edition) == (first, 2, 1)
    assert [link.criterion.code for link in second.links.all()] == ["1.1", "1.8"]
    entry = audit.history(second).get()
    assert (entry.data["replaces"], entry.data["edition"]) == (first.reference, 2)
    assert second.versions == [second, first]
    assert first.versions == [second, first]
    assert upload(b"Another.").versions[0].edition == 1


def test_a_newer_version_may_serve_more_and_never_less(upload):
    first = upload(codes=["1.1", "1.8"])
    with pytest.raises(ValidationError) as refusal:
        upload(codes=["1.1"], replaces=first)
    assert refusal.value.message_dict == {
        "criteria": [
            "The earlier version serves 1.8 too: choose that as well, or upload this as a document of its own."
        ]
    }
    third = upload(codes=["1.1", "1.8", "2.3"], replaces=first)
    assert sorted(link.criterion.code for link in third.links.all()) == ["1.1", "1.8", "2.3"]


def test_a_criterion_that_is_asked_no_longer_is_carried_along(upload, people, firm, at):
    """A case under the framework that still has it goes on counting it."""
    first = upload()
    draft = path.drafted_framework("2.0", date(2026, 6, 1), people=people, at=at)
    dropped = Criterion.objects.get(domain__framework=draft, code="1.8")
    Criterion.objects.filter(pk=dropped.pk).update(code="1.99")
    EvidenceLink.objects.create(evidence=first, criterion=dropped)
    second = upload(codes=["1.1"], replaces=first)
    assert [link.criterion.code for link in second.links.all()] == ["1.1", "1.99"]


def test_a_version_is_replaced_once_and_the_refusal_names_the_latest(upload):
    first = upload()
    second = upload(b"The second policy.", replaces=first)
    with pytest.raises(ValidationError) as refusal:
        upload(b"A third.", replaces=first)
    assert refusal.value.message_dict == {
        "replaces": [f"{first.reference} was replaced already: replace {second.reference}, version 2."]
    }
    assert Evidence.objects.count() == 2


def test_a_document_of_another_firm_is_not_replaced(upload, licence, amina):
    with pytest.raises(ValidationError, match="no document of the firm"):
        upload(of=licence.firm, replaces=upload())


# ── The same in the database ─────────────────────────────────────────────────────────────────────────────────────────
def test_the_database_keeps_versions_in_one_firm_and_in_one_line(second, licence):
    first = second.replaces
    copy = {
        field.attname: getattr(first, field.attname)
        for field in Evidence._meta.concrete_fields
        if field.name not in ("id", "state", "version", "accepted_by", "replaces", "edition")
    }

    def refused(match, **changed):
        with pytest.raises(DatabaseError, match=match), transaction.atomic():
            Evidence.objects.create(**{**copy, **changed})

    refused("replaces_id", replaces=first, edition=2)
    refused("does not follow", replaces=second, edition=2)
    refused("does not follow", replaces=second, edition=4)
    refused("does not follow", replaces=second, edition=3, firm_id=licence.firm_id)
    refused("first_edition_replaces_none", edition=2)
    Evidence.objects.create(**copy, replaces=second, edition=3)


def test_no_version_is_moved_so_no_line_comes_back_to_where_it_began(upload, second):
    first = second.replaces
    for changed in ({"replaces": second, "edition": 3}, {"edition": 2}, {"replaces": first}):
        with pytest.raises(DatabaseError, match="keeps its firm"), transaction.atomic():
            Evidence.objects.filter(pk=first.pk).update(**changed)


# ── What acceptance does ─────────────────────────────────────────────────────────────────────────────────────────────
def test_the_earlier_version_counts_until_the_newer_one_is_accepted(firm, second, rated, move, later):
    def line(on):
        return next(each for each in score_of(firm, "NOC", on).lines if each.criterion.code == "1.1")

    rated("1.1", 4)
    assert expiries_of(firm) == {"1.1": (date(2027, 3, 4),)}
    assert states(second) == [(2, "uploaded"), (1, "accepted")]
    move(second, "accept", on=later(30))
    assert states(second) == [(2, "accepted"), (1, "superseded")]
    assert expiries_of(firm) == {"1.1": (date(2027, 4, 3),)}
    assert (line(later(380)).effective, line(later(380)).evidence) == (4, EvidenceStanding.VALID)
    # What a decision keeps names the file that counts, and no other.
    assert facts(score_of(firm, "NOC", later(30)), firm)["criteria"]["1.1"]["sha256"] == [second.sha256]


def test_both_engines_say_the_same_of_a_line_of_versions(firm, upload, second, rated, move, later, criterion):
    rated("1.1", 4)
    framework = criterion("1.1").domain.framework_id
    third = upload(b"The third policy.", codes=[], replaces=second)
    for name, piece in (("accept", second), ("accept", third), ("reject", third), ("reject", second)):
        move(piece, name, on=later(30))
        for on in (later(30), later(370), later(400), later(440)):
            line = next(each for each in score_of(firm, "NOC", on).lines if each.criterion.code == "1.1")
            subject = Scored(firm.pk, "NOC", framework)
            held = sheets([subject], on=timezone.localdate(on))[subject.key].held["1.1"]
            assert (held.effective, held.evidence) == (line.effective, line.evidence)


def test_of_what_is_superseded_nobody_is_reminded(upload, second, move, later):
    def told(on):
        remind_of_expiry(at=on)
        return Job.objects.filter(kind="notice", key__startswith="notice:evidence-expires:").count()

    first = second.replaces
    # Good through 4 March 2027: the newer version waits, so the firm is told 60 days before.
    assert (told(later(304)), told(later(305))) == (0, 1)
    move(second, "accept", on=later(306))
    assert told(later(335)) == 1
    night(later(380))
    assert states(first) == [(2, "accepted"), (1, "superseded")]


def test_what_waits_or_has_expired_is_superseded_too_and_what_was_rejected_stays_so(upload, second, move, later):
    third = upload(b"The third policy.", codes=[], replaces=second)
    fourth = upload(b"The fourth policy.", codes=[], replaces=third)
    move(third, "reject")
    night(later(366))
    assert states(fourth) == [(4, "uploaded"), (3, "rejected"), (2, "uploaded"), (1, "expired")]
    move(fourth, "accept", on=later(367))
    assert states(fourth) == [(4, "accepted"), (3, "rejected"), (2, "superseded"), (1, "superseded")]
    assert [(each.event, each.actor) for each in audit.history(third.replaces)][1:] == [("supersede", None)]


# ── What a rejection does ────────────────────────────────────────────────────────────────────────────────────────────
def test_when_the_newer_version_is_rejected_the_one_before_counts_again(firm, upload, second, move, later):
    third = upload(b"The third policy.", codes=[], replaces=second)
    move(third, "accept", on=later(30))
    assert states(third) == [(3, "accepted"), (2, "superseded"), (1, "superseded")]
    # The second waited, and waits again; until somebody has looked at it the first is what counts.
    move(third, "reject", on=later(31))
    assert states(third) == [(3, "rejected"), (2, "uploaded"), (1, "accepted")]
    assert expiries_of(firm) == {"1.1": (date(2027, 3, 4),)}
    move(second, "accept", on=later(32))
    assert states(third) == [(3, "rejected"), (2, "accepted"), (1, "superseded")]


def test_only_the_last_accepted_version_comes_back(upload, second, move, later):
    move(second, "accept", on=later(10))
    third = upload(b"The third policy.", codes=[], replaces=second)
    move(third, "accept", on=later(20))
    move(third, "reject", on=later(21))
    assert states(third) == [(3, "rejected"), (2, "accepted"), (1, "superseded")]


def test_a_version_that_waits_when_a_newer_one_counts_changes_nothing_by_its_rejection(upload, second, move, later):
    move(second, "reject")
    assert states(second) == [(2, "rejected"), (1, "accepted")]


def test_the_gates_of_a_version_open_and_shut(upload, second, move, at):
    first = second.replaces
    assert shut(first, "supersede", at=at) == {"newer_version_is_accepted": ()}
    move(second, "accept")
    # Both in place of the rest: nothing is accepted twice in a line.
    assert shut(first, "count_again", at=at) == {"no_newer_version_is_accepted": ()}
    assert shut(first, "wait_again", at=at) == {
        "no_newer_version_is_accepted": (),
        "document_was_not_accepted_itself": (),
    }
    Evidence.objects.filter(pk=first.pk).update(accepted_by=None)
    assert shut(first, "count_again", at=at) == {
        "no_newer_version_is_accepted": (),
        "document_was_accepted_itself": (),
    }
    assert shut(first, "wait_again", at=at) == {"no_newer_version_is_accepted": ()}
