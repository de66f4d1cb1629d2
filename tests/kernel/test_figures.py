"""The numbers of the regime: which is in force on a day, and where they come from."""

from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError

from pvara.kernel import figures
from pvara.kernel.clock import Limit
from pvara.kernel.models import Figure

pytestmark = pytest.mark.django_db

NEW_YEAR = date(2027, 1, 1)


@pytest.fixture(autouse=True)
def nothing_loaded(db: None) -> None:
    Figure.objects.all().delete()


def write(key: str = "noc.decision", value: object = 60, unit: str = "days", since: str = "2026-01-01") -> Figure:
    return Figure.objects.create(
        key=key, value=value, unit=unit, effective_from=date.fromisoformat(since), mark="I", source="A test."
    )


def test_the_newest_row_in_force_on_the_day_counts():
    write(value=60, since="2026-01-01")
    write(value=45, since="2027-01-01")
    assert [figures.value("noc.decision", on=day) for day in (date(2026, 12, 31), NEW_YEAR)] == [60, 45]


def test_a_figure_that_is_not_in_force_yet_is_unknown_and_the_error_says_what_to_do():
    write(since="2027-01-02")
    with pytest.raises(figures.UnknownFigure) as refused:
        figures.value("noc.decision", on=NEW_YEAR)
    assert str(refused.value) == (
        "The figure “noc.decision” has no value on 01 January 2027. Add a row with this key, or run "
        "`manage.py load_figures` when none were loaded yet."
    )


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (51, "percent", Decimal("51")),
        (0.1, "percent", Decimal("0.1")),
        ("0.1", "percent", Decimal("0.1")),
        (2000000000, "usd", Decimal("2000000000")),
        (True, "switch", True),
        (["SEC", "FCA"], "words", ["SEC", "FCA"]),
    ],
)
def test_numbers_are_exact_decimals_and_the_rest_is_as_written(value, unit, expected):
    write("a.figure", value, unit)
    found = figures.value("a.figure", on=NEW_YEAR)
    assert found == expected
    assert type(found) is type(expected)


def test_a_term_knows_its_unit():
    write("noc.decision", 60, "days")
    write("noc.intake", 10, "working_days")
    write("noc.validity_months", 12, "months")
    assert figures.limit("noc.decision", on=NEW_YEAR) == Limit(60, "days")
    assert figures.limit("noc.intake", on=NEW_YEAR) == Limit(10, "working_days")
    with pytest.raises(ValueError, match=r"“noc\.validity_months” is counted in months, not in days"):
        figures.limit("noc.validity_months", on=NEW_YEAR)


def test_several_figures_are_read_at_once(django_assert_num_queries):
    write("rag.green", 80, "percent")
    write("rag.green", 85, "percent", since="2027-01-01")
    write("rag.amber", 65, "percent")
    write("noc.fee", 0, "pkr")
    with django_assert_num_queries(1):
        assert figures.values("rag.", on=NEW_YEAR) == {"rag.green": 85, "rag.amber": 65}


def test_one_row_a_day_and_key():
    write()
    with pytest.raises(IntegrityError, match="figure_once_a_day"):
        write(value=61)


def test_the_shipped_figures_load_once_and_never_overwrite():
    write("noc.decision", 45, "days", since="2025-07-09")
    out = StringIO()
    call_command("load_figures", stdout=out)
    call_command("load_figures", stdout=out)
    shipped = len(figures.shipped())
    assert out.getvalue() == (f"{shipped - 1} figures added, 1 were there.\n0 figures added, {shipped} were there.\n")
    assert figures.value("noc.decision", on=NEW_YEAR) == 45


def test_every_shipped_figure_is_well_formed():
    figures.load(figures.shipped())
    for figure in Figure.objects.all():
        figure.full_clean()
    assert figures.limit("full.decision", on=NEW_YEAR) == Limit(40, "working_days")
    assert figures.value("impact.high.client_assets_pkr", on=NEW_YEAR) == Decimal("50000000000")
