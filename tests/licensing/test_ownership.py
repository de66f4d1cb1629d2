"""Shares, votes and control: examples that can be checked by hand, faults, and what holds of every statement."""

from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.ownership import (
    ClosedRing,
    Holding,
    Kind,
    Right,
    Row,
    Statement,
    chain,
    controlled_by,
    differences,
    faults,
    owners,
    read,
    shares,
    shown,
)

PERSON, COMPANY, LISTED, STATE, DISPERSED = Kind


def stated(*lines: str, subsidiary: str = "", **kinds: Kind) -> Statement:
    """`stated("Ada 60 Firm", "Hold 40 Firm", "Bo 100 Hold", Hold=COMPANY)`; who is not named a kind is a person.

    A fourth word is the right: `"Ada 0 Firm control"`.
    """
    rows = []
    for line in lines:
        holder, percent, held, *right = line.split()
        kind = kinds.get(holder, COMPANY if holder in ("Firm", "Sub") else PERSON)
        rows.append(Row(holder, kind, held, D(percent), Right(right[0]) if right else Right.SHARES))
    statement, _, wrong = read(rows, firm="Firm", subsidiary=subsidiary)
    assert wrong == []
    return statement


def found(statement: Statement, subject: str = "Firm", *, disclosed_from: int = 10):
    """Name, share, votes, in control, disclosed: as a person would write it down."""
    return [
        (each.name, str(shown(each.share)), str(shown(each.votes)), each.controls, each.disclosed)
        for each in owners(statement, subject, disclosed_from=D(disclosed_from))
    ]


def wrong(statement: Statement, *, dispersed_at_most: int = 25) -> list[str]:
    return faults(statement, dispersed_at_most=D(dispersed_at_most))


# ── By hand ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_direct_holders():
    assert found(stated("Ada 51 Firm", "Bo 49 Firm")) == [
        ("Ada", "51", "51", True, True),
        ("Bo", "49", "49", False, True),
    ]


def test_half_of_the_votes_is_no_majority():
    assert [each[3] for each in found(stated("Ada 50 Firm", "Bo 50 Firm"))] == [False, False]


def test_shares_multiply_along_a_chain_and_a_majority_chain_votes_in_full():
    """Ada has 60% of Hold, which has 70% of the firm: 42% of the shares, and all of Hold's 70% of the votes."""
    held = stated("Hold 70 Firm", "Cy 30 Firm", "Ada 60 Hold", "Bo 40 Hold", Hold=COMPANY)
    assert found(held) == [
        ("Ada", "42", "70", True, True),
        ("Cy", "30", "30", False, True),
        ("Bo", "28", "0", False, True),
    ]


def test_paths_add_up():
    """Ada: 20 + 50% of 40 + 25% of 40 = 50%."""
    held = stated(
        "Ada 20 Firm", "One 40 Firm", "Two 40 Firm", "Ada 50 One", "Bo 50 One", "Ada 25 Two", "Cy 75 Two",
        One=COMPANY, Two=COMPANY,
    )  # fmt: skip
    assert found(held) == [
        ("Ada", "50", "20", False, True),
        ("Cy", "30", "40", False, True),
        ("Bo", "20", "0", False, True),
    ]


def test_votes_of_several_controlled_companies_make_control():
    """Neither company is a majority alone; Ada controls both, so their 30% and 25% vote as one."""
    held = stated(
        "One 30 Firm", "Two 25 Firm", "Cy 45 Firm", "Ada 51 One", "Bo 49 One", "Ada 100 Two", One=COMPANY, Two=COMPANY
    )
    assert controlled_by(held, "Ada") == {"One", "Two", "Firm"}
    assert found(held)[:2] == [("Cy", "45", "45", False, True), ("Ada", "40.3", "55", True, True)]


def test_votes_may_differ_from_shares():
    held = stated("Ada 10 Firm", "Bo 90 Firm", "Ada 51 Firm votes", "Bo 49 Firm votes")
    assert found(held) == [("Bo", "90", "49", False, True), ("Ada", "10", "51", True, True)]


def test_control_by_other_means_discloses_who_holds_next_to_nothing():
    held = stated("Ada 1 Firm", "Bo 99 Firm", "Ada 0 Firm control", "Cy 0 Firm control")
    assert found(held) == [
        ("Bo", "99", "99", True, True),
        ("Ada", "1", "1", True, True),
        ("Cy", "0", "0", True, True),
    ]


def test_cross_holdings_are_worked_out_exactly():
    """One and Two each hold a fifth of the other: of the 50% that One holds, Ada gets 0.8/(1-0.04) and so on."""
    held = stated(
        "One 50 Firm", "Bo 50 Firm", "Ada 80 One", "Two 20 One", "Cy 80 Two", "One 20 Two", One=COMPANY, Two=COMPANY
    )
    assert wrong(held) == []
    assert shares(held, "Firm") == {
        "Bo": Fraction(50),
        "Ada": Fraction(50) * Fraction(80, 96),
        "Cy": Fraction(50) * Fraction(16, 96),
    }


def test_a_firm_that_holds_a_part_of_its_parent():
    """What the firm holds of its own parent goes back to its owners: Ada has it all."""
    held = stated("Hold 100 Firm", "Ada 75 Hold", "Firm 25 Hold", Hold=COMPANY)
    assert wrong(held) == []
    assert shares(held, "Firm") == {"Ada": Fraction(100)}


def test_states_listed_companies_and_dispersed_holders_end_a_chain():
    held = stated("Gov 30 Firm", "Big 50 Firm", "x 20 Firm", "Ada 10 Big", Gov=STATE, Big=LISTED, x=DISPERSED)
    assert wrong(held) == []
    assert found(held) == [
        ("Big", "45", "50", False, False),
        ("Gov", "30", "30", False, False),
        ("Dispersed holders of Firm", "20", "20", False, False),
        ("Ada", "5", "0", False, False),
    ]


@pytest.mark.parametrize(("percent", "disclosed"), [("10", True), ("9.9999", False)])
def test_the_threshold_at_its_bar_and_just_below(percent, disclosed):
    held = stated(f"Ada {percent} Firm", f"Bo {D(100) - D(percent)} Firm")
    assert found(held)[-1][4] is disclosed


def test_the_threshold_is_held_against_the_exact_share_not_the_shown_one():
    """A third of 29.9999%: 9.99996…%, which rounds to 10."""
    held = stated(
        "Hold 29.9999 Firm", "Bo 70.0001 Firm", "Ada 33.3333 Hold", "Cy 33.3333 Hold", "Di 33.3334 Hold", Hold=COMPANY
    )
    assert [(each[0], each[4]) for each in found(held)] == [("Bo", True), ("Di", False), ("Ada", False), ("Cy", False)]


def test_the_subsidiary_is_a_subject_of_its_own():
    held = stated("Ada 80 Firm", "Bo 20 Firm", "Firm 51 Sub", "Cy 49 Sub", subsidiary="Sub")
    assert wrong(held) == []
    assert found(held) == [("Ada", "80", "80", True, True), ("Bo", "20", "20", False, True)]
    assert found(held, "Sub") == [
        ("Cy", "49", "49", False, True),
        ("Ada", "40.8", "51", True, True),
        ("Bo", "10.2", "0", False, True),
    ]


def test_the_picture_of_the_chain():
    held = stated(
        "Hold 70 Firm",
        "Cy 30 Firm",
        "Top 60 Hold",
        "Cy 40 Hold",
        "Ada 90 Top",
        "Hold 10 Top",
        Hold=COMPANY,
        Top=COMPANY,
    )
    assert [(each.depth, each.name, str(each.percent), each.again) for each in chain(held, "Firm")] == [
        (1, "Hold", "70", False),
        (2, "Top", "60", False),
        (3, "Ada", "90", False),
        (3, "Hold", "10", True),
        (2, "Cy", "40", False),
        (1, "Cy", "30", False),
    ]


# ── Reading what a firm wrote ────────────────────────────────────────────────────────────────────────────────────────
def test_a_name_is_the_same_however_it_is_written():
    rows = [
        Row("  Alpha  Holding ", COMPANY, "FIRM", D(100)),
        Row("Ada", PERSON, "alpha holding", D(50), country="Malta"),
        Row("ada", PERSON, "Firm", D(0), Right.CONTROL),
        Row("", DISPERSED, "ALPHA HOLDING", D(50)),
    ]
    statement, countries, wrongly = read(rows, firm="Firm")
    assert wrongly == []
    assert statement.parties == {
        "Firm": COMPANY,
        "Alpha Holding": COMPANY,
        "Ada": PERSON,
        "Dispersed holders of Alpha Holding": DISPERSED,
    }
    assert statement.holdings == (
        Holding("Alpha Holding", "Firm", D(100)),
        Holding("Ada", "Alpha Holding", D(50)),
        Holding("Ada", "Firm", D(0), Right.CONTROL),
        Holding("Dispersed holders of Alpha Holding", "Alpha Holding", D(50)),
    )
    assert countries["Ada"] == "Malta"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Row(" ", PERSON, "Firm", D(1)), "Name both the holder and the company that is held."),
        (Row("Ada", PERSON, "", D(1)), "Name both the holder and the company that is held."),
        (Row("Ada", PERSON, "Firm", D(0)), "A percentage is above 0 and at most 100."),
        (Row("Ada", PERSON, "Firm", D("100.0001")), "A percentage is above 0 and at most 100."),
        (Row("Ada", PERSON, "Firm", D(-1)), "A percentage is above 0 and at most 100."),
        (Row("Ada", PERSON, "Firm", D("0.00001")), "A percentage has at most four places."),
        (
            Row("Firm", PERSON, "Firm", D(1)),
            "Firm is one of the companies in question: a company or other legal person.",
        ),
        (
            Row("Bo", STATE, "Firm", D(1)),
            "Bo: natural person in an earlier row, state or state body here.",
        ),
    ],
)
def test_what_cannot_be_read_says_in_which_row(row, said):
    assert read([Row("Bo", PERSON, "Firm", D(99)), row], firm="Firm")[2] == [(2, said)]


# ── Faults ───────────────────────────────────────────────────────────────────────────────────────────────────────────
FAULTY = [
    (
        stated("Ada 60 Firm", "Bo 41 Firm"),
        ["The shares of Firm come to 101%: more than there are."],
    ),
    (
        stated("Ada 60 Firm", "Bo 39.5 Firm"),
        ["The shares of Firm come to 99.5%: name who holds the other 0.5%, or state them as dispersed holders."],
    ),
    (
        stated("Ada 60 Firm", "Bo 40 Firm", "Ada 60 Firm votes"),
        ["The votes of Firm come to 60%: name who holds the other 40%, or state them as dispersed holders."],
    ),
    (
        stated("Hold 100 Firm", Hold=COMPANY),
        ["Nobody is named who holds Hold: go on until a natural person, a state or a listed company."],
    ),
    (
        stated(),
        ["Nobody is named who holds Firm: go on until a natural person, a state or a listed company."],
    ),
    (
        stated("Ada 90 Firm", "Firm 10 Firm"),
        ["Firm cannot hold a part of itself."],
    ),
    (
        stated("Ada 50 Firm", "Ada 50 Firm"),
        ["What Ada holds of Firm (shares) is stated more than once."],
    ),
    (
        stated("Ada 74 Firm", "x 26 Firm", x=DISPERSED),
        ["26% of the shares of Firm are stated as dispersed; at most 25% may be."],
    ),
    (
        stated("Ada 100 Firm", "Bo 100 Frim"),
        [
            "Frim leads to neither of the companies in question: check how its name is written.",
            "Bo leads to neither of the companies in question: check how its name is written.",
        ],
    ),
    (
        stated("Ada 100 Firm", "Bo 100 Ada"),
        ["Ada is stated as held, but is no company: natural person."],
    ),
    (
        stated("One 50 Firm", "Ada 50 Firm", "One 100 Two", "Two 100 One", One=COMPANY, Two=COMPANY),
        ["Nobody stands behind One, Two: they hold only each other."],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "said"), FAULTY)
def test_every_fault_is_said(statement, said):
    assert wrong(statement) == said


def test_dispersed_holders_at_the_bar_and_the_rest_of_a_listed_company_are_no_fault():
    assert wrong(stated("Ada 75 Firm", "x 25 Firm", x=DISPERSED)) == []
    assert wrong(stated("Big 100 Firm", "x 90 Big", Big=LISTED, x=DISPERSED)) == []


def test_a_closed_ring_has_no_shares():
    ring = stated("One 100 Firm", "One 100 Two", "Two 100 One", One=COMPANY, Two=COMPANY)
    with pytest.raises(ClosedRing):
        shares(ring, "Firm")


def test_differences_name_what_came_went_and_changed():
    before = stated("Ada 60 Firm", "Bo 40 Firm")
    after = stated("Ada 70 Firm", "Cy 30 Firm")
    assert [(each.holder, each.before, each.after) for each in differences(before, after)] == [
        ("Ada", D(60), D(70)),
        ("Bo", D(40), None),
        ("Cy", None, D(30)),
    ]
    assert differences(before, stated("Bo 40 Firm", "Ada 60.0000 Firm")) == []


# ── What holds of every statement ────────────────────────────────────────────────────────────────────────────────────
@st.composite
def statements(draw: st.DrawFn) -> Statement:
    """Any statement without faults: each company is held by people and by any of the companies, cross-holdings too."""
    companies = ["Firm", *draw(st.permutations([f"Co{number}" for number in range(draw(st.integers(0, 4)))]))]
    people = ["Ada", "Bo", "Cy"]
    parties = {**dict.fromkeys(companies, COMPANY), **dict.fromkeys(people, PERSON)}
    holdings = []
    for place, company in enumerate(companies):
        # The company before it is held by it, so that all of them lead to the firm.
        holders = {companies[place + 1]} if place + 1 < len(companies) else set()
        holders |= draw(st.sets(st.sampled_from([each for each in companies if each != company] + people), max_size=4))
        holders.add(draw(st.sampled_from(people)))
        weights = draw(st.lists(st.integers(1, 1000), min_size=len(holders), max_size=len(holders)))
        left = D(100)
        names = sorted(holders)
        for name, weight in zip(names[1:], weights[1:], strict=True):
            part = (D(100) * weight / sum(weights)).quantize(D("0.0001"))
            left -= part
            holdings.append(Holding(name, company, part))
        holdings.append(Holding(names[0], company, left))
    used = {each.holder for each in holdings} | {each.held for each in holdings}
    return Statement(("Firm",), {name: kind for name, kind in parties.items() if name in used}, tuple(holdings))


@given(statements())
def test_the_people_behind_a_firm_have_all_of_it_and_no_more(statement):
    assert wrong(statement) == []
    assert sum(shares(statement, "Firm").values()) == 100


@given(statements(), st.data())
def test_less_than_everything_stated_never_comes_to_more(statement, data):
    kept = data.draw(st.lists(st.sampled_from(statement.holdings), unique=True))
    part = Statement(statement.subjects, statement.parties, tuple(kept))
    try:
        assert sum(shares(part, "Firm").values()) <= 100
    except ClosedRing:
        assert any("they hold only each other" in each for each in wrong(part))


@given(statements(), st.randoms())
def test_the_order_of_the_rows_never_matters(statement, random):
    holdings, parties = list(statement.holdings), list(statement.parties.items())
    random.shuffle(holdings)
    random.shuffle(parties)
    again = Statement(statement.subjects, dict(parties), tuple(holdings))
    assert found(again) == found(statement)
    assert shares(again, "Firm") == shares(statement, "Firm")
    assert chain(again, "Firm") == chain(statement, "Firm")
    assert differences(statement, again) == []


@given(statements(), st.data())
def test_a_holding_company_in_between_changes_nothing(statement, data):
    """Whatever somebody holds of a company, they may as well hold through a company that is all theirs."""
    one = data.draw(st.sampled_from(statement.holdings))
    through = (Holding(one.holder, "Between", D(100)), Holding("Between", one.held, one.percent))
    rest = tuple(each for each in statement.holdings if each is not one)
    again = Statement(statement.subjects, {**statement.parties, "Between": COMPANY}, rest + through)
    assert found(again) == found(statement)


@given(statements())
def test_no_two_people_control_the_same_company_by_votes(statement):
    people = [name for name, kind in statement.parties.items() if kind == PERSON]
    assert sum("Firm" in controlled_by(statement, each) for each in people) <= 1
