"""What pages say of a case beyond its own fields: whom it waits for, and the state in plain words."""

from dataclasses import dataclass
from typing import Any

from licensing.access import ACCEPT_EVIDENCE, DRAFT_DECISIONS, MODERATE, RATE, VERIFY_MILESTONES
from licensing.models import (
    AmlRegistration,
    Appeal,
    Licence,
    LicenceApplication,
    NocApplication,
    Renewal,
    SetUp,
    Variation,
)
from pvara.kernel.machine import Stateful, moves_of

# Work that is not a move: in which states of a case it waits.
WORK_IN_STATES = {
    RATE: ("under_assessment",),
    MODERATE: ("under_assessment",),
    ACCEPT_EVIDENCE: ("completeness_check", "under_assessment"),
    # Conditions, and grounds for a refusal.
    DRAFT_DECISIONS: ("recommended",),
}


def states_waiting_for(user: Any, model: type[Stateful]) -> set[str]:
    """The states in which a case waits for somebody with this person's roles."""
    waiting = {
        source
        for row in moves_of(model).values()
        for source in row.sources
        if any(user.has_perm(permission) for permission in row.permissions)
    }
    if model in (NocApplication, LicenceApplication):
        waiting |= {
            state for permission, states in WORK_IN_STATES.items() if user.has_perm(permission) for state in states
        }
    # While a set-up is open, its milestones are verified and the criteria that it adds are assessed.
    if model is SetUp and any(user.has_perm(each) for each in (VERIFY_MILESTONES, RATE, MODERATE, ACCEPT_EVIDENCE)):
        waiting.add("open")
    # What was decided waits for nobody, though it may still be suspended or revoked.
    return waiting - getattr(model, "closed_states", frozenset())


# ── In plain words, for the applicant ────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Words:
    """Where a case stands and what comes next, as one would say it on the telephone."""

    now: str
    after: str
    yours: bool = False


PLAIN: dict[type[Stateful], dict[str, Words]] = {
    NocApplication: {
        "draft": Words(
            "Your form is not submitted yet.", "Answer every section, upload evidence, sign and submit.", True
        ),
        "submitted": Words("We have received your application.", "A case officer takes it up."),
        "completeness_check": Words("We are checking whether everything is there.", "Then the assessment begins."),
        "under_assessment": Words("We are assessing your compliance framework.", "Then the supervisor recommends."),
        "recommended": Words("The assessment is finished.", "The committee decides."),
        "granted": Words(
            "You hold a No Objection Certificate. It is not a licence: you may prepare, not operate.",
            "Set up your subsidiary in Pakistan.",
        ),
        "refused": Words("Your application was refused.", "The letter gives the reasons and says how to appeal."),
        "returned_incomplete": Words(
            "Your application came back to you: something is missing.",
            "Answer every item, sign and submit it again.",
            True,
        ),
        "rfi": Words("We have asked you for information.", "Answer every question; then we go on.", True),
        "minded_to_refuse": Words(
            "We intend to refuse your application; the letter says why.", "You may make representations first.", True
        ),
        "rejected_incomplete": Words("Your application was rejected as incomplete.", "You may apply again."),
        "withdrawn": Words("You withdrew your application.", "You may apply again."),
        "lapsed": Words("Your application lapsed: we heard nothing from you in time.", "You may apply again."),
        "suspended": Words("Your No Objection Certificate is suspended.", "The letter says what to remedy."),
        "revoked": Words("Your No Objection Certificate was revoked.", "The letter gives the reasons."),
        "expired": Words("Your No Objection Certificate has expired.", "You may apply again."),
    },
    SetUp: {
        "open": Words(
            "Your set-up is open.", "Submit each milestone; we confirm the set-up when all are verified.", True
        ),
        "complete": Words("Your set-up is confirmed.", "Apply for the full licence.", True),
        "lapsed": Words("Your set-up lapsed: its term ended before it was confirmed.", "Talk to your case officer."),
    },
    LicenceApplication: {
        "draft": Words(
            "Your form is not submitted yet.", "Answer every section, upload evidence, sign and submit.", True
        ),
        "submitted": Words("We have received your application.", "A case officer takes it up."),
        "completeness_check": Words("We are checking whether everything is there.", "Then the assessment begins."),
        "under_assessment": Words("We are assessing your application.", "Then the supervisor recommends."),
        "recommended": Words("The assessment is finished.", "The committee decides."),
        "in_principle": Words(
            "You are approved in principle. This is not a licence yet.",
            "Meet the conditions precedent; then the board decides on the licence.",
        ),
        "licensed": Words("Your licence was granted.", "Keep your evidence up to date."),
        "refused": Words("Your application was refused.", "The letter gives the reasons and says how to appeal."),
        "returned_incomplete": Words(
            "Your application came back to you: something is missing.",
            "Answer every item, sign and submit it again.",
            True,
        ),
        "rfi": Words("We have asked you for information.", "Answer every question; then we go on.", True),
        "minded_to_refuse": Words(
            "We intend to refuse your application; the letter says why.", "You may make representations first.", True
        ),
        "rejected_incomplete": Words("Your application was rejected as incomplete.", "You may apply again."),
        "withdrawn": Words("You withdrew your application.", "You may apply again."),
        "lapsed": Words("Your application lapsed: we heard nothing from you in time.", "You may apply again."),
        "inspection": Words("We are inspecting your systems and controls.", "Then the assessment goes on."),
    },
    AmlRegistration: {
        "requested": Words("You have asked for AML Registered Services.", "The committee decides."),
        "permitted": Words(
            "You may offer the registered services, within the limits of the letter. This is not a licence.",
            "Go on with your set-up and apply for the full licence.",
        ),
        "refused": Words("The services were refused.", "The letter gives the reasons and says how to appeal."),
        "withdrawn": Words("You withdrew the request.", "You may ask again."),
        "ended": Words("The permission has ended: stop the registered services.", "The letter says why."),
    },
    Licence: {
        "active": Words("Your licence is active.", "Keep your evidence up to date."),
        "active_restricted": Words(
            "Your licence is active, with restrictions.", "Keep to them; they stand on the register until we lift them."
        ),
        "show_cause": Words(
            "We have asked you to show cause why the licence should not be suspended or revoked.",
            "Reply in time; nothing is decided yet.",
            True,
        ),
        "suspended": Words(
            "Your licence is suspended: stop the business that the letter names.", "The letter says what to remedy."
        ),
        "surrender_requested": Words(
            "You have asked to surrender your licence.", "We look whether clients have their assets back, then decide."
        ),
        "surrendered": Words("You have surrendered your licence.", "You may no longer call yourself licensed."),
        "expired": Words("Your licence has expired: it was not renewed.", "Wind the business down in good order."),
        "revoked": Words(
            "Your licence was revoked: wind the business down.", "The letter gives the reasons and says how to appeal."
        ),
    },
    Renewal: {
        "not_due": Words("It is too early to renew the licence.", "We tell you when it can be asked for."),
        "due": Words("The licence can be renewed now.", "Ask for renewal before the term ends.", True),
        "submitted": Words("You have asked for renewal.", "The licence runs on until the committee decides."),
        "renewed": Words("The licence was renewed.", "Keep your evidence up to date."),
        "failed": Words("The licence was not renewed.", "The letter gives the reasons and says how to appeal."),
    },
    Variation: {
        "requested": Words("You have asked to change what the licence covers.", "The committee decides."),
        "varied": Words("The licence was changed.", "The new certificate names what it covers."),
        "refused": Words("The change was refused.", "The letter gives the reasons and says how to appeal."),
        "withdrawn": Words("You withdrew the request.", "You may ask again."),
        "lapsed": Words("The request ended with the licence.", "Nothing is left to do."),
    },
    Appeal: {
        "noticed": Words("You have given notice of an appeal.", "We record it, and say so by letter."),
        "appeal_filed": Words("Your appeal is recorded.", "A panel that took no part in the decision decides on it."),
        "stayed": Words("The decision is stayed until your appeal is decided.", "The panel decides."),
        "upheld": Words("The decision stands.", "The letter gives the reasons."),
        "varied": Words("The decision was varied.", "The letter says how, and what follows from it."),
        "remitted": Words("The matter goes back for a new decision.", "Others decide than those who did before."),
        "set_aside": Words("The decision was set aside.", "The letter says what follows."),
        "withdrawn": Words("The appeal was withdrawn.", "The decision stands."),
        "not_admitted": Words("The appeal was not admitted.", "The letter gives the reasons."),
    },
}


def plainly(case: Stateful) -> Words:
    return PLAIN[type(case)][case.state]
