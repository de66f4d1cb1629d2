"""What a decision keeps of its score, and that it is reckoned again from that alone, to the same hash."""

import copy
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from licensing import scoring
from licensing.models import Evidence, Letter, Rating
from licensing.models.scores import facts, score_of
from licensing.scoring import frozen
from pvara.demo import path
from pvara.kernel import audit, outbox
from pvara.kernel.models import AuditEntry
from tests.licensing.framework import CODES, DEFAULT, sheet

RATINGS = st.one_of(st.integers(0, 4), st.none(), st.sampled_from([scoring.NOT_APPLICABLE, scoring.WAIVED]))


def kept_of(score):
    return frozen.freeze(score, ratings={"1.1": 7}, evidence={"1.1": ["b" * 64, "a" * 64]})


@pytest.fixture
def kept():
    """A record as the database gives it back."""
    score = sheet("FULL", {"all": 3, "2.1": 4, "12.1": "n/a"}, evidence={"6.2": "none", "4.2": "expired"})
    return json.loads(json.dumps(kept_of(score)))


# ── Pure ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
@settings(deadline=None, max_examples=40)
@given(st.sampled_from(scoring.PHASES), st.fixed_dictionaries(dict.fromkeys(CODES, RATINGS)))
def test_any_score_comes_out_again(phase, ratings):
    kept = json.loads(json.dumps(kept_of(sheet(phase, ratings))))
    assert frozen.differences(kept) == []


def test_a_framework_is_the_same_after_it_was_kept():
    again = frozen.framework_from(json.loads(json.dumps(frozen.content_of(DEFAULT))))
    assert frozen.content_of(again) == frozen.content_of(DEFAULT)
    assert (set(again.criteria), dict(again.gates)) == (set(DEFAULT.criteria), dict(DEFAULT.gates))


def test_a_record_of_the_first_layout_is_read(kept):
    first = sheet("FULL", {"all": 3}).facts()
    assert frozen.differences(first, framework=DEFAULT) == []
    with pytest.raises(LookupError, match=r"names the framework 1\.0 only, and it is not there"):
        frozen.differences(first)


def test_a_record_of_the_second_layout_comes_to_its_own_hash():
    """Written by the program as it was before there were waivers, and never since."""
    second = json.loads((Path(__file__).parent / "record_of_layout_2.json").read_text())
    assert (second["layout"], second["hash"][:8]) == (2, "de940212")
    assert frozen.differences(second) == []
    assert {each.waivable for each in frozen.framework_from(second["content"]).criteria} == {False}
    changed = tampered(second, "criteria", "4.1", "rating", with_=4)
    assert frozen.differences(changed)[0].startswith("The hash of the record is ")


def test_a_layout_of_the_future_is_not_guessed_at(kept):
    with pytest.raises(LookupError, match="layout 4; this program reads 1 to 3"):
        frozen.differences({**kept, "layout": 4})


def tampered(kept, *where, with_):
    changed = copy.deepcopy(kept)
    place = changed
    for key in where[:-1]:
        place = place[key]
    place[where[-1]] = with_
    return changed


@pytest.mark.parametrize(
    ("where", "with_", "said"),
    [
        (("criteria", "1.1", "rating"), 4, ["1.1: effective is 3 in the record, and comes to 4."]),
        (("criteria", "6.2", "expires"), [None], ["6.2: evidence is none in the record, and comes to valid."]),
        (("criteria", "1.1", "effective"), 4, ["1.1: effective is 4 in the record, and comes to 3."]),
        (("total",), "99", ["The total is 99 in the record, and comes to "]),
        (("domains", "D9"), "99", ["D9 is 99 in the record, and comes to 75."]),
        (("criteria", "1.1", "sha256"), [], []),
        (("criteria", "1.1", "rating_id"), 8, []),
    ],
)
def test_whatever_is_tampered_with_is_named(kept, where, with_, said):
    found = frozen.differences(tampered(kept, *where, with_=with_))
    # Whatever it is, the hash is another.
    assert found[0].startswith("The hash of the record is ")
    assert [any(each.startswith(sentence) for each in found) for sentence in said] == [True] * len(said)
    assert len(found) > len(said)


def test_tampering_with_a_new_hash_is_named_too(kept):
    changed = tampered(kept, "criteria", "1.1", "rating", with_=4)
    changed["hash"] = frozen.hash_of(changed)
    assert frozen.differences(changed)[0].startswith("The total is ")


def test_a_framework_that_was_exchanged_is_named(kept):
    changed = tampered(kept, "content", "amber", with_="1")
    changed["hash"] = frozen.hash_of(changed)
    assert frozen.differences(changed) == ["The framework 1.0 in the record is not the one of which it has the hash."]


# ── Of a decision ────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def granted(firm, people, at):
    return path.noc_case(firm, people=people, at=at)


def test_a_decision_by_score_is_reckoned_again_by_letter_and_by_entry(granted, firm, at, capsys):
    outbox.drain()
    entry = audit.history(granted).filter(event="grant_noc").get()
    kept = entry.data["gates"]["score_clears_g1"]
    assert kept == facts(score_of(firm, "NOC", at), firm)
    letter = Letter.objects.get(code="L10", subject_id=granted.pk)
    for name in (str(entry.pk), letter.reference):
        call_command("rescore", name)
        assert capsys.readouterr().out == f"score_clears_g1: 100% by framework 1.0, {kept['hash']}, again.\n"
    assert kept["criteria"]["1.1"]["rating_id"] == Rating.objects.get(criterion__code="1.1").pk
    assert set(kept["criteria"]["1.1"]["sha256"]) <= set(Evidence.objects.values_list("sha256", flat=True))


def test_a_tampered_decision_fails_and_says_what_differs(granted, at):
    entry = audit.history(granted).filter(event="grant_noc").get()
    data = tampered(entry.data, "gates", "score_clears_g1", "criteria", "1.1", "rating", with_=1)
    # The log refuses a change; this is another entry that claims to be the decision.
    false = audit.record(granted, event="grant_noc", by=None, at=at, data=data)
    with pytest.raises(CommandError, match=r"1\.1: effective is 4 in the record, and comes to 1"):
        call_command("rescore", str(false.pk))


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        ("PVARA/NOC/1999/00001", "There is no decision PVARA/NOC/1999/00001"),
        ("999999999", "There is no decision 999999999"),
    ],
)
def test_what_is_no_decision_is_said(db, decision, said):
    with pytest.raises(CommandError, match=said):
        call_command("rescore", decision)


def test_what_was_not_decided_by_score_is_said(firm):
    entry = AuditEntry.objects.earliest("pk")
    with pytest.raises(CommandError, match="was not a decision by score: name another one"):
        call_command("rescore", str(entry.pk))
