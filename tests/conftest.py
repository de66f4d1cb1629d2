"""The cast. amina applies, omar reviews, asif assesses, saira moderates, sana supervises, dania and danish sit on the
committee, bilal, basma and behram on the board, nadia enforces, farah keeps the fees, laila the law and tahir the
tribunal's record, daud and dua keep the debt, aisha audits, adil runs the accounts, and the stranger may do nothing.
"""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from pvara.demo import path
from pvara.demo.world import UNCHECKED
from pvara.kernel import figures, roles
from pvara.kernel.models import User

pytest_plugins = ["tests.conftest_embedded", "tests.flush", "tests.world"]

PASSWORD = "a long enough password"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Argon2 takes a tenth of a second a person on purpose; the cast is made anew for every test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def at() -> datetime:
    """A Wednesday morning in Pakistan; tests that need other times count from here."""
    return timezone.make_aware(datetime(2026, 3, 4, 10, 0))


def person(name: str, *codes: str) -> User:
    user = User.objects.create_user(f"{name.lower()}@example.org", PASSWORD, name=name)
    for code in codes:
        roles.grant(user, code, by=None, at=timezone.now())
    return user


@pytest.fixture
def amina(db: None) -> User:
    return person("Amina")


@pytest.fixture
def omar(db: None) -> User:
    return person("Omar", "case_officer")


@pytest.fixture
def asif(db: None) -> User:
    return person("Asif", "assessor")


@pytest.fixture
def saira(db: None) -> User:
    return person("Saira", "moderator")


@pytest.fixture
def sana(db: None) -> User:
    return person("Sana", "supervisor")


@pytest.fixture
def dania(db: None) -> User:
    return person("Dania", "committee_member")


@pytest.fixture
def danish(db: None) -> User:
    return person("Danish", "committee_member")


@pytest.fixture
def bilal(db: None) -> User:
    return person("Bilal", "board_member")


@pytest.fixture
def basma(db: None) -> User:
    return person("Basma", "board_member")


@pytest.fixture
def behram(db: None) -> User:
    return person("Behram", "board_member")


@pytest.fixture
def farah(db: None) -> User:
    return person("Farah", "finance_officer")


@pytest.fixture
def laila(db: None) -> User:
    return person("Laila", "legal_officer")


@pytest.fixture
def tahir(db: None) -> User:
    return person("Tahir", "tribunal_recorder")


@pytest.fixture
def nadia(db: None) -> User:
    return person("Nadia", "enforcement_officer")


@pytest.fixture
def daud(db: None) -> User:
    return person("Daud", "debt_officer")


@pytest.fixture
def dua(db: None) -> User:
    return person("Dua", "debt_approver")


@pytest.fixture
def aisha(db: None) -> User:
    return person("Aisha", "auditor")


@pytest.fixture
def adil(db: None) -> User:
    return person("Adil", "system_administrator")


@pytest.fixture
def stranger(db: None) -> User:
    return person("Stranger")


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
    )


@pytest.fixture
def regime(db: None) -> None:
    """The regime's data: figures, holidays, scoring framework, letter texts.

    Letters go out unchecked: what a test wants of one comes with its decision. How they are checked is tested apart.
    """
    path.load_regime()
    figures.load([UNCHECKED])


@pytest.fixture
def firm(regime: None, people: path.People, at: datetime):
    from licensing.actions.firms import register_firm

    return register_firm("Indus Exchange (Pvt) Limited", by=people.applicant, at=at, country="Pakistan", invented=True)


@pytest.fixture
def later(at: datetime):
    """`later(days)`: a moment counted from `at`."""
    return lambda days: at + timedelta(days=days)
