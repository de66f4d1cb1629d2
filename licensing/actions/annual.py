"""The fee of each further year of a licence. That of the first is charged on its approval in principle (`fees.py`)."""

from datetime import date, datetime

from django.utils import timezone

from licensing.actions.fees import raise_invoice
from licensing.actions.timers import each_row, timer
from licensing.models import Invoice, Licence
from licensing.states import FeeKind


@timer
def charge_for_further_years(at: datetime) -> int:
    """Charge for every year that has begun and was not charged for, by the tariff of its first day.

    A night on which nobody looked is made up for by the next. What finance has cancelled is not charged again by time.
    The fee that is not paid holds up what any unpaid fee does: a renewal, and a reinstatement.
    """

    def charge(licence: Licence, at: datetime) -> bool:
        # Two schedulers take turns: the second finds the invoices of the first.
        licence = Licence.objects.select_for_update(of=("self",), no_key=True).get(pk=licence.pk)
        kept = Invoice.objects.about(licence).filter(kind=FeeKind.ANNUAL)
        charged = set(kept.values_list("period_from", flat=True))
        raised = [
            raise_invoice(licence, FeeKind.ANNUAL, activities=licence.activities, by=None, at=at, period_from=first_day)
            for first_day in years_begun(licence, timezone.localdate(at))
            if first_day not in charged
        ]
        return any(raised)

    begun = Licence.objects.live().filter(valid_from__lt=timezone.localdate(at))
    return each_row(begun.order_by("pk"), charge, at)


def years_begun(licence: Licence, today: date) -> list[date]:
    """The first day of each year after the first that has begun within the term, as far as it is renewed by now."""
    found: list[date] = []
    while (first_day := licence.first_day_of_year(len(found) + 2)) <= min(today, licence.valid_to):
        found.append(first_day)
    return found
