"""Pictures of a programme: well-formed, the same every time, and true to their figures. No database."""

from datetime import date
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvara.kernel.drawing import MET, MISSED, NEITHER
from tokenisation import charts
from tokenisation.charts import Amount

SVG = "{http://www.w3.org/2000/svg}"
LABEL = "Amounts. The table below has the figures."


def of(picture: str, what: str, name: str) -> list[str | None]:
    return [each.get(name) for each in ElementTree.fromstring(picture).iter(f"{SVG}{what}")]


def test_a_bar_is_as_long_as_its_amount_and_its_limit_stands_where_it_is():
    picture = charts.amounts([Amount("Bills", 50, 75), Amount("Bonds", 100)], whole=200, label=LABEL)
    assert of(picture, "rect", "width") == ["400", "100.0", "400", "200.0"]
    assert of(picture, "line", "x1") == ["380.0"]


@pytest.mark.parametrize(("cents", "colour"), [(75, MET), (76, MISSED)])
def test_a_limit_is_kept_at_the_limit(cents, colour):
    assert of(charts.amounts([Amount("Bills", cents, 75)], whole=100, label=LABEL), "rect", "fill")[1] == colour


def test_what_nothing_limits_is_neither_and_what_is_more_than_the_whole_fills_the_line():
    picture = charts.amounts([Amount("Bills", 300), Amount("Bonds", 150, 900)], whole=200, label=LABEL)
    assert of(picture, "rect", "fill")[1] == NEITHER
    assert of(picture, "rect", "width")[1::2] == ["400.0", "200.0"]
    assert of(picture, "line", "x1") == ["630.0"]


def test_a_quarter_is_as_tall_as_what_matures_in_it():
    rungs = [(date(2026, 3, 31), 100), (date(2026, 9, 1), 150), (date(2026, 7, 1), 50)]
    picture = charts.ladder(rungs, label=LABEL)
    assert of(picture, "rect", "height") == ["75.0", "0.0", "150.0"]
    words = [each.text for each in ElementTree.fromstring(picture).iter(f"{SVG}text")]
    assert words == ["US$0.0m", "2026 Q1", "2026 Q2", "US$0.0m", "2026 Q3"]


def test_nothing_is_a_picture_all_the_same():
    assert of(charts.ladder([], label=LABEL), "rect", "height") == []
    assert of(charts.amounts([], whole=0, label=LABEL), "rect", "width") == []


def test_words_are_escaped_and_long_ones_cut():
    picture = charts.amounts([Amount("<b>&" + "x" * 40, 1)], whole=1, label='"<')
    (first, _) = [each.text for each in ElementTree.fromstring(picture).iter(f"{SVG}text")]
    assert first == "<b>&" + "x" * 29 + "…"
    assert ElementTree.fromstring(picture).get("aria-label") == '"<'


@pytest.mark.parametrize(
    ("cents", "said"), [(0, "US$0.0m"), (35_600_000_000, "US$356.0m"), (2 * 10**11, "US$2,000.0m")]
)
def test_amounts_are_told_in_millions(cents, said):
    assert charts.short(cents) == said


@given(st.lists(st.tuples(st.dates(date(2026, 1, 1), date(2056, 1, 1)), st.integers(0, 10**12)), max_size=12))
def test_the_same_figures_make_the_same_picture_in_any_order(rungs):
    picture = charts.ladder(rungs, label=LABEL)
    assert picture == charts.ladder(rungs[::-1], label=LABEL)
    quarters = {charts.quarter_of(day) for day, _ in rungs}
    tall = [each for each in of(picture, "rect", "height") if each != "0.0"]
    assert len(tall) <= len(quarters)
