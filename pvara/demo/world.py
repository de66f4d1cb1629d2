"""The demonstration world: every firm walks its path through the real actions, at back-dated times."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from licensing.actions.agreements import promise, record_mou
from licensing.actions.firms import register_firm
from licensing.actions.overdue import raise_flags
from licensing.models import Firm, Licence
from pvara.demo import accounts, life, path
from pvara.demo.firms import INVENTED, MOU, MOU_HELP, REAL, DemoFirm
from pvara.demo.programme import DEMONSTRATION, load_programme
from pvara.kernel import figures
from pvara.kernel.models import User

# The day on which Binance and HTX received their NOCs.
NOC_DAY = datetime(2025, 12, 12, 11, 0, tzinfo=ZoneInfo("Asia/Karachi"))

# The real set-up began in 2025 and nobody outside knows how far it is. A longer term than our own proposal of 180 days
# keeps the demonstration from calling a real firm late.
LONG_SETUP = {
    "key": "setup.finish",
    "title": "Set-up of the local subsidiary",
    "value": 540,
    "unit": "days",
    "mark": "I",
    "source": "Demonstration only.",
    "effective_from": "2025-07-10",
}

# Its letters are checked from the first day of the demonstration on; what is told of the past went out long ago.
UNCHECKED = {
    "key": "letters.checked",
    "title": "Letters that a second person checks before they are signed",
    "value": [],
    "unit": "words",
    "mark": "I",
    "source": "Demonstration only.",
    "effective_from": "2025-07-10",
}

# Its rates of exchange are made up, and are not said to be the State Bank's.
INVENTED_RATES = {
    "key": "fx.source",
    "title": "Whose rates of exchange count, as entered by hand",
    "value": DEMONSTRATION,
    "unit": "words",
    "mark": "I",
    "source": "Demonstration only.",
    "effective_from": "2025-07-10",
}

Say = Callable[[str], None]


def is_loaded() -> bool:
    return Firm.objects.filter(legal_name=REAL[0].legal_name).exists()


@transaction.atomic
def load(*, now: datetime, say: Say) -> None:
    """Load the whole world, or nothing of it."""
    say("regime: figures, holidays, scoring framework, letter texts")
    path.load_regime()
    checked = figures.value("letters.checked", on=timezone.localdate(now))
    from_today = {**UNCHECKED, "value": checked, "effective_from": str(timezone.localdate(now))}
    figures.load([LONG_SETUP, UNCHECKED, from_today, INVENTED_RATES])
    staff = accounts.make_staff(at=NOC_DAY - timedelta(days=60))
    for each in (*REAL, *INVENTED):
        say(f"{each.trading_name}: {each.stage}")
        _walk(each, staff, now)
    binance = Firm.objects.get(legal_name=REAL[0].legal_name)
    mou = record_mou(binance, by=staff["supervisor"], at=NOC_DAY, **MOU)
    for said in MOU_HELP:
        promise(mou, by=staff["supervisor"], at=NOC_DAY, **said)
    say("programme: a treasury bill, two bonds, gold and oil")
    venue = Licence.objects.get(firm__legal_name=INVENTED[0].legal_name)
    applicant = User.objects.get(email=accounts.address_of(INVENTED[0].key))
    people = accounts.cast_with(applicant, staff)
    load_programme(venue, people=people, now=now)
    say("supervision of the licensee, and a proposal to change a setting")
    supervise(venue, people=people, now=now)
    raise_flags(now)


def supervise(licence: Licence, *, people: path.People, now: datetime) -> None:
    """A return, an incident, a visit and a finding; brokerage asked for; and shorter terms proposed to the board."""
    lately = now - timedelta(days=1)
    life.supervised(licence, people=people, at=lately)
    path.finding(licence, people=people, at=lately)
    life.variation_asked(licence, people=people, at=lately)
    first = timezone.localdate(now) + timedelta(days=30)
    path.propose_setting("noc.intake", 5, effective_from=first, people=people, at=lately)
    path.propose_row("returns", "reserves", {"due_days": 10}, effective_from=first, people=people, at=lately)


def _apply(firm: Firm, stage: str, people: path.People, start: datetime) -> None:
    """An application as far as its stage, with what came back from the regulator where the stage says so."""
    told: dict[str, Any] = {"people": people, "at": start}
    match stage:
        case "returned":
            case = path.noc_case(firm, until="completeness_check", **told)
            path.returned(case, "The minute by which the board approved the AML policy.", **told)
        case "asked":
            case = path.noc_case(firm, until="under_assessment", **told)
            path.asked(case, "Who owns the holding company?", "Which monitoring tool is in use?", **told)
        case "late":
            path.noc_case(firm, until="completeness_check", people=people, at=start - timedelta(days=60))
        case _:
            poor = stage in ("refused", "minded_to_refuse")
            path.noc_case(firm, until=stage, rating=2 if poor else 4, **told)


def _walk(each: DemoFirm, staff: dict[str, User], now: datetime) -> None:
    applicant = accounts.make_applicant(each.key, each.trading_name)
    people = accounts.cast_with(applicant, staff)
    phase, stage = each.stage.split(":")
    # Real NOCs keep their real day; the rest happened lately, so that clocks and evidence are still running.
    start = NOC_DAY if each.key in ("binance", "htx") else now - timedelta(days=12)
    firm = register_firm(
        each.legal_name,
        by=applicant,
        at=start,
        trading_name=each.trading_name,
        country=each.country,
        home_regulator=each.home_regulator,
        website=each.website,
        public_note=each.public_note,
        invented=each.invented,
    )
    if phase == "noc":
        _apply(firm, stage, people, start)
        return
    case = path.noc_case(firm, people=people, at=start)
    if not each.invented:
        # Nor is anybody real shown below a bar that was never put to them.
        path.rate_everything(firm, "SETUP", people=people, at=now - timedelta(days=3))
    if phase == "setup" and stage == "open":
        return
    if phase == "setup" and stage == "begun":
        path.submit_milestone(case.setup.milestones.get(code="M5"), people=people, at=now - timedelta(days=3))
        return
    setup = path.confirmed_setup(case, people=people, at=start + timedelta(days=2))
    if phase == "setup":
        return
    if phase == "full":
        path.full_case(setup, people=people, at=start + timedelta(days=4), until=stage)
        return
    application = path.full_case(setup, people=people, at=start + timedelta(days=6))
    for days, code, rating in each.found_since:
        path.rate_anew(firm, code, people=people, at=now - timedelta(days=days), rating=rating)
    if stage == "suspended":
        life.suspend(
            application.licence,
            people=people,
            at=now - timedelta(days=2),
            note="Client assets could not be reconciled for three days running.",
        )
        life.ratify(application.licence, people=people, at=now - timedelta(days=1))
