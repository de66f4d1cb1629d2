"""The panels of an exchange's case pages, in the order of the page; each is `(case, user, at) -> Panel | None`."""

from licensing.faces.panels import Maker
from licensing.faces.portal import aml, returns
from licensing.faces.portal.conditions import conditions_panel
from licensing.faces.portal.fees import fees_panel
from licensing.faces.portal.inspections import inspection_panel
from licensing.faces.portal.licences import appeals_panel, licence_panel, measures_panel
from licensing.faces.portal.people import people_panel
from licensing.faces.portal.refusals import refusal_panel
from licensing.faces.portal.score import score_panel
from licensing.faces.portal.supervision import supervision_panel
from licensing.faces.rules import rules_panel

PANELS: tuple[Maker, ...] = (
    returns.deficiencies_panel,
    returns.requests_panel,
    refusal_panel,
    score_panel,
    conditions_panel,
    inspection_panel,
    supervision_panel,
    aml.registrations,
    people_panel,
    fees_panel,
    measures_panel,
    licence_panel,
    appeals_panel,
    rules_panel,
)
