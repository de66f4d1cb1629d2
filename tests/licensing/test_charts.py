"""Pictures of scores: well-formed, the same every time, and true to their figures. No database."""

from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing import charts
from licensing.charts import Bar, Point

SVG = "{http://www.w3.org/2000/svg}"
PERCENT = st.decimals(0, 100, places=4)


def drawn(svg):
    return ElementTree.fromstring(svg)


def test_a_bar_is_as_long_as_its_value_and_its_floor_stands_where_it_is():
    picture = drawn(charts.domains([Bar("D1", Decimal(50), Decimal(75)), Bar("D2", Decimal(100))]))
    rects = [(each.get("width"), each.get("fill")) for each in picture.iter(f"{SVG}rect")]
    assert rects == [
        ("360", charts.PALE),
        ("180.0", charts.MISSED),
        ("360", charts.PALE),
        ("360.0", charts.NEITHER),
    ]
    assert [each.get("x1") for each in picture.iter(f"{SVG}line")] == ["570.0"]


@pytest.mark.parametrize(("value", "colour"), [("75", charts.MET), ("74.9999", charts.MISSED)])
def test_a_floor_is_met_at_the_floor(value, colour):
    picture = drawn(charts.domains([Bar("D1", Decimal(value), Decimal(75))]))
    assert [each.get("fill") for each in picture.iter(f"{SVG}rect")][1] == colour


def test_a_total_holds_until_the_next_entry():
    points = [Point(date(2026, 1, 11), Decimal(50)), Point(date(2026, 1, 1), Decimal(100))]
    (steps,) = drawn(charts.over_time(points, until=date(2026, 1, 21), bars={})).iter(f"{SVG}polyline")
    assert steps.get("points") == "40.0,10.0 355.0,10.0 355.0,100.0 670.0,100.0"


def test_an_empty_history_is_a_picture_all_the_same():
    assert list(drawn(charts.over_time([], until=date(2026, 1, 1), bars={})).iter(f"{SVG}polyline")) == []
    assert charts.shares([]) == [(begins, 0) for begins in range(0, 100, 5)]
    drawn(charts.distribution([]))


def test_words_are_escaped():
    picture = drawn(charts.domains([Bar("<b>&", Decimal(1))]))
    assert next(picture.iter(f"{SVG}text")).text == "<b>&"


@given(st.lists(PERCENT, max_size=30))
def test_every_licensee_is_counted_once_and_in_its_place(totals):
    counted = dict(charts.shares(totals))
    assert sum(counted.values()) == len(totals)
    for begins, count in counted.items():
        ends = begins + 5 if begins < 95 else 101
        assert count == sum(begins <= each < ends for each in totals)
    drawn(charts.distribution(totals))


@given(st.lists(st.tuples(st.dates(date(2026, 1, 1), date(2027, 1, 1)), PERCENT), max_size=8))
def test_the_same_figures_make_the_same_picture(rows):
    points = [Point(*each) for each in rows]
    said = {"until": date(2027, 1, 2), "bars": {"G3": Decimal(75)}}
    assert charts.over_time(points, **said) == charts.over_time(list(points), **said)
    drawn(charts.over_time(points, **said))
