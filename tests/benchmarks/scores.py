"""The night over ten thousand licensees, and one licensee, against a bare aggregate of the same rows."""

from datetime import timedelta
from functools import cache

from django.db import connection, transaction
from django.utils import timezone

from licensing.history import entries
from licensing.history.scored import scored, sheets
from licensing.models import Firm, Licence, LicenceApplication, NocApplication, SetUp
from pvara.demo import path
from pvara.kernel.models import User
from tests.benchmarks.figures import Benchmark

LICENSEES = 10_000

RATED = """
INSERT INTO licensing_rating (firm_id, criterion_id, current, rating, not_applicable, rationale, assessor_id, rated_at,
    moderated_rating, moderator_id, moderated_at, moderation_note)
SELECT f.id, c.id, true, 3, false, 'Read.', %(assessor)s, %(at)s, 3 + (f.id + c.id) %% 2, %(moderator)s, %(at)s, ''
FROM licensing_firm f CROSS JOIN licensing_criterion c
"""
PROVED = """
WITH piece AS (
    INSERT INTO licensing_evidence (firm_id, title, file, file_name, content_type, size, sha256, scan, uploaded_by_id,
        uploaded_at, state, version, edition)
    SELECT f.id, '', '', '', '', 1, '', 'clean', %(assessor)s, %(at)s, 'uploaded', 0, 1 FROM licensing_firm f
    RETURNING id
)
INSERT INTO licensing_evidencelink (evidence_id, criterion_id, expires_on)
SELECT piece.id, c.id, %(day)s::date + 30 + ((piece.id + c.id) %% 300)::int
FROM piece CROSS JOIN licensing_criterion c
"""
BARE = """
SELECT r.firm_id, c.domain_id, sum(c.points * r.moderated_rating), sum(c.points), max(l.expires_on)
FROM licensing_rating r
JOIN licensing_criterion c ON c.id = r.criterion_id
LEFT JOIN (
    SELECT e.firm_id, l.criterion_id, max(l.expires_on) AS expires_on
    FROM licensing_evidence e JOIN licensing_evidencelink l ON l.evidence_id = e.id GROUP BY 1, 2
) l ON l.firm_id = r.firm_id AND l.criterion_id = r.criterion_id
GROUP BY r.firm_id, c.domain_id
"""


@cache
def filled() -> None:
    """Ten thousand licences, each with a rating and a piece of evidence for every criterion; made once a run."""
    at = timezone.now()
    path.load_regime()
    assessor, moderator = (User.objects.create_user(f"{name}@example.org", name=name) for name in ("asif", "saira"))
    today = timezone.localdate(at)
    term = {"granted_at": at, "valid_from": today, "valid_to": today + timedelta(days=365)}
    firms = Firm.objects.bulk_create(
        Firm(legal_name=f"Firm {number}", country="Pakistan", created_at=at) for number in range(LICENSEES)
    )
    nocs = NocApplication.objects.bulk_create(NocApplication(firm=each, opened_at=at) for each in firms)
    setups = SetUp.objects.bulk_create(SetUp(firm=each.firm, noc=each, opened_at=at) for each in nocs)
    cases = LicenceApplication.objects.bulk_create(
        LicenceApplication(firm=each.firm, setup=each, opened_at=at) for each in setups
    )
    Licence.objects.bulk_create(
        Licence(firm=each.firm, application=each, holder_name="A holder", activities=["exchange"], **term)
        for each in cases
    )
    given = {"assessor": assessor.pk, "moderator": moderator.pk, "at": at, "day": today}
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        # What no walk led to is put where it belongs; the guards of states stand aside for this one scratch database.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE licensing_setup SET state = 'complete'")
        cursor.execute(RATED, given)
        cursor.execute(PROVED, given)
        cursor.execute("UPDATE licensing_evidence SET state = 'accepted'")
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")


def bare() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute(BARE)
        cursor.fetchall()


def all_of_them() -> None:
    """All that the night does to find whose sheet has changed: the whole recomputation, and the look at the history."""
    entries.sheets_that_changed(timezone.localdate())


def one_of_them() -> None:
    on = timezone.localdate()
    firm = Firm.objects.values_list("pk", flat=True).first()
    assert firm is not None
    sheets(scored(on, firms=[firm]), on=on)


BENCHMARKS = [
    Benchmark("nightly recomputation of 10,000 licensees", 1.6, filled, all_of_them, bare),
    Benchmark("recomputation of one licensee", 0.015, filled, one_of_them, bare),
]
