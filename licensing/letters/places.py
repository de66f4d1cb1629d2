"""The places that a wording leaves for facts of the case, such as `{due}`: which letter has which, and what they mean.

Every letter of a code has all of its places, whatever its case; a wording that asks for another could not be written.
"""

from string import Formatter

from licensing.letters.kinds import CERTIFICATES, KINDS

# What each place stands for, and what a specimen says there.
MEANINGS: dict[str, tuple[str, str]] = {
    "addressee": ("to whom it is written", "Specimen Exchange Limited"),
    "case": ("the number of the case", "PVARA-NOC-2026-00000"),
    "date": ("the day of the decision", "2 January 2026"),
    "appeal_days": ("days in which an appeal may be filed", "30"),
    "appeal_by": ("the last day for an appeal", "1 February 2026"),
    "appeal_forum": ("where an appeal is filed", "Virtual Assets Appellate Tribunal"),
    "due": ("the last day of what the letter sets going", "3 March 2026"),
    "applicant": ("the firm that the case is about", "Specimen Exchange Limited"),
    "sought": ("what the firm asks for", "a No Objection Certificate"),
    "asked_on": ("the day on which the agency was asked", "2 January 2026"),
    "valid_from": ("the first day of the term", "2 January 2026"),
    "valid_to": ("the last day of the term", "1 January 2027"),
    "last_day": ("the last day for representations", "23 January 2026"),
    "share": ("the share that the NOC holder must own, in per cent", "51"),
    "milestone": ("the milestone", "M1 Incorporation with the SECP"),
    "subsidiary": ("the local subsidiary", "Specimen Exchange (Pvt) Limited"),
    "outcome": ("what was decided, in a sentence", "It is recorded."),
    "inspected_on": ("the day of the inspection", "5 March 2026"),
    "kind": ("on site or technical", "on site"),
    "licence": ("the number of the licence", "PVARA-LIC-2026-00000"),
    "restrictions": ("whether restrictions stand, in a sentence", "No restriction stands."),
    "hear_by": ("by when the firm replies or is heard", "16 January 2026"),
    "particulars": ("what the notice says in particular", "What was found, in the words of the notice."),
    "scope": ("what is suspended", "all activities"),
    "until": ("the last day of the suspension", "1 April 2026"),
    "wind_down_by": ("by when the business is wound down", "1 April 2026"),
    "decided_on": ("the day of the decision appealed", "2 January 2026"),
    "decision": ("the decision appealed", "refuse the noc"),
    "notice_on": ("the day of the notice", "2 January 2026"),
    "ratify_by": ("by when the board ratifies the suspension", "9 January 2026"),
    # The next two follow a sentence and begin with a blank, or are nothing.
    "urgent": ("what follows a suspension before a hearing", " It is made before you were heard."),
    "notice": ("that an earlier notice to show cause goes on", " The notice to show cause goes on."),
}

_ALWAYS = ("addressee", "case", "date", "appeal_days", "appeal_by", "appeal_forum")
_LICENCE = ("licence", "valid_from", "valid_to")
_OWN: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("L01", "L02", "L04", "L05", "L31", "L32", "L33"), ("due",)),
    "L06": ("applicant", "sought", "due", "asked_on"),
    "L07": ("applicant", "sought", "due", "asked_on"),
    "L10": ("valid_to",),
    "L11": ("last_day",),
    **dict.fromkeys(("L15", "L17", "L19"), ("valid_to",)),
    "L16": ("valid_to", "urgent"),
    "L18": ("last_day", "valid_to"),
    "L20": ("due", "share"),
    "L21": ("milestone", "due"),
    "L22": ("subsidiary",),
    "L25": ("outcome",),
    "L34": ("inspected_on", "kind"),
    **dict.fromkeys((*CERTIFICATES, "L55"), _LICENCE),
    **dict.fromkeys(("L41", "L53"), (*_LICENCE, "restrictions")),
    "L50": (*_LICENCE, "particulars", "hear_by"),
    "L51": (*_LICENCE, "scope", "until"),
    "L52": (*_LICENCE, "scope", "until", "hear_by", "ratify_by"),
    "L54": (*_LICENCE, "wind_down_by"),
    "L56": (*_LICENCE, "wind_down_by"),
    "L57": ("decided_on", "decision", "outcome"),
    "L58": (*_LICENCE, "notice_on", "restrictions"),
    "L59": (*_LICENCE, "restrictions"),
    "L60": _LICENCE,
    "L61": (*_LICENCE, "restrictions", "notice"),
}


def places_of(code: str) -> dict[str, str]:
    """The places that a wording of this letter may leave, each with what it stands for."""
    assert code in KINDS, code
    return {name: MEANINGS[name][0] for name in (*_ALWAYS, *_OWN.get(code, ()))}


def sample_of(code: str) -> dict[str, str]:
    """What a specimen of this letter says in each of its places."""
    return {name: MEANINGS[name][1] for name in places_of(code)}


def faults_of(text: str, allowed: dict[str, str]) -> str:
    """What is wrong with the places of a text, in a sentence that says what to do; empty when nothing is."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return "A brace is open or closed on its own. Write {{ or }} where a brace itself is meant."
    for _, name, spec, conversion in parts:
        if name is None:
            continue
        if name not in allowed or spec or conversion:
            mark = f"{{{name}{f'!{conversion}' if conversion else ''}{f':{spec}' if spec else ''}}}"
            known = ", ".join(f"{{{each}}}" for each in allowed)
            return f"This letter has no {mark}. It has {known}." if known else f"Here stands no {mark}: write it out."
    return ""
