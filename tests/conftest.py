"""The cast. amina applies, omar reviews, ozair takes over, asif assesses, saira moderates, sana supervises, dania and
danish sit on the committee, bilal, basma and behram on the board, nadia enforces, farah keeps the fees, laila the law
and tahir the tribunal's record, daud and dua keep the debt, aisha audits, adil runs the accounts, and the stranger may
do nothing.
"""

import gc
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import hypothesis
import pytest
from django.utils import timezone
from pytest_django import Settings

from licensing.actions.firms import register_firm
from pvara.demo import path
from pvara.demo.world import UNCHECKED
from pvara.kernel import figures, roles
from pvara.kernel.models import User
from tests import stages
from tests.stages import remembered

# How fast an example comes says something of the machine; what is measured is measured by `make bench`.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")

pytest_plugins = ["tests.conftest_embedded", "tests.flush", "tests.turns", "tests.world.ground"]

PASSWORD = "a long enough password"
CAST: dict[str, tuple[str, ...]] = {
    "amina": (),
    "omar": ("case_officer",),
    "asif": ("assessor",),
    "saira": ("moderator",),
    "sana": ("supervisor",),
    "dania": ("committee_member",),
    "ozair": ("case_officer",),
    "danish": ("committee_member",),
    "bilal": ("board_member",),
    "basma": ("board_member",),
    "behram": ("board_member",),
    "farah": ("finance_officer",),
    "laila": ("legal_officer",),
    "tahir": ("tribunal_recorder",),
    "nadia": ("enforcement_officer",),
    "daud": ("debt_officer",),
    "dua": ("debt_approver",),
    "aisha": ("auditor",),
    "adil": ("system_administrator",),
    "stranger": (),
}
Players = Callable[[str], User]


def pytest_collection_finish() -> None:
    """What is there when the first test begins is there to the end: the collector need not walk over it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Argon2 takes a tenth of a second a person on purpose; the cast is made anew for every test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def walks_are_remembered() -> Iterator[None]:
    with stages.walks_are_remembered():
        yield


@pytest.fixture(autouse=True)
def stands_at_the_beginning() -> None:
    stages.begin()


@pytest.fixture
def at() -> datetime:
    """A Wednesday morning in Pakistan; tests that need other times count from here."""
    return timezone.make_aware(datetime(2026, 3, 4, 10, 0))


@pytest.fixture(scope="session")
def lately() -> datetime:
    """A few days ago, for tests that act now: the same moment in all of them, so that walks are remembered."""
    return timezone.now() - timedelta(days=4)


def person(name: str, *codes: str) -> User:
    user = User.objects.create_user(f"{name.lower()}@example.org", PASSWORD, name=name)
    for code in codes:
        roles.grant(user, code, by=None, at=timezone.now())
    return user


def load_regime() -> None:
    path.load_regime()
    figures.load([UNCHECKED])


def cast_in(*names: str) -> None:
    for name in names:
        person(name.capitalize(), *CAST[name])


# These are the same rows in every test.
the_cast = remembered(cast_in, alone=True)
the_regime = remembered(load_regime, alone=True)
registered = remembered(register_firm, alone=True)


@pytest.fixture
def players(db: None, request: pytest.FixtureRequest) -> Players:
    """Of the cast, those whom the test asks for come together; one that it names only on its way comes by itself."""
    the_cast(*(name for name in CAST if name in request.fixturenames))

    def one(name: str) -> User:
        email = f"{name}@example.org"
        return User.objects.filter(email=email).first() or person(name.capitalize(), *CAST[name])

    return one


@pytest.fixture
def amina(players: Players) -> User:
    return players("amina")


@pytest.fixture
def omar(players: Players) -> User:
    return players("omar")


@pytest.fixture
def asif(players: Players) -> User:
    return players("asif")


@pytest.fixture
def saira(players: Players) -> User:
    return players("saira")


@pytest.fixture
def sana(players: Players) -> User:
    return players("sana")


@pytest.fixture
def dania(players: Players) -> User:
    return players("dania")


@pytest.fixture
def ozair(players: Players) -> User:
    return players("ozair")


@pytest.fixture
def danish(players: Players) -> User:
    return players("danish")


@pytest.fixture
def bilal(players: Players) -> User:
    return players("bilal")


@pytest.fixture
def basma(players: Players) -> User:
    return players("basma")


@pytest.fixture
def behram(players: Players) -> User:
    return players("behram")


@pytest.fixture
def farah(players: Players) -> User:
    return players("farah")


@pytest.fixture
def laila(players: Players) -> User:
    return players("laila")


@pytest.fixture
def tahir(players: Players) -> User:
    return players("tahir")


@pytest.fixture
def nadia(players: Players) -> User:
    return players("nadia")


@pytest.fixture
def daud(players: Players) -> User:
    return players("daud")


@pytest.fixture
def dua(players: Players) -> User:
    return players("dua")


@pytest.fixture
def aisha(players: Players) -> User:
    return players("aisha")


@pytest.fixture
def adil(players: Players) -> User:
    return players("adil")


@pytest.fixture
def stranger(players: Players) -> User:
    return players("stranger")


@pytest.fixture
def people(
    amina: User,
    omar: User,
    asif: User,
    saira: User,
    sana: User,
    dania: User,
    danish: User,
    bilal: User,
    basma: User,
    nadia: User,
    daud: User,
    dua: User,
    farah: User,
    behram: User,
) -> path.People:
    """Everybody whom an exchange meets on its way from the first form to distribution."""
    return path.People(
        applicant=amina,
        officer=omar,
        assessor=asif,
        moderator=saira,
        supervisor=sana,
        member=dania,
        member2=danish,
        board=bilal,
        board2=basma,
        enforcement=nadia,
        debt_officer=daud,
        debt_approver=dua,
        finance=farah,
        board3=behram,
    )


@pytest.fixture
def regime(db: None) -> None:
    """The regime's data: figures, holidays, scoring framework, letter texts.

    Letters go out unchecked: what a test wants of one comes with its decision. How they are checked is tested apart.
    """
    the_regime()


@pytest.fixture
def firm(regime: None, people: path.People, at: datetime):
    return registered("Indus Exchange (Pvt) Limited", by=people.applicant, at=at, country="Pakistan", invented=True)


@pytest.fixture
def later(at: datetime):
    """`later(days)`: a moment counted from `at`."""
    return lambda days: at + timedelta(days=days)
