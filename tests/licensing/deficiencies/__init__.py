"""The completeness check: what is shared by the tests of the checklist, of returns and of their answers."""

from datetime import datetime

from django.utils import timezone

from licensing.actions import applications, checklists, deficiencies
from licensing.models import Deficiency
from licensing.models.checklists import checklist_of
from pvara.demo import path
from pvara.kernel.clock import Limit
from pvara.kernel.machine import unmet
from pvara.kernel.seen import mark

DAYS30 = Limit(30)


def shut(subject, name, *, by=None, at):
    """The gates in the way of a move, each with its particulars, as the row now is in the database."""
    fresh = type(subject)._base_manager.get(pk=subject.pk)
    return {each.code: each.details for each in unmet(fresh, name, by=by, at=at)}


def fresh(row):
    return type(row)._base_manager.get(pk=row.pk)


def day(*said: int) -> datetime:
    return timezone.make_aware(datetime(*said))


def returned(case, people, at, *said):
    """The case, returned for some deficiencies."""
    for missing in said or ("The board's minute is missing.",):
        deficiencies.draft_deficiency(case, by=people.officer, at=at, missing=missing)
    return path.step(case, "return_incomplete", by=people.supervisor, at=at, note="Please complete it.")


def answered(case, people, at):
    """Every item answered, the form signed again and submitted."""
    for each in Deficiency.objects.about(case).asked():
        deficiencies.answer_deficiency(each, by=people.applicant, at=at, answer="The minute is attached.")
    applications.sign_declaration(case, by=people.applicant, at=at, seen=mark(case.answers))
    return path.step(case, "resubmit", by=people.applicant, at=at)


def check(case, found, *, by, at):
    """As whoever has just read the checklist."""
    seen = mark({each.key: each.found for each in checklist_of(case, at)})
    return checklists.check_items(case, found, by=by, at=at, seen=seen)


def find_wanting(case, people, at, item="section:aml"):
    check(case, {item: ("wanting", "The tool is not named.")}, by=people.officer, at=at)
