"""The forms' questions: what is an answer of each kind, and which questions still want one. No database."""

import pytest
from django.core.exceptions import ValidationError

from licensing import questions
from licensing.questions import ACTIVITIES, FORM_A1, FULL_FORM, MILESTONE_PARTICULARS, Question, Section
from licensing.states import MilestoneCode
from pvara.demo import answers

FORMS = (FORM_A1, FULL_FORM)
COLOURS = (("red", "Red"), ("green", "Green"))

EVERY_QUESTION = [
    *(question for form in FORMS for section in form for question in section.questions),
    *(question for asked in MILESTONE_PARTICULARS.values() for question in asked),
]


def is_fine(kind: str, answer: object) -> bool:
    try:
        questions.check(Question("q", "How many?", kind, choices=COLOURS), answer)
    except ValidationError:
        return False
    return True


# ── Kinds ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("text", "One line"),
        ("text", "x" * 300),
        ("text", "ایک سطر"),
        ("long", "First line\r\nSecond line\tindented"),
        ("long", "x" * 20_000),
        ("number", "12.5"),
        ("number", 0),
        ("number", -3.5),
        ("number", "۱۲"),  # Urdu digits are digits
        ("percent", "0"),
        ("percent", "100"),
        ("percent", "99.99"),
        ("date", "2028-02-29"),
        ("yes_no", "yes"),
        ("yes_no", "no"),
        ("email", "contact@example.org"),
        ("choices", ["red"]),
        ("choices", ["green", "red"]),
    ],
)
def test_answers_of_each_kind(kind, answer):
    assert is_fine(kind, answer) is True


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("text", "Two\nlines"),
        ("text", "Two\rlines"),
        ("text", "x" * 301),
        ("text", 12),
        ("text", ["One line"]),
        # The database keeps neither: PostgreSQL's JSON has no zero byte and no half of a surrogate pair.
        ("text", "zero\x00byte"),
        ("long", "half \ud83d of a character"),
        ("long", "bell\x07"),
        ("long", "x" * 20_001),
        ("long", {"text": "x"}),
        ("number", "twelve"),
        ("number", "1,000"),
        ("number", "NaN"),
        ("number", "Infinity"),
        ("number", True),
        ("number", ["12"]),
        ("percent", "-0.01"),
        ("percent", "100.01"),
        ("percent", "NaN"),
        ("date", "2026-02-29"),
        ("date", "31.03.2026"),
        ("date", "20260331"),
        ("date", "2026-W14-2"),
        ("date", 20260331),
        ("yes_no", "Yes"),
        ("yes_no", True),
        ("yes_no", ["yes"]),
        ("email", "contact"),
        ("email", "@example.org"),
        ("email", "a b@example.org"),
        ("email", "contact@example.org\nBcc: everybody@example.org"),
        ("choices", "red"),
        ("choices", ["blue"]),
        ("choices", ["red", "red"]),
        ("choices", [["red"]]),
        ("choices", [None]),
    ],
)
def test_answers_that_are_not_of_the_kind(kind, answer):
    assert is_fine(kind, answer) is False


@pytest.mark.parametrize("kind", ["text", "long", "number", "percent", "date", "yes_no", "email", "choices"])
@pytest.mark.parametrize("nothing", [None, "", "  \n", []])
def test_no_answer_is_of_every_kind(kind, nothing):
    assert is_fine(kind, nothing) is True


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("text", "write one line of text, 300 characters at most."),
        ("long", "write text, 20,000 characters at most."),
        ("number", "write a number, such as 12 or 12.5."),
        ("percent", "write a number from 0 to 100."),
        ("date", "write a date as year-month-day, such as 2026-03-31."),
        ("yes_no", "answer yes or no."),
        ("email", "write an e-mail address."),
        ("choices", "choose from the list, each at most once."),
    ],
)
def test_the_refusal_says_what_to_write(kind, said):
    with pytest.raises(ValidationError) as refusal:
        questions.check(Question("q", "How many?", kind, choices=COLOURS), {"neither": "this"})
    assert refusal.value.message_dict == {"q": [f"“How many?”: {said}"]}


@pytest.mark.parametrize(
    ("answer", "says"),
    [(None, False), ("", False), (" \t\n", False), ([], False), (0, True), (False, True), ("0", True), ("no", True)],
)
def test_what_says_anything(answer, says):
    assert questions.is_answered(Question("q", "How many?"), answer) is says


# ── What is missing ──────────────────────────────────────────────────────────────────────────────────────────────────
FORM = (
    Section("first", "First", (Question("a", "A"), Question("b", "B", required=False))),
    Section("second", "Second", (Question("a", "A again"), Question("c", "C", "choices", choices=COLOURS))),
)


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({}, ["first.a", "second.a", "second.c"]),
        ({"first": {}}, ["first.a", "second.a", "second.c"]),
        # The same key in another section is another question.
        ({"first": {"a": "x"}, "second": {"c": []}}, ["second.a", "second.c"]),
        ({"first": {"a": "  "}, "second": {"a": "x", "c": ["red"]}}, ["first.a"]),
        ({"first": {"a": 0}, "second": {"a": "no", "c": ["red"]}}, []),
        ({"first": {"a": "x", "gone": "y"}, "second": {"a": "x", "c": ["red"]}, "gone": {"a": "x"}}, []),
    ],
)
def test_missing_names_each_required_question_without_an_answer(said, missing):
    assert [f"{section.key}.{question.key}" for section, question in questions.missing(FORM, said)] == missing


@pytest.mark.parametrize("form", FORMS)
def test_of_an_untouched_form_every_required_question_is_missing(form):
    required = [(section, each) for section in form for each in section.questions if each.required]
    assert questions.missing(form, {}) == required


@pytest.mark.parametrize("form", FORMS)
def test_the_usual_answers_leave_nothing_missing_and_are_of_their_kind(form):
    said = answers.to(form)
    for section in form:
        for question in section.questions:
            questions.check(question, said[section.key][question.key])
    assert questions.missing(form, said) == []


# ── The forms themselves ─────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("form", FORMS)
def test_keys_name_one_section_and_one_question_each(form):
    keys = [section.key for section in form]
    assert sorted(set(keys)) == sorted(keys)
    for section in form:
        asked = [question.key for question in section.questions]
        assert sorted(set(asked)) == sorted(asked)


def test_every_question_is_of_a_kind_that_can_be_checked():
    kinds = {"text", "long", "number", "percent", "date", "yes_no", "email", "choices", "cuin", "ntn", "goaml"}
    assert [each.key for each in EVERY_QUESTION if each.kind not in kinds] == []
    assert [each.key for each in EVERY_QUESTION if bool(each.choices) != (each.kind == "choices")] == []


def test_both_forms_ask_for_activities_and_every_milestone_for_particulars():
    assert [form.count(ACTIVITIES) for form in FORMS] == [1, 1]
    assert list(MILESTONE_PARTICULARS) == MilestoneCode.values
