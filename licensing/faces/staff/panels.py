"""The panels of the regulator's case pages, in the order of the page; each is `(case, user, at) -> Panel | None`."""

from licensing.faces.panels import Maker
from licensing.faces.rules import rules_panel
from licensing.faces.staff import aml, completeness, requests
from licensing.faces.staff.conditions import conditions_panel
from licensing.faces.staff.consultations import consultation_panel
from licensing.faces.staff.fees import fees_panel
from licensing.faces.staff.handovers import officer_panel
from licensing.faces.staff.inspections import inspection_panel
from licensing.faces.staff.interests import conflicts_panel
from licensing.faces.staff.licence_panels import appeals_panel, measures_panel, renewals_panel, surrender_panel
from licensing.faces.staff.memos import memos_panel
from licensing.faces.staff.people import owners_since_panel, people_panel
from licensing.faces.staff.proposals import proposals_panel
from licensing.faces.staff.refusals import refusal_panel
from licensing.faces.staff.supervision import supervision_panel
from licensing.faces.staff.votes import votes_panel

PANELS: tuple[Maker, ...] = (
    votes_panel,
    conditions_panel,
    refusal_panel,
    memos_panel,
    officer_panel,
    conflicts_panel,
    completeness.checklist_panel,
    completeness.deficiencies_panel,
    requests.requests_panel,
    aml.registrations,
    consultation_panel,
    inspection_panel,
    supervision_panel,
    people_panel,
    owners_since_panel,
    fees_panel,
    proposals_panel,
    measures_panel,
    renewals_panel,
    surrender_panel,
    appeals_panel,
    rules_panel,
)
