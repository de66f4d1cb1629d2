"""The facts of letters about a licence, its renewal, its variations, and appeals."""

from datetime import date, datetime

from licensing.letters.about.subject import (
    About,
    address_of,
    conditions_of,
    cuin_of,
    day,
    local_address_of,
    registered_at_home,
)
from licensing.models import (
    Appeal,
    Licence,
    Measure,
    Renewal,
    Variation,
)
from licensing.states import Activity, MeasureKind
from pvara.kernel import audit


def of_licence(licence: Licence, code: str, at: datetime) -> About:
    setup = licence.application.setup
    found = About(
        licence.firm, "LIC", licence.holder_name, local_address_of(setup), cuin_of(licence.cuin), licence.reference
    )
    found.words = {
        "licence": licence.reference,
        "valid_from": day(licence.valid_from),
        "valid_to": day(licence.valid_to),
    }
    found.facts = [
        ("Licence number", licence.reference),
        ("Holder", licence.holder_name),
        ("Parent", licence.firm.legal_name),
        ("Valid from", day(licence.valid_from)),
        ("Valid to", day(licence.valid_to)),
    ]
    found.activities = licence.activity_titles
    found.conditions = conditions_of(licence)
    if code in _MEASURED:
        _add_measures(found, licence, code, at)
    if code == "L61":
        notice = licence.show_cause
        found.words["notice"] = (
            f" The notice to show cause that it interrupted goes on; you may reply until {day(notice.hear_by)}."
            if notice and notice.hear_by
            else ""
        )
    if code == "L58":
        notice = licence.measures.filter(kind=MeasureKind.SHOW_CAUSE, ended_at=at).last()
        found.words["notice_on"] = day(notice.decided_at) if notice and notice.decided_at else "an earlier day"
    if code == "L59":
        refused = licence.surrenders.filter(decided_at=at).first()
        found.case = refused.reference if refused else licence.reference
    if code in ("L54", "L56"):
        winding = licence.wind_downs.filter(opened_at=at).first()
        found.words["wind_down_by"] = day(winding.due_on) if winding else "the day that the Authority sets"
        found.facts.append(("Wind-down to be finished by", found.words["wind_down_by"]))
    return found


# Which measures a letter speaks of.
_MEASURED = {
    "L41": (MeasureKind.RESTRICTION,),
    "L50": (MeasureKind.SHOW_CAUSE,),
    "L51": (MeasureKind.SUSPENSION,),
    "L52": (MeasureKind.URGENT_SUSPENSION,),
    "L53": (MeasureKind.RESTRICTION,),
    "L54": (MeasureKind.REVOCATION,),
    "L58": (MeasureKind.RESTRICTION,),
    "L59": (MeasureKind.RESTRICTION,),
    "L60": (MeasureKind.URGENT_SUSPENSION,),
    "L61": (MeasureKind.RESTRICTION,),
}


def _add_measures(found: About, licence: Licence, code: str, at: datetime) -> None:
    """What was in force at that moment, whatever happened since."""
    then = licence.measures.filter(kind__in=_MEASURED[code], decided_at__lte=at).exclude(ended_at__lte=at)
    measures: list[Measure] = list(then.order_by("pk"))
    if _MEASURED[code] == (MeasureKind.RESTRICTION,):
        found.facts += [(f"Restriction {number}", _restriction(each)) for number, each in enumerate(measures, 1)]
        found.words["restrictions"] = (
            "The restrictions that stand are named under the particulars."
            if measures
            else f"No restriction stands{' any more' if code == 'L41' else ''}."
        )
        return
    for each in measures[-1:]:
        found.words |= {
            "particulars": each.particulars,
            "scope": each.scope,
            "until": day(each.ends_on) if each.ends_on else "",
            "hear_by": day(each.hear_by) if each.hear_by else "",
            "ratify_by": day(each.ratify_by) if each.ratify_by else "",
        }
        found.facts += [(f"Ground {number}", title) for number, title in enumerate(each.ground_titles, 1)]
        if each.ends_on:
            found.facts += [("Suspended", each.scope), ("Last day", day(each.ends_on))]
        if each.hear_by:
            found.facts.append(("Reply or hearing by", day(each.hear_by)))


def _restriction(measure: Measure) -> str:
    until = f" Until {day(measure.ends_on)}, and longer until it is lifted." if measure.ends_on else ""
    stopped = f" (activities: {measure.scope})" if measure.wording and measure.activities else ""
    return f"{measure.public_text}{stopped}{until}"


def of_renewal(renewal: Renewal, code: str, at: datetime) -> About:
    found = of_licence(renewal.licence, code if code == "L43" else "", at)
    found.facts.append(("Renewal", renewal.reference))
    if code == "L12":
        found.case = renewal.reference
    if renewal.renewed_to is not None:
        _name_term(found, renewal.licence.valid_from, renewal.renewed_to)
    return found


def _name_term(found: About, first: date, last: date) -> None:
    found.words |= {"valid_from": day(first), "valid_to": day(last)}
    term = {"Valid from": day(first), "Valid to": day(last)}
    found.facts = [(name, term.get(name, said)) for name, said in found.facts]


def of_variation(variation: Variation, code: str, at: datetime) -> About:
    licence = variation.licence
    found = of_licence(licence, "", at)
    found.facts.append(("Variation", variation.reference))
    if code == "L12":
        found.case = variation.reference
        return found
    # What it covers since this decision, though it may have been varied again.
    entry = audit.history(licence).filter(event="varied", at=at).last()
    covered = entry.data["to"] if entry else licence.activities
    found.activities = [str(Activity(each).label) for each in covered]
    return found


# What a letter says of an appeal, by the move that it reports.
_APPEALED = {
    "record_appeal": "It is recorded, and goes to a panel of members none of whom took part in the decision. It does "
    "not of itself suspend the decision.",
    "turn_away": "It is not admitted, for the reasons given below.",
    "stay": "The decision is stayed until the appeal is decided: nothing further is done on it meanwhile, and the "
    "public register says that an appeal is pending.",
    "lift_stay": "The stay is lifted: what follows from the decision goes on until the appeal is decided.",
    "uphold": "The appeal fails, and the decision stands.",
    "vary_decision": "The decision is varied, as the reasons below say. It is carried out by a new decision in line "
    "with them; what follows until then is named under the particulars.",
    "withdraw": "It is withdrawn, and closed without a decision on it. The decision appealed stands.",
    "remit": "The decision is taken away, and the matter goes back for a new decision by people who did not take it.",
    "set_aside": "The decision is set aside. What it took away is given back from this day on; what ended by it in "
    "law, such as an authorisation to distribute assets of the state, is to be applied for anew.",
}

# What the log says became of a decision by the outcome of its appeal.
EFFECTS = ("effect_given", "left_in_force", "nothing_given_back")


def of_appeal(appeal: Appeal, code: str, at: datetime) -> About:
    subject = appeal.subject
    licence = subject if isinstance(subject, Licence) else getattr(subject, "licence", None)
    first = appeal.firm.nocapplications.order_by("pk").first()
    found = About(
        appeal.firm,
        "APP",
        licence.holder_name if isinstance(licence, Licence) else appeal.firm.legal_name,
        address_of(first) if first else [appeal.firm.country],
        registered_at_home(appeal.firm),
        appeal.reference,
    )
    made = audit.history(appeal).filter(at__lte=at, event__in=_APPEALED).last()
    effect = audit.history(appeal).filter(at=at, event__in=EFFECTS).last()
    outcome = _APPEALED[made.event] if made else ""
    if effect is not None and effect.event == "nothing_given_back":
        outcome = "The decision is taken away. It gives nothing back, for the reason named under the particulars."
        if made is not None and made.event == "vary_decision":
            outcome = "The decision is varied, as the reasons below say. Nothing follows from it now, for the reason "
            outcome += "named under the particulars."
    found.words = {
        "decision": appeal.decision_title.lower(),
        "decided_on": day(appeal.decision.at),
        "outcome": outcome,
    }
    found.facts = [
        ("Appeal", appeal.reference),
        ("Decision appealed", f"{appeal.decision_title}, {subject.reference}, {day(appeal.decision.at)}"),
        ("Filed on", day(appeal.filed_on)),
    ]
    if effect is not None:
        found.facts.append(("What follows from it", effect.note))
    if appeal.tribunal_number:
        found.facts.append(("Tribunal's number", appeal.tribunal_number))
    return found
