"""The references of rows: the year in them is the one in which the row was made, in Pakistan."""

from datetime import UTC, datetime

import pytest

from licensing.actions.firms import register_firm
from licensing.models import InformationRequest, KeyIndividual, Licence, NocApplication, SetUp
from pvara.demo import path

# 23:59 of 31 December and 00:01 of 1 January in Karachi: both are the old year in London.
OLD_YEAR, NEW_YEAR = (datetime(2026, 12, 31, 18, 59, tzinfo=UTC), datetime(2026, 12, 31, 19, 1, tzinfo=UTC))


@pytest.mark.parametrize(("at", "year"), [(OLD_YEAR, 2026), (NEW_YEAR, 2027)])
def test_a_row_is_of_the_year_in_which_it_was_made_in_karachi(regime, people, at, year):
    firm = register_firm("Midnight Exchange", by=people.applicant, at=at, country="Pakistan")
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    path.asked(case, "Which tool?", people=people, at=at)
    granted = register_firm("Granted at midnight", by=people.applicant, at=at, country="Pakistan")
    path.noc_case(granted, people=people, at=at)
    # As the database gives them back, their moments are in UTC.
    rows = [
        NocApplication.objects.get(firm=firm),
        InformationRequest.objects.get(firm=firm),
        KeyIndividual.objects.filter(firm=firm).first(),
        SetUp.objects.get(firm=granted),
    ]
    assert [row.reference[3:9] for row in rows] == [f"-{year}-"] * 4


def test_a_reference_stays_what_it_was_when_the_row_was_made(regime, people):
    firm = register_firm("Midnight Exchange", by=people.applicant, at=NEW_YEAR, country="Pakistan")
    made = path.noc_case(firm, people=people, at=NEW_YEAR, until="draft")
    assert NocApplication.objects.get(pk=made.pk).reference == made.reference


def test_a_licence_is_of_the_year_in_which_its_term_begins(regime, people):
    # Licensed two days after the application for its NOC was made.
    at = datetime(2026, 12, 29, 19, 1, tzinfo=UTC)
    firm = register_firm("New Year Exchange", by=people.applicant, at=at, country="Pakistan")
    licence = Licence.objects.get(pk=path.licensed(firm, people=people, at=at).pk)
    assert (str(licence.valid_from), licence.reference[:9]) == ("2027-01-01", "LIC-2027-")
