"""What the forms ask: the sections of Form A1 and of the full application, and the particulars of each milestone.

Pure data. The portal makes its pages from these tables, the API checks answers with them, and the gate
`sections_are_complete` reads which answers are still missing.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from licensing.identifiers import IDENTIFIERS, is_well_formed
from licensing.states import Activity


@dataclass(frozen=True)
class Question:
    """One question; `kind` is text, long, number, percent, date, yes_no, email, choices, cuin, ntn or goaml.

    `only_if` is another question of the same page and the answer to it that makes this one be asked.
    """

    key: str
    label: str
    kind: str = "text"
    required: bool = True
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    only_if: tuple[str, str] | None = None


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    questions: tuple[Question, ...]


Answers = Mapping[str, Mapping[str, Any]]

ACTIVITIES = Section(
    "activities",
    "Activities",
    (
        Question(
            "activities",
            "Which activities do you apply for?",
            "choices",
            hint="Each is assessed and permitted on its own.",
            choices=tuple(Activity.choices),
        ),
        Question("products", "What will customers in Pakistan be offered?", "long"),
    ),
)

FORM_A1: tuple[Section, ...] = (
    Section(
        "applicant",
        "The applicant",
        (
            Question("contact_name", "Name of the contact person"),
            Question("contact_email", "E-mail of the contact person", "email"),
            Question("registered_address", "Registered address", "long"),
            Question("incorporated_on", "Date of incorporation", "date"),
            Question("employees", "Number of employees in the group", "number", required=False),
        ),
    ),
    ACTIVITIES,
    Section(
        "home_regulation",
        "Home regulation",
        (
            Question("regulator", "Regulator of the home jurisdiction", hint="Write “none” if there is none."),
            Question("licence_number", "Licence number there", required=False),
            Question(
                "enforcement_history",
                "Enforcement actions in the last ten years",
                "long",
                hint="List each with its date and outcome, or write “none”.",
            ),
        ),
    ),
    Section(
        "ownership",
        "Ownership and control",
        (
            Question(
                "beneficial_owners",
                "Every natural person who holds 10% or more",
                "long",
                hint="One a line: name, nationality, share.",
            ),
            Question("chain", "The chain of ownership up to those persons", "long"),
        ),
    ),
    Section(
        "key_individuals",
        "Key individuals",
        (
            Question("chief_executive", "Chief executive"),
            Question("compliance_officer", "Compliance officer"),
            Question(
                "mlro",
                "Money-laundering reporting officer (MLRO)",
                hint="The MLRO is an employee; the function may not be outsourced.",
            ),
            Question("mlro_in_house", "Is the MLRO employed by the applicant?", "yes_no"),
        ),
    ),
    Section(
        "aml",
        "AML, sanctions and monitoring",
        (
            Question("policy_approved_on", "Date on which the board approved the AML/CFT policy", "date"),
            Question("monitoring_tool", "Transaction and blockchain-analytics monitoring in use"),
            Question("screening_tool", "Sanctions screening in use"),
            Question("records_kept_years", "Years for which records are kept", "number"),
        ),
    ),
    Section(
        "pakistan_plan",
        "Plan for Pakistan",
        (
            Question("plan", "Business plan for the first three years", "long"),
            Question("launch", "Intended date of launch", "date", required=False),
        ),
    ),
)

FULL_FORM: tuple[Section, ...] = (
    Section(
        "subsidiary",
        "The local subsidiary",
        (
            Question("registered_address", "Registered office in Pakistan", "long"),
            Question("contact_name", "Name of the contact person"),
            Question("contact_email", "E-mail of the contact person", "email"),
        ),
    ),
    ACTIVITIES,
    Section(
        "custody",
        "Custody and segregation",
        (
            Question("segregation", "How client assets are segregated", "long"),
            Question("cold_share", "Share of client assets in cold storage, in per cent", "percent"),
            Question("reserves", "How reserves are proved, by whom and how often", "long"),
        ),
    ),
    Section(
        "technology",
        "Technology and cyber security",
        (
            Question("architecture", "Systems and where they run", "long"),
            Question("penetration_test_on", "Date of the last independent penetration test", "date"),
        ),
    ),
    Section(
        "capital",
        "Capital",
        (
            Question("paid_up_pkr", "Paid-up capital in PKR", "number"),
            Question("monthly_costs_pkr", "Average monthly operating cost in PKR", "number"),
        ),
    ),
    Section(
        "conduct",
        "Market conduct and consumers",
        (
            Question("surveillance", "Market surveillance in use", "long"),
            Question("complaints", "How complaints are handled", "long"),
            Question("wind_down", "Outline of the orderly wind-down plan", "long"),
        ),
    ),
)

MILESTONE_PARTICULARS: dict[str, tuple[Question, ...]] = {
    "M1": (
        Question("subsidiary_name", "Name of the subsidiary"),
        Question("cuin", "SECP CUIN", "cuin", hint="Seven digits, as on the certificate of incorporation."),
        Question("share", "Share held by the NOC holder, in per cent", "percent"),
    ),
    "M2": (Question("ntn", "National Tax Number", "ntn", hint="Such as 1234567-8."),),
    "M3": (Question("goaml_number", "goAML registration number", "goaml", hint="As the FMU gave it."),),
    "M4": (
        Question("foreign_directors", "Has the subsidiary foreign directors?", "yes_no"),
        Question(
            "clearance",
            "Reference of the clearance letter",
            hint="Only if there are foreign directors.",
            only_if=("foreign_directors", "yes"),
        ),
    ),
    "M5": (Question("address", "Address of the registered office", "long"),),
    "M6": (
        Question("chief_executive", "Chief executive in Pakistan"),
        Question("compliance_officer", "Compliance officer"),
        Question("mlro", "MLRO, employed in-house"),
    ),
    "M7": (
        Question("capital_pkr", "Paid-up capital in PKR", "number"),
        Question("deposit_reference", "Reference of the security deposit"),
    ),
    "M8": (Question("bank", "Bank"), Question("account", "Account title and number")),
    "M9": (Question("statement", "Statement on the beneficial owners", "long"),),
}


def is_answered(question: Question, answer: Any) -> bool:
    """Whether an answer says anything; 0 and “no” do, blanks do not."""
    return bool(answer.strip()) if isinstance(answer, str) else answer is not None and answer != []


def missing(sections: tuple[Section, ...], answers: Answers) -> list[tuple[Section, Question]]:
    """The required questions that have no answer yet."""
    return [
        (section, question)
        for section in sections
        for question in section.questions
        if question.required and not is_answered(question, answers.get(section.key, {}).get(question.key))
    ]


def is_asked(question: Question, said: Mapping[str, Any]) -> bool:
    """Whether a question applies, given the other answers of its page."""
    return question.only_if is None or said.get(question.only_if[0]) == question.only_if[1]


def check(question: Question, answer: Any) -> None:
    """Raise ValidationError for an answer that is not of the question's kind; no answer at all is fine here."""
    if not is_answered(question, answer):
        return
    if not _is_of_kind(question, answer):
        raise ValidationError({question.key: f"“{question.label}”: {_KINDS[question.kind]}"})


_KINDS = {
    **{kind: sentence for kind, (_, sentence) in IDENTIFIERS.items()},
    "text": "write one line of text, 300 characters at most.",
    "long": "write text, 20,000 characters at most.",
    "number": "write a number, such as 12 or 12.5.",
    "percent": "write a number from 0 to 100.",
    "date": "write a date as year-month-day, such as 2026-03-31.",
    "yes_no": "answer yes or no.",
    "email": "write an e-mail address.",
    "choices": "choose from the list, each at most once.",
}


def _is_of_kind(question: Question, answer: Any) -> bool:
    match question.kind:
        case "number" | "percent":
            number = _number(answer)
            return number is not None and (question.kind == "number" or 0 <= number <= 100)
        case "date":
            return isinstance(answer, str) and _is_date(answer)
        case "yes_no":
            return answer in ("yes", "no")
        case "email":
            return isinstance(answer, str) and _is_email(answer)
        case "choices":
            allowed = [value for value, _ in question.choices]
            return isinstance(answer, list) and all(each in allowed and answer.count(each) == 1 for each in answer)
        case "cuin" | "ntn" | "goaml":
            return is_well_formed(question.kind, answer)
        case "text":
            return _is_text(answer, longest=300) and "\n" not in answer and "\r" not in answer
        case _:
            return _is_text(answer, longest=20_000)


def _is_text(answer: Any, *, longest: int) -> bool:
    """Whether it is text that the database can keep: no control characters, no halves of a character."""
    if not isinstance(answer, str) or len(answer) > longest:
        return False
    return all(each in "\n\r\t" or unicodedata.category(each) not in ("Cc", "Cs") for each in answer)


def _is_email(answer: str) -> bool:
    try:
        validate_email(answer)
    except ValidationError:
        return False
    return True


def _number(answer: Any) -> Decimal | None:
    if isinstance(answer, bool) or not isinstance(answer, int | float | str):
        return None
    try:
        number = Decimal(str(answer))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _is_date(answer: str) -> bool:
    # Python also reads 20260331 and 2026-W14-2; people are shown one way of writing a date.
    try:
        return date.fromisoformat(answer).isoformat() == answer
    except ValueError:
        return False
