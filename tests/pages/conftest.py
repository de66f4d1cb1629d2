"""One of everything that a page may show, and a browser of one's own for each of the cast."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from licensing.actions.firms import register_firm
from licensing.models import Evidence, Firm, Letter, Licence, NocApplication
from pvara.demo import path
from pvara.demo.programme import Registry, load_programme
from pvara.kernel import outbox
from pvara.kernel.models import Holiday, User
from tests.conftest import person
from tokenisation.models import Asset, DistributionAuthorisation, Programme


@dataclass(frozen=True)
class World:
    """A licensed exchange with a shelf, one whose set-up is open, and one that has just begun; all are amina's."""

    licence: Licence
    granted: NocApplication
    draft: NocApplication
    registry: Registry

    @property
    def firm(self) -> Firm:
        return self.licence.firm

    def parameters(self) -> dict[str, dict[str, Any]]:
        """What the address of each page is made of; pages that are not named take nothing."""
        firm, application = self.firm, self.licence.application
        case = {"pk": self.licence.pk}
        draft = {"kind": "noc", "pk": self.draft.pk}
        letter = Letter.objects.filter(firm=firm).latest("pk")
        piece = Evidence.objects.filter(firm=firm).latest("pk")
        bill = {"pk": self.registry.bill.pk}
        shelf = {"pk": self.registry.authorisation.pk}
        gold = self.registry.programme.assets.get(kind="gold")
        return {
            "move": {"kind": "licensing.licence", "pk": self.licence.pk, "name": "suspend"},
            "holiday_withdrawn": {"pk": Holiday.objects.latest("pk").pk},
            "staff:firm": {"pk": firm.pk},
            "staff:ratings": {"pk": firm.pk, "phase": "FULL"},
            "staff:criterion": {"pk": firm.pk, "phase": "FULL", "code": "1.1"},
            "staff:noc": {"pk": application.noc.pk},
            "staff:setup": {"pk": application.setup_id},
            "staff:full": {"pk": application.pk},
            "staff:licence": case,
            "staff:evidence": {"pk": piece.pk},
            "staff:evidence_file": {"pk": piece.pk},
            "staff:letter": {"pk": letter.pk},
            "staff:asset_new": {"shelf": "debt"},
            "staff:asset": bill,
            "staff:approval_new": {"pk": gold.pk},
            "staff:attestation_new": {"pk": gold.pk},
            "staff:authorise": bill,
            "staff:authorisation": shelf,
            "staff:allocate": shelf,
            "staff:take_back": shelf,
            "portal:noc_start": {"pk": firm.pk},
            "portal:evidence": {"pk": firm.pk},
            "portal:evidence_file": {"pk": piece.pk},
            "portal:application": draft,
            "portal:review": draft,
            "portal:fee": draft,
            "portal:declare": draft,
            "portal:section": {**draft, "key": "activities"},
            "portal:setup": {"pk": self.granted.setup.pk},
            "portal:full_start": {"pk": application.setup_id},
            "portal:milestone": {"pk": self.granted.setup.milestones.get(code="M1").pk},
            "portal:licence": case,
            "portal:letter": {"pk": letter.pk},
            "portal:venue": {"pk": self.licence.standing.pk},
            "portal:placement": shelf,
            "public:entry": {"number": self.licence.reference},
            "public:verified": {"token": letter.token},
            "public:asset": {"code": self.registry.bill.code},
        }

    def address(self, name: str) -> str:
        return reverse(name, kwargs=self.parameters().get(name))


@pytest.fixture
def at() -> datetime:
    """The pages are opened now, so what they show happened a few days ago."""
    return timezone.now() - timedelta(days=4)


def build(people: path.People, at: datetime) -> World:
    path.load_regime()
    first = register_firm("Indus Exchange Limited", by=people.applicant, at=at, country="Singapore", invented=True)
    licence = path.licensed(first, people=people, at=at)
    second = register_firm("Ravi Exchange Limited", by=people.applicant, at=at, country="Malta", invented=True)
    granted = path.noc_case(second, people=people, at=at)
    third = register_firm("Chenab Exchange Limited", by=people.applicant, at=at, country="Ireland", invented=True)
    draft = path.noc_case(third, people=people, at=at, until="draft")
    registry = load_programme(licence, people=people, now=at + timedelta(days=3))
    outbox.drain()
    return World(licence, granted, draft, registry)


# ── The same world for all tests of a module ─────────────────────────────────────────────────────────────────────────
# It takes seconds to build, so it is built once in a transaction of the module's; each test is a savepoint in it.
CAST = {
    "amina": (),
    "omar": ("case_officer",),
    "asif": ("assessor",),
    "saira": ("moderator",),
    "sana": ("supervisor",),
    "dania": ("committee_member",),
    "danish": ("committee_member",),
    "bilal": ("board_member",),
    "nadia": ("enforcement_officer",),
    "daud": ("debt_officer",),
    "dua": ("debt_approver",),
    "aisha": ("auditor",),
    "adil": ("system_administrator",),
    "stranger": (),
}


@dataclass(frozen=True)
class Ground:
    """What stands before the first test of a module, by primary keys: each test reads its own rows."""

    cast: dict[str, int]
    licence: int
    granted: int
    draft: int
    programme: int
    bill: int
    authorisation: int


@pytest.fixture(scope="module", autouse=True)
def ground(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    quick = override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        MEDIA_ROOT=tmp_path_factory.mktemp("uploads"),
    )
    with django_db_blocker.unblock(), quick, transaction.atomic():
        cast = {name: person(name.capitalize(), *codes) for name, codes in CAST.items()}
        made = build(people_of(cast), timezone.now() - timedelta(days=4))
        yield Ground(
            cast={name: user.pk for name, user in cast.items()},
            licence=made.licence.pk,
            granted=made.granted.pk,
            draft=made.draft.pk,
            programme=made.registry.programme.pk,
            bill=made.registry.bill.pk,
            authorisation=made.registry.authorisation.pk,
        )
        transaction.set_rollback(True)


def people_of(cast: dict[str, User]) -> path.People:
    return path.People(
        applicant=cast["amina"],
        officer=cast["omar"],
        assessor=cast["asif"],
        moderator=cast["saira"],
        supervisor=cast["sana"],
        member=cast["dania"],
        board=cast["bilal"],
        enforcement=cast["nadia"],
        debt_officer=cast["daud"],
        debt_approver=cast["dua"],
    )


@pytest.fixture
def cast(db: None, ground: Ground) -> dict[str, User]:
    return {name: User.objects.get(pk=pk) for name, pk in ground.cast.items()}


@pytest.fixture
def people(cast: dict[str, User]) -> path.People:
    return people_of(cast)


@pytest.fixture
def danish(cast: dict[str, User]) -> User:
    return cast["danish"]


@pytest.fixture
def aisha(cast: dict[str, User]) -> User:
    return cast["aisha"]


@pytest.fixture
def adil(cast: dict[str, User]) -> User:
    return cast["adil"]


@pytest.fixture
def stranger(cast: dict[str, User]) -> User:
    return cast["stranger"]


@pytest.fixture
def world(db: None, ground: Ground) -> World:
    return World(
        licence=Licence.objects.get(pk=ground.licence),
        granted=NocApplication.objects.get(pk=ground.granted),
        draft=NocApplication.objects.get(pk=ground.draft),
        registry=Registry(
            Programme.objects.get(pk=ground.programme),
            Asset.objects.get(pk=ground.bill),
            DistributionAuthorisation.objects.get(pk=ground.authorisation),
        ),
    )


@pytest.fixture
def browse(db: None) -> Callable[[User | None], Client]:
    """`browse(omar)`: a browser in which omar is signed in; nobody is, with None."""

    def opened(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return opened


@pytest.fixture
def everybody(people: path.People, stranger: User, aisha: User, adil: User) -> dict[str, User | None]:
    """The cast by the names that the access table uses."""
    staff = {
        name: getattr(people, name)
        for name in (
            "applicant",
            "officer",
            "assessor",
            "moderator",
            "supervisor",
            "member",
            "board",
            "enforcement",
            "debt_officer",
            "debt_approver",
        )
    }
    return {"anyone": None, "person": stranger, **staff, "auditor": aisha, "administrator": adil}
