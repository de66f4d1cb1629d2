"""The world of the pages, and a browser of one's own for each of the cast."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client, override_settings
from pytest_django import DjangoDbBlocker

from licensing.models import Licence, NocApplication
from pvara.demo import path
from pvara.demo.programme import Registry
from pvara.kernel.models import User
from tests import snapshot, stages
from tests.world import Ground, World, people_of
from tokenisation.models import (
    Asset,
    AssetDocument,
    CorporateAction,
    DistributionAuthorisation,
    Order,
    Programme,
    RateFixing,
)


@pytest.fixture
def at(lately: datetime) -> datetime:
    """The pages are opened now, so what they show happened a few days ago."""
    return lately


@pytest.fixture(scope="session")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module", autouse=True)
def ground(built: Ground, django_db_blocker: DjangoDbBlocker, uploads: Path) -> Iterator[Ground]:
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=uploads), transaction.atomic():
        snapshot.put_back(built.kept)
        yield built
        transaction.set_rollback(True)
    snapshot.forget()


@pytest.fixture(autouse=True)
def stands_at_the_beginning(db: None, ground: Ground) -> None:
    stages.begin("the world")


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
def laila(cast: dict[str, User]) -> User:
    return cast["laila"]


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
            Order.objects.get(),
            CorporateAction.objects.get(pk=ground.coupon),
            RateFixing.objects.get(pk=ground.fixing),
            AssetDocument.objects.get(edition=2),
        ),
    )


@pytest.fixture
def browse(db: None) -> Callable[[User | None], Client]:
    """`browse(omar)`: a browser in which omar is signed in; nobody is, with None."""

    def opened(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user, backend="pvara.kernel.sign_in.SignInBackend")
        return client

    return opened


@pytest.fixture
def everybody(people: path.People, stranger: User, laila: User, aisha: User, adil: User) -> dict[str, User | None]:
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
            "finance",
            "debt_officer",
            "debt_approver",
        )
    }
    return {"anyone": None, "person": stranger, **staff, "legal": laila, "auditor": aisha, "administrator": adil}
