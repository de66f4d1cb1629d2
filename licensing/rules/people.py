"""Gates of key individuals: of one nomination, and of a case or a milestone that needs all of them."""

from datetime import datetime
from typing import Any

from pvara.kernel.gates import Shut, gate
from pvara.kernel.models import User


@gate("The MLRO is employed by the firm itself: the function may not be outsourced.")
def mlro_is_employed_in_house(individual: Any) -> bool:
    return individual.in_house or "mlro" not in individual.roles


@gate("A role that one person holds at a time is held by somebody else.")
def role_is_vacant(individual: Any) -> bool | Shut:
    held = individual.roles_held_by_others()
    return Shut(*held) if held else True


@gate("The fit-and-proper checks are not all clear and in date.")
def checks_are_clear(individual: Any, at: datetime) -> bool | Shut:
    wanting = individual.checks_wanting(at, results=("clear",))
    return Shut(*wanting) if wanting else True


@gate("The fit-and-proper checks are not all made and in date, or one is adverse.")
def no_check_is_adverse(individual: Any, at: datetime) -> bool | Shut:
    wanting = individual.checks_wanting(at, results=("clear", "concern"))
    return Shut(*wanting) if wanting else True


@gate("Whoever made the checks does not decide on the person.")
def decider_made_no_check(individual: Any, by: User | None) -> bool:
    return by is None or by.pk not in individual.checker_ids()


# ── Of a case ────────────────────────────────────────────────────────────────────────────────────────────────────────
@gate("The key individuals are not all found fit and proper.")
def key_individuals_are_fit_and_proper(case: Any, at: datetime) -> bool | Shut:
    wanting = case.individuals_outstanding(at)
    return Shut(*wanting) if wanting else True


@gate("The roles that a firm must fill are not all filled by approved people.")
def officers_are_approved(subject: Any, at: datetime) -> bool | Shut:
    wanting = subject.officers_outstanding(at)
    return Shut(*wanting) if wanting else True
