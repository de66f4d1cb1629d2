"""Who had a hand in a case, and so neither recommends nor decides it: its officers, its assessors, its recommender.

An officer is whoever has the case in hand or ever had it: handing it over makes nobody a stranger to their own work.
"""

from typing import Any

from licensing.rules.appeals import decider_is_new_after_an_appeal
from licensing.rules.votes import votes_carry_the_decision
from pvara.kernel.gates import gate
from pvara.kernel.models import User


@gate("Whoever has or had a case in hand as its officer does not decide it.")
def decider_is_not_case_officer(case: Any, by: User | None) -> bool:
    return by is None or by.pk not in case.officer_ids()


@gate("Whoever assessed or moderated a case does not decide it.")
def decider_did_not_assess(case: Any, by: User | None) -> bool:
    return by is None or by.pk not in case.assessor_ids()


@gate("Whoever recommended a case does not decide it.")
def decider_is_not_recommender(case: Any, by: User | None) -> bool:
    return by is None or case.recommended_by_id != by.pk


@gate("Whoever recommended or approved a case in principle does not grant the licence.")
def granter_is_not_recommender_or_approver(case: Any, by: User | None) -> bool:
    return by is None or by.pk not in (case.recommended_by_id, case.decided_by_id)


@gate("Whoever has or had a case in hand as its officer does not recommend it.")
def recommender_is_not_case_officer(case: Any, by: User | None) -> bool:
    return by is None or by.pk not in case.officer_ids()


@gate("Whoever assessed or moderated a case does not recommend it.")
def recommender_did_not_assess(case: Any, by: User | None) -> bool:
    return by is None or by.pk not in case.assessor_ids()


# Nobody decides on a case that they own or assessed: the two gates of every decision of the house.
HAD_NO_HAND = (decider_is_not_case_officer, decider_did_not_assess)
# The same where a body takes the decision by its votes.
BY_VOTE = (*HAD_NO_HAND, votes_carry_the_decision)
# Whoever decides on an application has had no part in it at all, not even in a decision that an appeal took away.
UNINVOLVED = (decider_is_not_recommender, *HAD_NO_HAND, decider_is_new_after_an_appeal)
