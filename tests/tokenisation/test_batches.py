"""Files of postings: all or nothing, an answer for every line, and the same answer when a file comes again."""

import pytest
from django.core.exceptions import PermissionDenied

from pvara.kernel import audit
from tests.tokenisation.conftest import licensed_venue, turn
from tests.tokenisation.test_ledger import refused_with, where_units_are
from tokenisation import invariants
from tokenisation.actions.authorisations import authorise_venue
from tokenisation.actions.ledger import place, post_file
from tokenisation.ledger import Line
from tokenisation.models import JournalEntry

LINES = [Line("a", 100, "client 1"), Line("b", 200, "client 2"), Line("c", 300)]


def told(answers) -> list[tuple]:
    return [(each.line.key, each.seq, each.replayed, each.refusal) for each in answers]


def test_a_file_is_posted_whole(stocked, amina, at):
    assert told(post_file(stocked, LINES, by=amina, at=at)) == [
        ("a", 3, False, ""),
        ("b", 4, False, ""),
        ("c", 5, False, ""),
    ]
    assert where_units_are(stocked.asset)["clients"] == 600
    assert list(JournalEntry.objects.filter(kind="distribute").order_by("seq").values_list("units", "case_ref")) == [
        (100, "client 1"),
        (200, "client 2"),
        (300, ""),
    ]
    last = audit.history(stocked).last()
    assert (last.event, last.data["first"], last.data["last"], last.data["units"]) == ("units_distributed", 3, 5, 600)
    assert list(invariants.check()) == []


def test_one_line_too_many_and_nothing_is_posted(stocked, amina, at):
    before = JournalEntry.objects.count()
    answers = post_file(stocked, [*LINES, Line("d", 401), Line("e", 400)], by=amina, at=at)
    assert told(answers)[3:] == [("d", None, False, "over_allocation"), ("e", None, False, "")]
    assert answers[3].reason == ("More units than the venue has on its shelf. 401 asked for, 1,000 left for the file.")
    assert JournalEntry.objects.count() == before
    # At the bar exactly.
    assert told(post_file(stocked, [*LINES, Line("e", 400)], by=amina, at=at))[3] == ("e", 6, False, "")


def test_a_trial_posts_nothing_and_says_the_same(stocked, amina, at):
    before = JournalEntry.objects.count()
    assert told(post_file(stocked, LINES, by=amina, at=at, trial=True)) == [
        ("a", None, False, ""),
        ("b", None, False, ""),
        ("c", None, False, ""),
    ]
    assert JournalEntry.objects.count() == before


def test_a_file_that_comes_again_is_answered_again_also_after_a_suspension(stocked, amina, at):
    first = post_file(stocked, LINES, by=amina, at=at)
    turn(stocked.venue, False, at=at)
    again = post_file(stocked, LINES, by=amina, at=at)
    assert [(each.seq, each.replayed) for each in again] == [(each.seq, True) for each in first]
    assert refused_with(lambda: post_file(stocked, [*LINES, Line("d", 1)], by=amina, at=at))[0] == (
        "venue_not_in_good_standing"
    )


def test_a_single_posting_and_a_line_share_their_key(stocked, amina, at):
    single = place(stocked, units=100, key="a", case_ref="client 1", by=amina, at=at)
    assert told(post_file(stocked, LINES, by=amina, at=at))[0] == ("a", single.seq, True, "")
    assert place(stocked, units=200, key="b", case_ref="client 2", by=amina, at=at).replayed is True
    assert list(invariants.check()) == []


def test_what_is_wrong_with_a_line_by_itself(stocked, amina, at):
    place(stocked, units=7, key="used", by=amina, at=at)
    lines = [Line("a", 0), Line("", 5), Line("used", 8), Line("b", 1), Line("b", 1)]
    assert [each.refusal for each in post_file(stocked, lines, by=amina, at=at)] == [
        "malformed",
        "malformed",
        "key_reused",
        "",
        "key_reused",
    ]


def test_the_debt_office_allocates_by_file_within_limit_and_treasury(authorisation, daud, dua, amina, at):
    lines = [Line("a", 6_000), Line("b", 4_001)]
    assert [each.refusal for each in post_file(authorisation, lines, by=daud, at=at)] == ["", "over_limit"]
    lines[1] = Line("b", 4_000)
    assert [each.seq for each in post_file(authorisation, lines, by=daud, at=at)] == [2, 3]
    assert JournalEntry.objects.get(seq=3).checker == dua
    with pytest.raises(PermissionDenied):
        post_file(authorisation, lines, by=dua, at=at)
    assert list(invariants.check()) == []


def test_what_stands_in_the_way_of_the_whole_file(stocked, tbill, move, amina, daud, dua, at):
    move(stocked, "suspend", dua)
    assert refused_with(lambda: post_file(stocked, LINES, by=amina, at=at))[0] == "authorisation_not_active"
    move(tbill, "pause", dua)
    assert refused_with(lambda: post_file(stocked, LINES, by=amina, at=at))[0] == "asset_not_issued"
    move(tbill, "end_pause", dua)
    other = authorise_venue(tbill, licensed_venue("Ravi Exchange", at=at), limit_units=1, by=dua, at=at)
    with pytest.raises(PermissionDenied):
        post_file(other, LINES, by=amina, at=at)
