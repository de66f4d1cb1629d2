"""Nobody decides a case that they own, assessed or recommended; and whoever runs the accounts decides nothing."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from licensing.models import LicenceApplication, NocApplication, Rating
from pvara.demo import path
from pvara.kernel import audit, roles
from pvara.kernel.machine import machines, may, moves_of, unmet
from pvara.kernel.models import User
from tests.licensing import judging


def shut(subject, name, *, by, at):
    fresh = type(subject)._base_manager.get(pk=subject.pk)
    return {each.code for each in unmet(fresh, name, by=by, at=at)}


@pytest.fixture
def also(at):
    def grant(person, code):
        roles.grant(person, code, by=None, at=at)
        return person

    return grant


@pytest.fixture
def assessed(firm, people, at):
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    path.rate_everything(firm, "NOC", people=people, at=at)
    return case


@pytest.fixture
def recommended(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="recommended")


# ── The case officer ─────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("move", ["grant_noc", "grant_with_conditions", "notify_refusal"])
def test_the_case_officer_decides_no_noc(recommended, people, at, also, move):
    assert "decider_is_not_case_officer" in shut(recommended, move, by=also(people.officer, "committee_member"), at=at)
    assert "decider_is_not_case_officer" not in shut(recommended, move, by=people.member, at=at)


def test_the_case_officer_decides_nothing_about_a_noc_that_was_granted(firm, people, at, also):
    case = path.noc_case(firm, people=people, at=at)
    officer = also(also(people.officer, "committee_member"), "supervisor")
    for move in ("suspend_noc", "revoke_noc"):
        assert "decider_is_not_case_officer" in shut(case, move, by=officer, at=at)
        assert "decider_is_not_case_officer" not in shut(case, move, by=people.member, at=at)


def test_the_case_officer_confirms_no_set_up(firm, people, at, also):
    case = path.noc_case(firm, people=people, at=at)
    officer = also(people.officer, "supervisor")
    assert "decider_is_not_case_officer" in shut(case.setup, "confirm_setup", by=officer, at=at)
    assert "decider_is_not_case_officer" not in shut(case.setup, "confirm_setup", by=people.supervisor, at=at)


# ── The recommender ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_who_recommends_had_no_part_in_the_assessment(assessed, people, at, also):
    found = {
        part: shut(assessed, "recommend", by=also(getattr(people, part), "supervisor"), at=at)
        for part in ("officer", "assessor", "moderator", "supervisor")
    }
    assert found == {
        "officer": {"recommender_is_not_case_officer"},
        "assessor": {"recommender_did_not_assess"},
        "moderator": {"recommender_did_not_assess"},
        "supervisor": set(),
    }


def test_who_recommended_an_open_case_neither_rates_nor_moderates(firm, recommended, people, at, also, criterion):
    supervisor = also(also(people.supervisor, "assessor"), "moderator")
    with pytest.raises(PermissionDenied, match="You recommended NOC-2026-"):
        judging.rate(firm, criterion("1.1"), by=supervisor, at=at, rating=4, rationale="Better.")
    given = judging.rate(firm, criterion("1.1"), by=people.assessor, at=at, rating=2, rationale="Read again.")
    with pytest.raises(PermissionDenied, match="which is not decided yet"):
        judging.moderate(given, by=supervisor, at=at)


def test_who_recommended_a_case_that_is_closed_may_assess_the_next(firm, people, at, also, criterion):
    path.noc_case(firm, people=people, at=at)
    supervisor = also(people.supervisor, "assessor")
    judging.rate(firm, criterion("1.1"), by=supervisor, at=at, rating=4, rationale="Read.")
    assert Rating.objects.get(firm=firm, criterion__code="1.1", current=True).assessor == supervisor


# ── The same in the database ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("field", ["recommended_by", "decided_by", "rejected_by", "suspended_by", "revoked_by"])
def test_the_database_keeps_the_officer_of_a_noc_from_it(recommended, people, field):
    with pytest.raises(IntegrityError, match="has or had this case in hand"), transaction.atomic():
        NocApplication.objects.filter(pk=recommended.pk).update(**{field: people.officer})


@pytest.mark.parametrize("field", ["recommended_by", "decided_by", "rejected_by", "granted_by"])
def test_the_database_keeps_the_officer_of_a_licence_from_it(firm, people, at, field):
    granted = path.noc_case(firm, people=people, at=at)
    done = path.confirmed_setup(granted, people=people, at=at)
    case = path.full_case(done, people=people, at=at, until="under_assessment")
    with pytest.raises(IntegrityError, match="has or had this case in hand"), transaction.atomic():
        LicenceApplication.objects.filter(pk=case.pk).update(**{field: people.officer})
    with pytest.raises(IntegrityError, match="assessed or moderated this firm"), transaction.atomic():
        LicenceApplication.objects.filter(pk=case.pk).update(**{field: people.moderator})


@pytest.mark.parametrize("field", ["recommended_by", "decided_by"])
@pytest.mark.parametrize("part", ["assessor", "moderator"])
def test_the_database_keeps_who_assessed_from_deciding(assessed, people, field, part):
    with pytest.raises(IntegrityError, match="assessed or moderated this firm"), transaction.atomic():
        NocApplication.objects.filter(pk=assessed.pk).update(**{field: getattr(people, part)})


# ── The administrator ────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_administrator_makes_no_move_of_any_machine(firm, people, adil, at):
    # What the firm holds on its own case, the administrator does not hold either.
    case = path.noc_case(firm, people=people, at=at, until="draft")
    deciding = {
        f"{model._meta.label_lower}.{row.name}"
        for model in machines()
        for row in moves_of(model).values()
        if any(adil.has_perm(permission) for permission in row.permissions)
    }
    assert deciding == set()
    assert [row.name for row in moves_of(NocApplication).values() if may(adil, row, case)] == []


def test_the_administrators_permissions_are_those_of_the_accounts(adil):
    assert roles.ROLES["system_administrator"].permissions == {"kernel.grant_roles", "kernel.retry_jobs"}


@pytest.mark.parametrize("code", sorted(set(roles.ROLES) - {"system_administrator"}))
def test_the_administrator_gets_no_other_role_and_nobody_with_one_becomes_it(adil, stranger, at, code):
    with pytest.raises(roles.RolesClash):
        roles.grant(adil, code, by=None, at=at)
    roles.grant(stranger, code, by=None, at=at)
    with pytest.raises(roles.RolesClash):
        roles.grant(stranger, "system_administrator", by=None, at=at)
    assert (roles.of(adil), roles.of(stranger)) == ({"system_administrator"}, {code})


# ── Taking a role away ───────────────────────────────────────────────────────────────────────────────────────────────
def test_a_role_is_taken_away_and_the_log_says_so(dania, adil, at):
    roles.grant(dania, "supervisor", by=adil, at=at)
    assert roles.revoke(dania, "committee_member", by=adil, at=at, reasons="Moved on.") is True
    assert roles.of(dania) == {"supervisor"}
    assert not User.objects.get(pk=dania.pk).has_perm("licensing.decide")
    entry = audit.history(dania).latest("seq")
    assert (entry.event, entry.actor, entry.note, entry.data) == (
        "role_revoked",
        adil,
        "Moved on.",
        {"role": "committee_member"},
    )


def test_what_nobody_holds_is_not_taken_away(dania, adil, at):
    before = audit.history(dania).count()
    assert roles.revoke(dania, "supervisor", by=adil, at=at) is False
    assert audit.history(dania).count() == before


def test_the_last_administrator_stays_and_the_last_but_one_may_go(adil, stranger, at):
    with pytest.raises(roles.RolesClash, match="the last system administrator"):
        roles.revoke(adil, "system_administrator", by=adil, at=at)
    roles.grant(stranger, "system_administrator", by=adil, at=at)
    assert roles.revoke(adil, "system_administrator", by=stranger, at=at) is True


def test_an_administrator_who_has_left_does_not_count(adil, stranger, at):
    roles.grant(stranger, "system_administrator", by=adil, at=at)
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    with pytest.raises(roles.RolesClash, match="the last system administrator"):
        roles.revoke(adil, "system_administrator", by=adil, at=at)
