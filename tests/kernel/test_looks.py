"""Within one look the same question is asked once; between looks it is asked again."""

from datetime import date

import pytest
from django.test import RequestFactory

from pvara.kernel import clock, figures, looks
from pvara.kernel.models import Holiday

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 20)


def test_a_page_reads_the_calendar_once(django_assert_num_queries):
    with looks.one_look(), django_assert_num_queries(1):
        assert clock.calendar() == clock.calendar()


def test_the_next_page_sees_what_changed(db):
    with looks.one_look():
        assert clock.calendar().is_working_day(DAY)
        Holiday.objects.create(date=DAY, name="Eid al-Fitr", announced_by="Cabinet Division")
        assert clock.calendar().is_working_day(DAY)
    with looks.one_look():
        assert not clock.calendar().is_working_day(DAY)


def test_outside_of_a_look_everything_is_asked_afresh(db):
    assert clock.calendar().is_working_day(DAY)
    Holiday.objects.create(date=DAY, name="Eid al-Fitr", announced_by="Cabinet Division")
    assert not clock.calendar().is_working_day(DAY)


def test_a_page_reads_the_figures_once_and_finds_the_same_as_one_at_a_time(django_assert_num_queries):
    figures.load(figures.shipped())
    on = date(2026, 11, 1)
    alone = (figures.value("noc.validity_months", on), figures.limit("noc.decision", on), figures.values("noc.", on))
    with looks.one_look(), django_assert_num_queries(1):
        assert (
            figures.value("noc.validity_months", on),
            figures.limit("noc.decision", on),
            figures.values("noc.", on),
        ) == alone


@pytest.mark.parametrize(("method", "open_"), [("get", True), ("head", True), ("post", False), ("delete", False)])
def test_only_a_request_that_changes_nothing_is_one_look(method, open_):
    found = []
    looks.OneLookARequest(lambda request: found.append(looks.is_open()))(getattr(RequestFactory(), method)("/"))
    assert found == [open_]
    assert not looks.is_open()
