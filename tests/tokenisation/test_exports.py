"""The files of an asset: the cap table at any entry, a journal that anybody can verify, the terms of a bond."""

import csv
import hashlib
import json
from datetime import date
from io import StringIO

import pytest

from pvara.kernel.downloads import csv_lines, json_lines
from tests.tokenisation.conftest import CENTS, debt_terms, licensed_venue
from tokenisation import exports
from tokenisation.actions.authorisations import authorise_venue
from tokenisation.actions.ledger import allocate, freeze, place, take_back
from tokenisation.actions.orders import propose_correction
from tokenisation.models import Account, JournalEntry
from tokenisation.states import AccountKind


@pytest.fixture
def busy(stocked, tbill, move, amina, daud, dua, at):
    """Seven entries at two venues, one of them corrected."""
    place(stocked, units=300, key="1", by=amina, at=at, case_ref='=HYPERLINK("x")')
    freeze(stocked, source=AccountKind.CLIENTS, units=40, key="f", case_ref="HC/7, Ünal", by=daud, at=at)
    other = authorise_venue(tbill, licensed_venue("Ravi Exchange", at=at), limit_units=9_000, by=dua, at=at)
    allocate(other, units=500, key="o", by=daud, at=at)
    take_back(other, units=100, key="t", by=daud, at=at)
    wrong = JournalEntry.objects.get(kind="return")
    move(propose_correction(wrong, case_ref="HC/8", reasons="Wrong.", by=daud, at=at), "carry_out", dua)
    tbill.refresh_from_db()
    return tbill


def held(asset, seq) -> dict[tuple[str, str], int]:
    return {(each["place"], each["account"]): each["units"] for each in exports.cap_table(asset, seq) if each["units"]}


# ── The cap table ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_cap_table_is_the_balances_now(busy):
    rows = list(exports.cap_table(busy, exports.last_entry(busy)))
    balances = Account.objects.filter(asset=busy).exclude(kind="supply")
    assert sorted(each["units"] for each in rows) == sorted(balances.values_list("units", flat=True))
    assert sum(each["units"] for each in rows) == busy.outstanding_units
    assert sum(each["usd_cents"] for each in rows) == busy.outstanding_units * CENTS
    last = busy.entries.get(seq=busy.last_entry)
    assert {(each["as_of_entry"], each["hash"]) for each in rows} == {(7, bytes(last.hash).hex())}


def test_the_cap_table_right_after_each_entry(busy):
    indus, ravi = "Indus Exchange Pakistan", "Ravi Exchange Pakistan"
    assert held(busy, 0) == {}
    assert held(busy, 1) == {("Treasury", "treasury"): 1_000_000}
    assert held(busy, 2) == {("Treasury", "treasury"): 999_000, (indus, "inventory"): 1_000}
    assert held(busy, 4) == {
        ("Treasury", "treasury"): 999_000,
        (indus, "inventory"): 700,
        (indus, "clients"): 260,
        (indus, "frozen_clients"): 40,
    }
    assert held(busy, 6)[ravi, "inventory"] == 400
    assert held(busy, 7)[ravi, "inventory"] == 500
    for seq in range(1, 8):
        assert sum(held(busy, seq).values()) == 1_000_000


# ── The journal ──────────────────────────────────────────────────────────────────────────────────────────────────────
def verified(rows) -> str:
    """As whoever has nothing but the file would: the last hash. Raises AssertionError for a row that was changed."""
    previous = ""
    for number, row in enumerate(rows, start=1):
        assert (int(row["seq"]), row["prev_hash"]) == (number, previous)
        made = hashlib.sha256(bytes.fromhex(row["prev_hash"]) + row["said"].encode()).hexdigest()
        assert row["hash"] == made
        said = json.loads(row["said"])
        assert (said[2], said[3], said[7]) == (number, row["kind"], int(row["units"]))
        previous = made
    return previous


@pytest.fixture
def as_csv(busy):
    text = "".join(csv_lines(exports.JOURNAL, exports.journal(busy, busy.last_entry)))
    return list(csv.DictReader(StringIO(text, newline="")))


def test_the_journal_verifies_from_either_file_and_nothing_else(busy, as_csv):
    as_json = json.loads("".join(json_lines(exports.JOURNAL, exports.journal(busy, busy.last_entry))))
    last = bytes(busy.entries.get(seq=7).hash).hex()
    assert verified(as_json) == verified(as_csv) == last
    assert [(each["kind"], each["reverses"]) for each in as_json][-2:] == [("return", None), ("correct", 6)]


@pytest.mark.parametrize("change", [{"units": "299"}, {"hash": "00" * 32}, {"said": "[2]"}, {"prev_hash": ""}])
def test_a_row_that_was_changed_is_found(as_csv, change):
    as_csv[2].update(change)
    with pytest.raises(AssertionError):
        verified(as_csv)


def test_a_row_that_was_left_out_is_found(as_csv):
    del as_csv[3]
    with pytest.raises(AssertionError):
        verified(as_csv)


def test_a_formula_of_a_venue_stays_words_in_a_spreadsheet(as_csv):
    assert as_csv[2]["case_ref"] == '\'=HYPERLINK("x")'


def test_a_journal_up_to_an_entry_ends_there(busy):
    assert [each["seq"] for each in exports.journal(busy, 3)] == [1, 2, 3]


# ── Terms ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_terms_of_a_bill(tbill):
    terms = exports.bond_terms(tbill)
    assert terms is not None
    assert {
        "specifiedDenomination": "5000.00",
        "aggregateNominalAmount": "5000000000.00",
        "issueDate": "2035-03-01",
        "maturityDate": "2036-03-01",
        "interestType": "ZERO_COUPON",
        "interestRate": None,
        "discountRate": "11.00",
        "interestPaymentFrequency": None,
        "dayCountFraction": "ACT/365",
        "businessDayConvention": "FOLLOWING",
        "lastDayOfDistribution": "2036-02-25",
    }.items() <= terms.items()


@pytest.mark.parametrize(
    ("kind", "terms", "said"),
    [
        ("bond", {"coupon": "fixed", "rate_bp": 1170}, ("FIXED", "11.70", "SEMI_ANNUAL", None, None, None)),
        ("bond", {"coupon": "floating", "rate_bp": 5}, ("FLOATING", "0.05", "SEMI_ANNUAL", None, None, None)),
        (
            "sukuk",
            {"coupon": "rental", "rate_bp": 990, "shariah_compliant": True},
            (None, None, None, "RENTAL", "9.90", "SEMI_ANNUAL"),
        ),
    ],
)
def test_a_sukuk_pays_no_interest(propose, kind, terms, said):
    asset = propose(kind=kind, terms=debt_terms(**terms, payments_a_year=2, maturity_date=date(2029, 3, 1)))
    found = exports.bond_terms(asset)
    assert found is not None
    names = ("interestType", "interestRate", "interestPaymentFrequency")
    names += ("profitType", "profitRate", "profitPaymentFrequency")
    assert tuple(found[each] for each in names) == said
