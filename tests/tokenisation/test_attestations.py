"""What a custodian says of a reserve: recorded by one, accepted by another, and what it backs until it runs out."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from pvara.kernel import audit, roles
from pvara.kernel.machine import MoveRefused, moves_of
from tests.tokenisation.conftest import seen
from tests.tokenisation.test_assets import attest, gold
from tests.tokenisation.test_invariants import BACKED
from tokenisation import invariants
from tokenisation.actions.assets import amend_draft, issue_asset
from tokenisation.actions.attestations import record_attestation
from tokenisation.actions.night import run_night
from tokenisation.ledger import PostingRefused, post
from tokenisation.models import Asset, CommodityTerms, ReserveAttestation
from tokenisation.states import EntryKind


@pytest.fixture
def reserve(propose) -> Asset:
    """A thousand units of ten grams of gold, in draft: 12,500 grams cover them after the haircut."""
    return gold(propose)


@pytest.fixture
def record(reserve, daud, at):
    """`record(quantity=…, …)`: what daud records of a document of today that holds for ninety days."""

    def recorded(**changed):
        said = {
            "custodian": "State Bank of Pakistan",
            "quantity": 12_500,
            "unit_of_measure": "gram",
            "as_of": at,
            "expires_at": changed.get("as_of", at) + timedelta(days=90),
            "document_sha256": "0" * 64,
            "by": daud,
            "at": at,
        }
        return record_attestation(reserve, **{**said, **changed})

    return recorded


@pytest.fixture
def shut(at):
    """`shut(attestation, "accept", by, on)`: the gates of the move that are shut."""

    def asked(attestation, name, by=None, on=None):
        fresh = ReserveAttestation.objects.get(pk=attestation.pk)
        gates = moves_of(ReserveAttestation)[name].gates
        return [each.code for each in gates if not each.verdict(fresh, by=by, at=on or at, move=name)]

    return asked


@pytest.fixture
def issued(reserve, record, approvable, move, daud, dua, at) -> Asset:
    asset = approvable(reserve)
    move(record(), "accept", dua)
    asset = move(asset, "approve", dua)
    return issue_asset(asset, expected_version=asset.version, by=daud, at=at)


def last(subject):
    return audit.history(subject).last()


def states() -> list[str]:
    return list(ReserveAttestation.objects.order_by("pk").values_list("state", flat=True))


# ── Recording ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_one_records_what_the_document_says(reserve, record, daud, dua, amina, at):
    made = record()
    assert (made.state, made.reference[:8], str(made)) == (
        "submitted",
        "RA-2026-",
        "12,500 gram with State Bank of Pakistan on 4 March 2026",
    )
    assert [(each.event, each.actor) for each in audit.history(made)] == [("recorded", daud)]
    assert last(reserve).event == "attestation_recorded"
    for person in (dua, amina):
        with pytest.raises(PermissionDenied):
            record(by=person)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"unit_of_measure": "ounce"}, {"unit_of_measure": ["The terms count in gram."]}),
        ({"custodian": "A bank"}, {"custodian": ["The terms name as custodian: State Bank of Pakistan."]}),
        (
            {"expires_at": timedelta(days=90, seconds=1)},
            {"expires_at": ["An attestation holds for 90 days at the most."]},
        ),
        ({"expires_at": timedelta(0)}, {"expires_at": ["An attestation runs out after the moment it speaks of."]}),
        (
            {"as_of": timedelta(seconds=1)},
            {"as_of": ["Give the moment of which the custodian's document speaks: it has not come yet."]},
        ),
        (
            {"as_of": timedelta(days=-90), "expires_at": timedelta(0)},
            {"expires_at": ["It has run out already: ask the custodian for a newer one."]},
        ),
    ],
)
def test_what_does_not_hold_together_is_refused_by_its_field(record, at, changed, wrong):
    moments = {name: at + by for name, by in changed.items() if isinstance(by, timedelta)}
    with pytest.raises(ValidationError) as refused:
        record(**{**changed, **moments})
    assert refused.value.message_dict == wrong
    assert not ReserveAttestation.objects.exists()


def test_how_long_it_may_hold_is_the_figure_of_the_day(record, says, at):
    says("programme.attestation_days", 30)
    with pytest.raises(ValidationError, match="30 days at the most"):
        record()
    assert record(expires_at=at + timedelta(days=30)).state == "submitted"


def test_only_a_commoditys_reserve_is_attested(propose, daud, at):
    with pytest.raises(MoveRefused) as refused:
        attest(propose(), quantity=1, daud=daud, at=at)
    assert [each.code for each in refused.value.unmet] == ["asset_is_commodity"]


# ── Deciding ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_another_accepts_it_and_only_then_it_backs_units(reserve, record, approvable, move, dua, at):
    asset, made = approvable(reserve), record()
    with pytest.raises(MoveRefused) as refused:
        move(asset, "approve", dua)
    assert [str(each) for each in refused.value.unmet] == [
        "The reserve behind the asset is not attested. No accepted attestation of the reserve is in force. "
        f"{made.reference} waits to be accepted."
    ]
    made = move(made, "accept", dua)
    assert (made.state, made.decided_by) == ("accepted", dua)
    assert move(asset, "approve", dua).state == "approved"
    assert "attestation_accepted" in [each.event for each in audit.history(asset)]


def test_whoever_recorded_it_does_not_decide_on_it(record, move, shut, daud, dua, at):
    roles.grant(daud, "debt_approver", by=None, at=at)
    made = record()
    for name in ("accept", "reject"):
        assert shut(made, name, daud) == ["attestation_decider_is_not_recorder"]
        assert shut(made, name, dua) == []
        with pytest.raises(MoveRefused):
            move(made, name, daud)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReserveAttestation.objects.filter(pk=made.pk).update(decided_by=daud)
    assert states() == ["submitted"]


def test_a_rejection_has_reasons_and_backs_nothing(reserve, record, move, dua, at):
    made = move(record(), "reject", dua, note="The document is of last year.")
    assert (made.state, made.decided_by, reserve.attestation_at(at)) == ("rejected", dua, None)
    told = last(reserve)
    assert (told.event, told.note) == ("attestation_rejected", "The document is of last year.")
    with pytest.raises(MoveRefused):
        move(made, "accept", dua)


def test_it_is_accepted_while_it_is_in_force(record, shut, at):
    made = record()
    gate = "attestation_is_in_force"
    moments = [at - timedelta(seconds=1), at, at + timedelta(days=90, seconds=-1), at + timedelta(days=90)]
    assert [gate in shut(made, "accept", on=on) for on in moments] == [True, False, False, True]


def test_it_is_accepted_where_it_says_what_the_terms_say(reserve, record, shut, daud, at):
    """The terms of a draft may be amended after an attestation was recorded."""
    made = record()
    assert shut(made, "accept") == []
    names = [field.name for field in CommodityTerms._meta.fields if field.name not in ("id", "asset")]
    said = {name: getattr(reserve.commodity_terms, name) for name in names}
    terms = CommodityTerms(**{**said, "unit_of_measure": "ounce"})
    amend_draft(reserve, terms=terms, seen=seen(reserve), by=daud, at=at)
    assert shut(made, "accept") == ["attestation_suits_the_terms"]


# ── The later one ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_later_one_takes_its_place(reserve, record, move, shut, dua, at, later):
    first = move(record(as_of=at - timedelta(days=2)), "accept", dua)
    second, third = record(quantity=13_000, as_of=at - timedelta(days=1)), record(quantity=9)
    assert shut(first, "supersede") == ["a_later_attestation_is_accepted"]
    move(third, "accept", dua)
    assert states() == ["superseded", "submitted", "accepted"]
    assert reserve.attestation_at(at) == third
    assert shut(second, "accept", dua) == ["no_later_attestation_is_accepted"]
    assert (last(first).event, last(first).actor) == ("supersede", None)


def test_one_that_is_withdrawn_backs_nothing_and_the_one_before_does_not_come_back(
    reserve, record, move, daud, dua, at
):
    move(record(as_of=at - timedelta(days=1)), "accept", dua)
    second = move(record(), "accept", dua)
    move(second, "withdraw", daud, note="The custodian has taken it back.")
    assert (states(), reserve.attestation_at(at)) == (["superseded", "withdrawn"], None)
    assert last(reserve).event == "attestation_withdrawn"
    # An earlier document may be accepted then: nothing later stands any more.
    assert move(record(as_of=at - timedelta(hours=1)), "accept", dua).state == "accepted"


def test_who_sees_what_a_custodian_says(record, move, daud, dua, aisha, amina, stranger, omar):
    accepted, waiting = move(record(), "accept", dua), record()
    rows = ReserveAttestation.objects
    for person in (daud, dua, aisha):
        assert set(rows.visible_to(person)) == set(rows.told_to(person)) == {accepted, waiting}
    for person in (amina, stranger, omar):
        # With an asset that they may see, what is accepted of it.
        assert (list(rows.visible_to(person)), list(rows.told_to(person))) == ([], [accepted])


# ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_night_marks_what_has_run_out(record, move, shut, dua, at, later):
    accepted, waiting = move(record(), "accept", dua), record(expires_at=at + timedelta(days=30))
    run_night(at=later(29))
    assert states() == ["accepted", "submitted"]
    run_night(at=later(30))
    assert states() == ["accepted", "expired"]
    assert shut(accepted, "expire", on=later(89)) == ["attestation_has_run_out"]
    for _ in range(2):
        run_night(at=later(90))
        assert states() == ["expired", "expired"]
    assert [each.event for each in audit.history(waiting)] == ["recorded", "expire"]
    assert list(audit.verify()) == []


def test_it_backs_nothing_from_the_moment_on_at_which_it_runs_out(reserve, record, move, dua, at):
    """Whether or not the night has marked it."""
    made = move(record(), "accept", dua)
    end = at + timedelta(days=90)
    assert [reserve.attestation_at(on) for on in (at, end - timedelta(seconds=1), end)] == [made, made, None]


# ── The ledger ───────────────────────────────────────────────────────────────────────────────────────────────────────
def refused_by_the_ledger(asset, daud, at, key="more"):
    with pytest.raises(PostingRefused) as refused, transaction.atomic():
        post(EntryKind.ISSUE, asset, units=1, key=key, maker_id=daud.pk, at=at)
    return refused.value.code


def test_the_ledger_itself_issues_on_an_accepted_one_alone(issued, record, move, daud, dua, at):
    Asset.objects.filter(pk=issued.pk).update(authorised_units=1_001)
    more = record(quantity=12_513)
    assert refused_by_the_ledger(issued, daud, at) == "not_backed"
    move(more, "reject", dua)
    assert refused_by_the_ledger(issued, daud, at) == "not_backed"
    more = move(record(quantity=12_513), "accept", dua)
    move(more, "withdraw", dua)
    assert refused_by_the_ledger(issued, daud, at) == "not_backed"
    move(record(quantity=12_513), "accept", dua)
    assert post(EntryKind.ISSUE, issued, units=1, key="more", maker_id=daud.pk, at=at).seq == 2


def test_units_that_an_accepted_one_covers_no_more_are_found_in_the_night(issued, record, move, dua, at):
    def broken():
        return [each.name for each in invariants.check()]

    record(quantity=1)
    assert broken() == []  # nobody has accepted it
    fewer = move(record(quantity=12_499), "accept", dua)
    assert broken() == [BACKED]
    move(fewer, "withdraw", dua)
    assert broken() == [BACKED]
    move(record(), "accept", dua)
    assert broken() == []
    run_night(at=at + timedelta(days=91))
    assert (states().count("expired"), broken()) == (2, [])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tokenisation_reserveattestation SET quantity = 1",
        "UPDATE tokenisation_reserveattestation SET expires_at = expires_at + interval '1 day'",
        "UPDATE tokenisation_reserveattestation SET document_sha256 = repeat('1', 64)",
        "UPDATE tokenisation_reserveattestation SET state = 'expired'",
        "UPDATE tokenisation_reserveattestation SET decided_by_id = NULL",
        "UPDATE tokenisation_reserveattestation SET decided_by_id = recorded_by_id",
        "DELETE FROM tokenisation_reserveattestation",
    ],
)
def test_the_database_keeps_what_was_recorded_and_decided(record, move, dua, statement):
    move(record(), "accept", dua)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
