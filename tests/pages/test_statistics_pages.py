"""The pages of statistics: every number for staff, what no firm can be told from for the public, and both as CSV."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from licensing.models import NocApplication


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def lines(answer) -> dict[tuple[str, str], dict[str, str]]:
    rows = csv.DictReader(io.StringIO(answer.content.decode(), newline=""))
    return {(row["phase"], row["month"]): row for row in rows}


def test_the_public_sees_no_duration_of_few_decisions_and_no_name(world, people, browse):
    staff = text(browse(people.officer).get(reverse("staff:statistics")))
    public = text(browse(None).get(reverse("public:statistics")))
    assert ("too few to publish" in staff, "too few to publish" in public) == (False, True)
    assert "Completeness check" in public
    for firm in NocApplication.objects.values_list("firm__legal_name", flat=True):
        assert firm not in public


def test_the_csv_has_a_row_for_each_phase_and_month_and_year(world, people, browse):
    year = timezone.localdate().year
    answer = browse(people.officer).get(reverse("staff:statistics_csv"), {"year": year})
    assert answer["Content-Disposition"] == f'attachment; filename="statistics-{year}.csv"'
    found = lines(answer)
    assert len(found) == 6 * (timezone.localdate().month + 1)
    whole = found["P1", str(year)]
    received = NocApplication.objects.exclude(state="draft").count()
    assert int(whole["received"]) == received
    hidden = lines(browse(None).get(reverse("public:statistics_csv")))["P1", str(year)]
    assert hidden["received"] == whole["received"]


@pytest.mark.parametrize("year", ["x", "1999", "9999", "٢٠٢٦", "20260"])
def test_a_year_that_is_nonsense_is_this_year(world, browse, year):
    page = text(browse(None).get(reverse("public:statistics"), {"year": year}))
    assert f"{timezone.localdate().year} in all" in page
