"""The tables of the ledger in Python and in the database are one, and so are the codes and the sentences."""

import re

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenisation import batches_sql, limits_sql, postings, postings_sql, settlements_sql
from tokenisation.postings import REFUSALS, RULES, SHORT, rule
from tokenisation.states import AccountKind, EntryKind

pytestmark = pytest.mark.django_db


def rows(query: str, *parameters: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def test_the_rules_of_the_database_are_those_of_python():
    assert rows("SELECT * FROM ledger_rules()") == [
        (
            each.kind,
            each.source or "",
            each.target or "",
            each.elsewhere or "",
            list(each.states),
            each.at_venue,
            each.needs_standing,
            each.by_two,
            each.with_a_case,
            each.event,
        )
        for each in RULES
    ]


@pytest.mark.parametrize("each", RULES, ids=lambda each: f"{each.kind} {each.source}")
def test_the_rule_that_a_posting_reads_is_the_one_of_the_table(each):
    asked = [each.kind, each.source or ""]
    [said] = rows("SELECT * FROM ledger_rule(%s, %s)", *asked)
    [listed] = rows("SELECT * FROM ledger_rules() WHERE kind = %s AND source = %s", *asked)
    assert (*asked, *said) == listed


def test_a_way_that_is_not_in_the_table_has_no_rule():
    assert rows("SELECT * FROM ledger_rule('distribute', 'treasury')") == [(None,) * 8]


def test_the_refusals_of_the_database_are_those_of_python():
    assert dict(rows("SELECT * FROM ledger_refusals()")) == REFUSALS


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(list(EntryKind)), source=st.sampled_from([None, *AccountKind]))
def test_both_know_the_same_ways(kind, source):
    known = rule(kind, source)
    found = rows("SELECT target FROM ledger_rules() WHERE kind = %s AND source = %s", kind, source or "")
    # Without an account Python takes a kind's only way; the database is then told its name.
    if source is not None or kind == EntryKind.CORRECT:
        assert [target for (target,) in found] == ([known.target or ""] if known else [])


def test_no_code_is_refused_with_that_is_not_in_the_table():
    said = postings_sql.INSTALL + batches_sql.BATCH + settlements_sql.SETTLE + limits_sql.INSTALL
    used = set(re.findall(r"ledger_refuse\('(\w+)'", said)) | set(SHORT.values())
    # The batch answers line by line with these.
    used |= set(re.findall(r"THEN '(malformed|key_reused|over_supply)'", said)) | {"over_allocation", "over_limit"}
    # Standing is read by a function of the first version, which is still the one.
    assert used | {"venue_not_in_good_standing"} == set(REFUSALS)


def test_a_code_that_is_not_in_the_table_is_an_error_of_ours():
    with pytest.raises(DatabaseError) as failed, transaction.atomic():
        rows("SELECT ledger_refuse('nonsense', '{}')")
    assert str(failed.value).splitlines()[0] == "The ledger has no refusal called nonsense."


def test_every_kind_has_a_rule_and_every_rule_its_states():
    assert {each.kind for each in RULES} == set(EntryKind)
    # Invariant 9: while an asset is paused or has matured, these and nothing else.
    beyond = {each.kind for each in RULES if each.states != postings.LIVE}
    assert beyond == {EntryKind.FREEZE, EntryKind.FORCED, EntryKind.REDEEM, EntryKind.CORRECT}
