"""Plausible answers to every question of the forms, for the demonstration and the tests."""

from datetime import date
from decimal import Decimal
from typing import Any

from licensing import ownership, questions

SAID: dict[str, Any] = {
    "contact_name": "A. Contact",
    "contact_email": "contact@example.org",
    "registered_address": "1 Example Road\nKarachi",
    "incorporated_on": "2018-05-14",
    "employees": "240",
    "activities": ["exchange", "custody"],
    "products": "Spot trading in listed virtual assets against PKR, with custody.",
    "regulator": "A recognised regulator",
    "licence_number": "EX-1234",
    "enforcement_history": "none",
    "beneficial_owners": "First Owner, Pakistan, 60%\nSecond Owner, Singapore, 40%",
    "chain": "Both owners hold their shares directly.",
    "chief_executive": "C. Executive",
    "compliance_officer": "C. Officer",
    "mlro": "M. Reporting",
    "mlro_in_house": "yes",
    "policy_approved_on": "2025-09-30",
    "monitoring_tool": "A blockchain-analytics service with real-time rules",
    "screening_tool": "A screening service with UNSC and NACTA lists",
    "records_kept_years": "10",
    "plan": "Three years, staffed from Karachi.",
    "launch": "2026-12-01",
    "segregation": "Client assets are held on trust, apart from the firm's own.",
    "cold_share": "95",
    "reserves": "Daily reconciliation; a half-yearly attestation by an independent firm.",
    "architecture": "Two data centres, active and standby.",
    "penetration_test_on": "2026-01-20",
    "paid_up_pkr": "800000000",
    "monthly_costs_pkr": "40000000",
    "surveillance": "An automated tool with a team of four.",
    "complaints": "Acknowledged in a day, answered in fifteen; the ombudsman after that.",
    "wind_down": "Client assets returned within thirty days under an independent administrator.",
}

MILESTONES: dict[str, dict[str, Any]] = {
    "M1": {"subsidiary_name": "Example Exchange Pakistan (Pvt) Limited", "cuin": "0123456", "share": "100"},
    "M2": {"ntn": "1234567-8"},
    "M3": {"goaml_number": "GOAML-00001"},
    "M4": {"foreign_directors": "yes", "clearance": "MOI/2026/0042"},
    "M5": {"address": "2 Example Avenue\nIslamabad"},
    "M6": {"chief_executive": "L. Chief", "compliance_officer": "L. Officer", "mlro": "L. Reporting"},
    "M7": {"capital_pkr": "800000000", "deposit_reference": "SBP-DEP-0099"},
    "M8": {"bank": "A scheduled bank", "account": "Example Exchange Pakistan, limited purpose"},
    "M9": {"statement": "The beneficial owners are those of the NOC."},
}


# Who holds the three roles that every firm fills, named as in the answers above.
INDIVIDUALS: dict[str, str] = {
    "chief_executive": SAID["chief_executive"],
    "compliance_officer": SAID["compliance_officer"],
    "mlro": SAID["mlro"],
    "director": "D. Rector",
    "senior_manager": "S. Manager",
    "controller": "C. Ontroller",
}


def individual(role: str) -> dict[str, Any]:
    """The particulars of a person for a role, but for the role itself."""
    return {
        "full_name": INDIVIDUALS[role],
        "nationality": "Pakistan",
        "born_on": date(1980, 2, 29),
        "document_kind": "cnic",
        "document_number": "42101-1234567-1",
        "residence": "Pakistan",
        "in_house": True,
        "appointed_on": date(2025, 7, 1),
    }


def owners_of(firm: str, *, first_owner: int = 60) -> list[ownership.Row]:
    """Two natural persons behind a holding company, by default 60 and 40 per cent."""
    person, company = ownership.Kind.PERSON, ownership.Kind.COMPANY
    holding = f"{firm} Holding"
    return [
        ownership.Row(holding, company, firm, Decimal(100), country="Singapore"),
        ownership.Row("First Owner", person, holding, Decimal(first_owner), country="Pakistan"),
        ownership.Row("Second Owner", person, holding, Decimal(100 - first_owner), country="Singapore"),
    ]


def to(form: tuple[questions.Section, ...], **changed: Any) -> dict[str, dict[str, Any]]:
    """An answer to every question of a form; `changed` replaces the usual ones."""
    said = {**SAID, **changed}
    return {section.key: {each.key: said[each.key] for each in section.questions} for section in form}


def milestone(code: str, *, firm: int) -> dict[str, Any]:
    """The particulars of a milestone; registration numbers are each firm's own."""
    numbers = {
        "cuin": f"{firm % 10_000_000:07d}",
        "ntn": f"{firm % 10_000_000:07d}-8",
        "goaml_number": f"GOAML-{firm:05d}",
    }
    return {key: numbers.get(key, said) for key, said in MILESTONES[code].items()}
