"""A log on the disk, and those who act in it."""

import pytest

from pvara.kernel import audit
from pvara.kernel.models import User
from tests.kernel.audit import write


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.SIGNING_FOLDER = tmp_path / "signing"
    settings.SEAL_FOLDER = tmp_path / "seals"


@pytest.fixture
def omar(db):
    """Without his role here: being given one is an entry of his own."""
    return User.objects.create_user("omar@example.org", name="Omar")


@pytest.fixture
def dania(db):
    return User.objects.create_user("dania@example.org", name="Dania")


@pytest.fixture
def log(transactional_db, omar, dania, at):
    """Two subjects, omar with five entries and dania with three, all sealed in one head."""
    write(omar, 5, at=at)
    write(dania, 3, at=at)
    audit.seal(at=at)
