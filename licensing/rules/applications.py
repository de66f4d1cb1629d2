"""Gates of the two applications: Form A1 and the full licence."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from licensing import questions
from licensing.scoring import EvidenceStanding
from licensing.states import Severity
from pvara.kernel.gates import Open, Shut, gate

EXPIRED = (EvidenceStanding.IN_GRACE, EvidenceStanding.EXPIRED)


@gate("The form is not complete.")
def sections_are_complete(case: Any) -> bool | Shut:
    missing = questions.missing(case.form, case.answers)
    return (
        Shut(*(f"{section.title}: “{question.label}” has no answer." for section, question in missing))
        if missing
        else True
    )


@gate("A document that has to come with the application is missing.")
def documents_are_present(case: Any, at: datetime) -> bool | Shut:
    missing = case.documents_missing(at)
    return Shut(*missing) if missing else True


@gate("The declaration is not signed.")
def declaration_is_signed(case: Any) -> bool:
    return case.declaration_signed_at is not None


@gate("The firm has another case of this kind that is not decided yet.")
def no_other_case_is_open(case: Any) -> bool | Shut:
    others = [other.reference for other in case.open_siblings()]
    return Shut(f"See {', '.join(others)}.") if others else True


@gate("The firm holds a licence already.")
def no_licence_is_live(case: Any) -> bool | Shut:
    licence = case.live_licence
    return Shut(f"See {licence.reference}.") if licence else True


@gate("Not every criterion of this phase is rated and moderated.")
def criteria_are_rated_and_moderated(case: Any, at: datetime) -> bool | Shut:
    waiting = case.ratings_outstanding(at)
    return Shut(*waiting) if waiting else True


def _clears(case: Any, code: str, at: datetime) -> Open | Shut:
    """What the score says of a gate at that moment; the facts carry the score into the audit entry."""
    verdict = case.score(at).verdict(code)
    return Open(case.score_facts(at)) if verdict.passed else Shut(*(bar.sentence for bar in verdict.failed))


@gate("The compliance score is below the bar for a No Objection Certificate (gate G1).")
def score_clears_g1(case: Any, at: datetime) -> Open | Shut:
    return _clears(case, "G1", at)


def _is_clear_of_conditions(case: Any, code: str, at: datetime) -> bool:
    """Whether the score is above the band in which the gate lets a case through with conditions only."""
    verdict = case.score(at).verdict(code)
    return not (verdict.passed and verdict.conditions_compulsory)


@gate("The score clears gate G1 only with conditions: impose them and grant.")
def score_is_clear_of_g1_conditions(case: Any, at: datetime) -> bool:
    return _is_clear_of_conditions(case, "G1", at)


@gate("The score clears gate G3 only with conditions: impose them and approve.")
def score_is_clear_of_g3_conditions(case: Any, at: datetime) -> bool:
    return _is_clear_of_conditions(case, "G3", at)


@gate("Conditions are compulsory, and none were imposed.")
def conditions_are_imposed_where_compulsory(case: Any, at: datetime) -> bool | Shut:
    if case.imposed_conditions:
        return True
    why = [f"{each.reference} {each.title} is a high finding." for each in case.open_findings(Severity.HIGH)]
    if not _is_clear_of_conditions(case, "G3", at):
        why.insert(0, "The score clears gate G3 with conditions only.")
    return Shut(*why) if why else True


@gate("The compliance score is below the bar for set-up (gate G2).")
def score_clears_g2(case: Any, at: datetime) -> Open | Shut:
    return _clears(case, "G2", at)


@gate("The compliance score is below the bar for AML Registered Services (gate G2a).")
def score_clears_g2a(case: Any, at: datetime) -> Open | Shut:
    return _clears(case, "G2a", at)


@gate("The compliance score is below the bar for a full licence (gate G3).")
def score_clears_g3(case: Any, at: datetime) -> Open | Shut:
    return _clears(case, "G3", at)


@gate("A criterion that always applies rests on evidence that has expired.")
def evidence_is_unexpired(case: Any, at: datetime) -> bool | Shut:
    """For the grant the grace is no excuse: what is valid for years to come rests on what is valid today."""
    lines = [each for each in case.score(at).lines if each.criterion.mark and each.evidence in EXPIRED]
    said = [f"{each.criterion.code} {each.criterion.title}: upload what proves it today." for each in lines]
    return Shut(*said) if said else True


@gate("The compliance score is below the bar for reinstatement (gate G4).")
def score_clears_g4(case: Any, at: datetime) -> Open | Shut:
    return _clears(case, "G4", at)


@gate("The time to apply for a full licence is over.")
def window_is_open(case: Any, at: datetime) -> bool | Shut:
    last = case.apply_by(at)
    return last is None or timezone.localdate(at) <= last or Shut(f"Its last day was {last:%-d %B %Y}.")


@gate("The No Objection Certificate is not in force.")
def noc_is_in_force(case: Any, at: datetime) -> bool | Shut:
    noc = case.noc
    if noc.is_in_force(at):
        return True
    if noc.valid_to is None:
        return Shut(f"{noc.reference} is {noc.get_state_display().lower()}.")
    return Shut(f"{noc.reference} ended on {noc.valid_to:%-d %B %Y}.")
