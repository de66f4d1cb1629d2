"""What a kind of debt must be: its term, the nominal of a unit and its currency, by the rules of the day."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from pvara.kernel.machine import MoveRefused
from pvara.kernel.models import Holiday
from tests.tokenisation.conftest import debt_terms, hand_in_needed, seen
from tokenisation import instruments
from tokenisation.actions.assets import amend_draft
from tokenisation.models import Asset

ISSUED = date(2026, 3, 4)
BILL_SAYS = (
    "Treasury bill: it runs for 1, 3, 6 or 12 months. Issued on 4 March 2026, it matures on 4 April 2026, 4 June 2026, "
    "4 September 2026 or 4 March 2027, up to 3 days before, or on the next working day."
)


def runs(first: date, last: date, **more: object):
    return debt_terms(issue_date=first, maturity_date=last, **more)


@pytest.mark.parametrize(
    ("maturity_date", "lawful"),
    [
        (date(2026, 4, 4), True),  # a Saturday: paid on Monday, or it says so itself
        (date(2026, 4, 6), True),
        (date(2026, 4, 7), False),
        (date(2026, 4, 1), True),  # four weeks
        (date(2026, 3, 31), False),
        (date(2026, 6, 3), True),  # thirteen weeks
        (date(2026, 6, 4), True),
        (date(2026, 6, 5), False),
        (date(2026, 9, 2), True),  # twenty-six weeks
        (date(2027, 3, 3), True),  # fifty-two weeks
        (date(2027, 3, 4), True),
        (date(2028, 3, 4), False),
        (date(2036, 3, 4), False),
    ],
)
def test_a_bill_runs_for_one_three_six_or_twelve_months(propose, maturity_date, lawful):
    terms = runs(ISSUED, maturity_date)
    if lawful:
        assert propose(terms=terms).matures_on == maturity_date
        return
    with pytest.raises(ValidationError) as refused:
        propose(terms=terms)
    assert refused.value.message_dict == {"maturity_date": [BILL_SAYS]}
    assert not Asset.objects.exists()


def test_a_bill_that_matures_on_a_holiday_matures_on_the_next_working_day(propose):
    # Thursday and Friday are off, so the next working day is Monday.
    for day in (4, 5):
        Holiday.objects.create(date=date(2026, 6, day), name="Eid")
    assert propose(terms=runs(ISSUED, date(2026, 6, 8))).state == "draft"
    with pytest.raises(ValidationError, match="next working day"):
        propose(terms=runs(ISSUED, date(2026, 6, 9)))


@pytest.mark.parametrize(
    ("kind", "years", "lawful"),
    [("bond", years, years in (3, 5, 10, 20)) for years in (1, 2, 3, 4, 5, 10, 15, 20, 30)]
    + [("sukuk", 3, True), ("sukuk", 2, False), ("sukuk", 5, False)],
)
def test_bonds_and_sukuk_run_for_the_years_that_they_are_offered_for(propose, kind, years, lawful):
    coupon = {"coupon": "rental" if kind == "sukuk" else "fixed", "payments_a_year": 2}
    terms = runs(ISSUED, date(2026 + years, 3, 4), **coupon, shariah_compliant=kind == "sukuk")
    if lawful:
        assert propose(kind=kind, terms=terms).state == "draft"
        return
    with pytest.raises(ValidationError) as refused:
        propose(kind=kind, terms=terms)
    assert list(refused.value.message_dict) == ["maturity_date"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"unit_nominal": 500_000}, {}),
        ({"unit_nominal": 1_000_000}, {}),
        (
            {"unit_nominal": 499_999},
            {"unit_nominal": ["Treasury bill: give the nominal of a unit as a multiple of PKR 5,000."]},
        ),
        (
            {"unit_nominal": 750_000},
            {"unit_nominal": ["Treasury bill: give the nominal of a unit as a multiple of PKR 5,000."]},
        ),
        ({"currency": "USD"}, {"currency": ["Treasury bill: it is issued in PKR."]}),
    ],
)
def test_a_bill_is_of_multiples_of_five_thousand_rupees(propose, changed, said):
    if not said:
        assert propose(**changed).state == "draft"
        return
    with pytest.raises(ValidationError) as refused:
        propose(**changed)
    assert refused.value.message_dict == said


def test_everything_that_is_wrong_is_said_at_once(propose):
    with pytest.raises(ValidationError) as refused:
        propose(unit_nominal=1, terms=runs(ISSUED, date(2036, 3, 4)))
    assert list(refused.value.message_dict) == ["unit_nominal", "maturity_date"]


def test_terms_that_run_backwards_or_beyond_every_calendar_are_refused_by_their_field(propose):
    for first, last, field in (
        (ISSUED, date(2026, 3, 3), "maturity_date"),
        (date(9999, 3, 1), date(9999, 6, 1), "issue_date"),
    ):
        with pytest.raises(ValidationError) as refused:
            propose(terms=runs(first, last))
        assert list(refused.value.message_dict) == [field]


def test_a_bill_has_no_coupon_and_pays_nothing_before_it_matures(propose):
    with pytest.raises(ValidationError) as refused:
        propose(terms=runs(ISSUED, date(2026, 6, 4), payments_a_year=2))
    assert refused.value.message_dict == {"payments_a_year": ["A zero coupon pays at maturity alone: 0 times a year."]}


def test_an_amendment_is_held_to_the_same_rule(propose, daud, at):
    bill = propose()
    for details in (
        {"unit_nominal": 500_001},
        {"currency": "USD"},
        {"terms": runs(ISSUED, date(2026, 7, 4))},
        {"kind": "bond"},
    ):
        with pytest.raises(ValidationError):
            amend_draft(bill, seen=seen(bill), by=daud, at=at, **details)
    terms = runs(ISSUED, date(2026, 6, 4))
    assert amend_draft(bill, seen=seen(bill), terms=terms, by=daud, at=at).matures_on == date(2026, 6, 4)


def test_a_rule_takes_effect_on_its_day_and_is_asked_again_before_the_approval(
    propose, approvable, move, says, daud, dua, at
):
    terms = {"issue_date": date(2026, 3, 4), "maturity_date": date(2026, 9, 4)}
    says("programme.tenors.tbill", ["1", "3"], on=at.date() + timedelta(days=1))
    bill, draft = approvable(propose(terms=debt_terms(**terms))), propose(terms=debt_terms(**terms))
    hand_in_needed(draft, by=daud, at=at)
    assert not instruments.faults(bill, bill.terms, on=at.date())
    says("programme.tenors.tbill", ["1", "3"])
    for asset, name, by in ((bill, "approve", dua), (draft, "submit_for_review", daud)):
        with pytest.raises(MoveRefused) as refused:
            move(asset, name, by)
        (unmet,) = refused.value.unmet
        assert unmet.code == "terms_suit_their_kind"
        assert unmet.details[0].startswith("Treasury bill: it runs for 1 or 3 months. Issued on 4 March 2026, ")
    says("programme.tenors.tbill", ["1", "3", "6"], on=at.date() - timedelta(days=1))  # the newer rule counts
    with pytest.raises(MoveRefused):
        move(bill, "approve", dua)


def test_a_commodity_has_no_such_rule(propose):
    from tests.tokenisation.test_assets import gold

    assert instruments.faults(gold(propose), None, on=ISSUED) == {}


def test_the_rules_are_told_to_whoever_proposes(programme):
    assert instruments.terms_in_words(ISSUED) == (
        "Treasury bill: 1, 3, 6 or 12 months after the issue. Sovereign bond: 3, 5, 10 or 20 years after the issue. "
        "Ijara sukuk: 3 years after the issue."
    )
    assert instruments.nominals_in_words(ISSUED).startswith("Treasury bill: a multiple of PKR 5,000. Sovereign bond: ")
