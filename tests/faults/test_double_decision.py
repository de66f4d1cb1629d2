"""Two committee members decide the same case in the same instant: one decision, one clear refusal, every time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from licensing.models import NocApplication, SetUp
from pvara.demo import path
from pvara.kernel.machine import MoveRefused, StaleVersion, perform
from pvara.kernel.models import AuditEntry, Job
from tests import snapshot

ROUNDS = 50


@pytest.mark.django_db(transaction=True)
def test_one_decision_and_one_refusal_in_every_round(firm, people, danish, at):
    path.rate_everything(firm, "NOC", people=people, at=at)
    case = path.noc_case(firm, people=people, at=at, until="recommended")
    # The committee could decide either way; the two members make the move at once.
    path.prepare(case, "notify_refusal", people=people, at=at)
    path.vote(case, "grant_noc", people=people, at=at)
    undecided = snapshot.take()
    barrier = Barrier(2)

    def decide(case, move, member):
        try:
            barrier.wait(timeout=20)
            perform(case, move, by=member, at=at, expected_version=case.version, note="For the reasons given.")
        except (StaleVersion, MoveRefused) as refusal:
            return refusal
        else:
            return move
        finally:
            connection.close()

    outcomes = []
    with ThreadPoolExecutor(2) as pool:
        for number in range(ROUNDS):
            with transaction.atomic():
                snapshot.put_back(undecided)
            case.refresh_from_db()
            # Grant against refusal in even rounds, grant against grant in odd ones.
            other = "notify_refusal" if number % 2 == 0 else "grant_noc"
            answers = [
                pool.submit(decide, case, "grant_noc", people.member),
                pool.submit(decide, case, other, danish),
            ]
            done = [answer.result(timeout=30) for answer in answers]
            made = [each for each in done if isinstance(each, str)]
            refused = [each for each in done if not isinstance(each, str)]
            assert (len(made), len(refused)) == (1, 1)
            kept = NocApplication.objects.get(pk=case.pk)
            assert kept.state == {"grant_noc": "granted", "notify_refusal": "minded_to_refuse"}[made[0]]
            assert kept.version == case.version + 1
            decisions = AuditEntry.objects.filter(
                subject_type="licensing.nocapplication", subject_id=case.pk, event__in=["grant_noc", "notify_refusal"]
            )
            assert [entry.event for entry in decisions] == made
            begins = f"letter:licensing.nocapplication:{case.pk}:{kept.version}:"
            (letter,) = Job.objects.filter(kind="letter", key__startswith=begins)
            assert letter.payload["code"] == {"grant_noc": "L10", "notify_refusal": "L11"}[made[0]]
            assert SetUp.objects.filter(noc=case).count() == (1 if made == ["grant_noc"] else 0)
            outcomes.append(made[0])
    assert len(outcomes) == ROUNDS
