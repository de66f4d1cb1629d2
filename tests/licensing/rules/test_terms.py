"""What a set-up and its NOC must still be: verified, held, in force, in term."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from licensing.actions import full, setup
from licensing.models.ownership import Holding, Owner, OwnershipStatement
from pvara.demo import answers, path
from pvara.kernel import audit
from pvara.kernel.seen import mark
from tests.licensing.rules import day, shut


# ── Set-up ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_milestone_is_submitted_when_each_particular_is_given(opened, people, at):
    first = opened.milestones.get(code="M1")
    setup.describe_milestone(first, {"subsidiary_name": "Indus", "cuin": " "}, by=people.applicant, at=at)
    assert shut(first, "submit", at=at) == {
        "particulars_are_given": (
            "“SECP CUIN” has no answer.",
            "“Share held by the NOC holder, in per cent” has no answer.",
        ),
        "evidence_is_attached": (),
    }
    seen = mark({"subsidiary_name": "Indus"})
    setup.describe_milestone(first, answers.MILESTONES["M1"], by=people.applicant, at=at, seen=seen)
    assert shut(first, "submit", at=at) == {"evidence_is_attached": ()}
    proof = SimpleUploadedFile("proof.txt", b"The certificate.")
    setup.prove_milestone(first, proof, title="Certificate", by=people.applicant, at=at)
    assert shut(first, "submit", at=at) == {}


def test_unverified_milestones_are_named(opened, people, at):
    for milestone in opened.milestones.all():
        submitted = path.submit_milestone(milestone, people=people, at=at)
        if milestone.code not in ("M3", "M8"):
            path.step(submitted, "verify", by=people.officer, at=at)
    path.step(opened.milestones.get(code="M8"), "find_deficient", by=people.officer, at=at, note="Closed.")
    assert shut(opened, "confirm_setup", by=people.supervisor, at=at)["milestones_are_verified"] == (
        "M3 goAML registration (FMU).",
        "M8 Limited-purpose bank account.",
    )


@pytest.mark.parametrize(
    ("share", "said"),
    [
        ("51", None),
        ("51.00", None),
        ("50.99", "It holds 50.99%; at least 51% is required."),
        ("50.9999999999999999999", "It holds 50.9999999999999999999%; at least 51% is required."),
        (None, "It holds an unknown share; at least 51% is required."),
    ],
)
def test_the_noc_holder_owns_enough_of_the_subsidiary(opened, people, at, share, said):
    setup.describe_milestone(
        opened.milestones.get(code="M1"), {**answers.MILESTONES["M1"], "share": share}, by=people.applicant, at=at
    )
    found = shut(opened, "confirm_setup", by=people.supervisor, at=at)
    assert found.get("subsidiary_is_held") == (None if said is None else (said,))


@pytest.mark.parametrize(
    ("share", "said"),
    [("60", None), ("60.00", None), ("75", "Milestone M1 says 75%, {} says 60%. One of them is wrong.")],
)
def test_the_share_is_that_of_the_statement_of_ownership(opened, people, at, share, said):
    firm, subsidiary = opened.firm, "Indus Pakistan (Pvt) Limited"
    stated = OwnershipStatement.objects.create(
        firm=firm, as_at=at.date(), subsidiary_name=subsidiary, submitted_by=people.applicant, submitted_at=at
    )
    holder, held = (Owner.objects.create(statement=stated, name=name, kind="company") for name in stated.subjects)
    Holding.objects.create(statement=stated, holder=holder, held=held, right="shares", percentage=60)
    Holding.objects.create(statement=stated, holder=holder, held=held, right="votes", percentage=75)
    said_by_m1 = {**answers.MILESTONES["M1"], "share": share}
    setup.describe_milestone(opened.milestones.get(code="M1"), said_by_m1, by=people.applicant, at=at)
    found = shut(opened, "confirm_setup", by=people.supervisor, at=at)
    assert found.get("shares_are_stated_alike") == (None if said is None else (said.format(stated.reference),))


def test_the_share_and_its_minimum_are_kept_in_the_record(confirmed):
    kept = audit.history(confirmed).filter(event="confirm_setup").get().data["gates"]["subsidiary_is_held"]
    assert {key: Decimal(value) for key, value in kept.items()} == {"share": 100, "minimum": 51}


# ── In force ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_noc_is_in_force_through_its_last_day(confirmed, opened, people, at):
    case = path.fill_in(full.open_licence_application(confirmed, by=people.applicant, at=at), people=people, at=at)
    assert shut(case, "submit", at=day(2027, 3, 3, 23, 59)) == {}
    assert shut(case, "submit", at=day(2027, 3, 4)) == {
        "noc_is_in_force": (f"{opened.noc.reference} ended on 3 March 2027.",)
    }


def test_set_up_asks_for_the_noc_too(opened, people, at):
    found = {moment: shut(opened, "confirm_setup", at=moment) for moment in (day(2027, 3, 3, 23, 59), day(2027, 3, 4))}
    ended = (f"{opened.noc.reference} ended on 3 March 2027.",)
    assert [each.get("noc_is_in_force") for each in found.values()] == [None, ended]


def test_the_grant_asks_for_the_noc_too(full_recommended, people, at):
    case = path.decide(full_recommended, "approve_with_conditions", people=people, at=at)
    found = shut(case, "grant_licence", by=people.board, at=day(2027, 3, 4))
    assert found["noc_is_in_force"] == (f"{case.noc.reference} ended on 3 March 2027.",)


def test_a_licence_is_reinstated_within_its_term(suspended, danish, at):
    assert shut(suspended, "reinstate", by=danish, at=at) == {}
    assert "licence_is_in_term" not in shut(suspended, "reinstate", by=danish, at=day(2027, 3, 3, 23, 59))
    found = shut(suspended, "reinstate", by=danish, at=day(2027, 3, 4))
    assert found["licence_is_in_term"] == ("It ended on 3 March 2027.",)


def test_g4_at_its_bar_and_just_below(suspended, danish, at, rerate):
    assert suspended.score(at).total == 75
    assert shut(suspended, "reinstate", by=danish, at=at) == {}
    rerate("1.8", 2, at=at)
    assert shut(suspended, "reinstate", by=danish, at=at) == {
        "score_clears_g4": ("The total is 74.75%; the bar is 75.00%.",)
    }
