"""Answers as people read them: each section with its questions, and how far it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from licensing.questions import Answers, Question, Section, is_answered

YES_NO = {"yes": "Yes", "no": "No"}


@dataclass(frozen=True)
class Said:
    """A question with its answer in words; empty when there is none."""

    question: Question
    words: str


@dataclass(frozen=True)
class AnsweredSection:
    """A section with its answers, and whether every question that must be answered is."""

    key: str
    title: str
    said: tuple[Said, ...]

    @property
    def missing(self) -> int:
        return sum(each.question.required and not each.words for each in self.said)

    @property
    def status(self) -> str:
        if not self.missing:
            return "Complete"
        return "In progress" if any(each.words for each in self.said) else "Not started"

    @property
    def tone(self) -> str:
        return {"Complete": "success", "In progress": "warning"}.get(self.status, "secondary")


def in_words(question: Question, answer: Any) -> str:
    if not is_answered(question, answer):
        return ""
    match question.kind:
        case "choices":
            titles = dict(question.choices)
            return ", ".join(titles.get(each, each) for each in answer)
        case "yes_no":
            return YES_NO.get(answer, str(answer))
        case "percent":
            return f"{answer}%"
        case _:
            return str(answer)


def answered(form: Iterable[Section], answers: Answers) -> list[AnsweredSection]:
    return [
        AnsweredSection(
            section.key,
            section.title,
            tuple(Said(each, in_words(each, answers.get(section.key, {}).get(each.key))) for each in section.questions),
        )
        for section in form
    ]
