"""Fees: what is shared by the tests of invoices, payments and waivers."""

from decimal import Decimal
from threading import Barrier, Thread

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections

from pvara.kernel.machine import MoveRefused

FEE = Decimal("76000.00")


def fresh(row):
    return type(row)._base_manager.get(pk=row.pk)


def at_once(*calls):
    """Run calls in threads that start together, and return what each came to."""
    came, barrier = [None] * len(calls), Barrier(len(calls))

    def run(place, call):
        try:
            barrier.wait()
            came[place] = call()
        except (IntegrityError, ValidationError, MoveRefused) as refusal:
            came[place] = refusal
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def path_firm(name, people, at):
    from licensing.actions.firms import register_firm

    return register_firm(name, by=people.applicant, at=at, country="Pakistan", invented=True)
