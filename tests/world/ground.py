"""The same world for all tests of a module.

It takes many seconds to build, so it is built once; each module has it in a transaction, each test is a savepoint.
"""

from dataclasses import dataclass
from datetime import datetime

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from pvara.demo import path
from pvara.kernel.models import User
from tests import snapshot
from tests.conftest import person
from tests.world.building import build

# It takes many seconds to build, so it is built once; each module has it in a transaction, each test is a savepoint.
CAST = {
    "amina": (),
    "omar": ("case_officer",),
    "asif": ("assessor",),
    "saira": ("moderator",),
    "sana": ("supervisor",),
    "dania": ("committee_member",),
    "danish": ("committee_member",),
    "bilal": ("board_member",),
    "basma": ("board_member",),
    "nadia": ("enforcement_officer",),
    "farah": ("finance_officer",),
    "laila": ("legal_officer",),
    "daud": ("debt_officer",),
    "dua": ("debt_approver",),
    "aisha": ("auditor",),
    "adil": ("system_administrator",),
    "stranger": (),
}


@dataclass(frozen=True)
class Ground:
    """What stands before a test, by primary keys: each test reads its own rows."""

    kept: snapshot.Snapshot
    cast: dict[str, int]
    licence: int
    granted: int
    draft: int
    programme: int
    bill: int
    authorisation: int
    coupon: int
    fixing: int


@pytest.fixture(scope="session")
def built(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
    lately: datetime,
) -> Ground:
    """The world, built and taken away again; `put_back` brings it."""
    quick = override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        MEDIA_ROOT=tmp_path_factory.mktemp("uploads"),
    )
    with django_db_blocker.unblock(), quick, transaction.atomic():
        cast = {name: person(name.capitalize(), *codes) for name, codes in CAST.items()}
        made = build(people_of(cast), lately)
        found = Ground(
            kept=snapshot.take(tmp_path_factory.mktemp("kept")),
            cast={name: user.pk for name, user in cast.items()},
            licence=made.licence.pk,
            granted=made.granted.pk,
            draft=made.draft.pk,
            programme=made.registry.programme.pk,
            bill=made.registry.bill.pk,
            authorisation=made.registry.authorisation.pk,
            coupon=made.registry.coupon.pk,
            fixing=made.registry.fixing.pk,
        )
        transaction.set_rollback(True)
    snapshot.forget()
    return found


def people_of(cast: dict[str, User]) -> path.People:
    return path.People(
        applicant=cast["amina"],
        officer=cast["omar"],
        assessor=cast["asif"],
        moderator=cast["saira"],
        supervisor=cast["sana"],
        member=cast["dania"],
        member2=cast["danish"],
        board=cast["bilal"],
        board2=cast["basma"],
        enforcement=cast["nadia"],
        debt_officer=cast["daud"],
        debt_approver=cast["dua"],
        finance=cast["farah"],
    )
