"""Evidence that grows old: said on the row, told to the firm in time, and never counted otherwise than by its days."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from licensing.actions import timers
from licensing.actions.evidence import upload_evidence
from licensing.faces.portal.evidence import wanted
from licensing.models import Evidence, EvidenceKind, EvidenceLink
from licensing.models.scores import expiries_of, score_of
from licensing.scoring import EvidenceStanding
from pvara.demo import path
from pvara.kernel import audit
from pvara.kernel.machine import perform, unmet
from pvara.kernel.models import Job


@pytest.fixture
def accepted(firm, amina, omar, at, criterion):
    """`accepted("1.1")`: a document for some criteria, accepted at once or on another day."""

    def given(*codes, on=None, text=b"A policy.\n"):
        file = SimpleUploadedFile("policy.txt", text, "text/plain")
        rows = [criterion(each) for each in codes]
        kind = EvidenceKind.objects.get(code=rows[0].kinds[0])
        piece = upload_evidence(firm, by=amina, at=on or at, file=file, title="Policy", kind=kind, criteria=rows[:1])
        # Whatever the others accept: asked here is how long each of them is good.
        EvidenceLink.objects.bulk_create(EvidenceLink(evidence=piece, criterion=each) for each in rows[1:])
        return perform(piece, "accept", by=omar, at=on or at, expected_version=piece.version)

    return given


def mark(at):
    """How many began to expire, and how many expired."""
    return tuple(timers.SWEEPS[f"evidence.mark_{what}_evidence"](at) for what in ("expiring", "expired"))


def remind(at):
    return timers.SWEEPS["evidence.remind_of_expiry"](at)


def told():
    return [
        (job.payload["subject"], [line.strip() for line in job.payload["body"].splitlines() if line.startswith("  ")])
        for job in Job.objects.filter(kind="notice", key__startswith="notice:evidence-expires:").order_by("pk")
    ]


def fresh(piece):
    return Evidence.objects.get(pk=piece.pk)


def test_a_document_says_thirty_days_before_that_it_expires_and_the_day_after_that_it_has(accepted, later):
    piece = accepted("1.1")  # good through 4 March 2027
    assert [mark(later(days)) for days in (334, 335, 336)] == [(0, 0), (1, 0), (0, 0)]
    assert fresh(piece).state == "expiring"
    assert [mark(later(days)) for days in (365, 366, 367)] == [(0, 0), (0, 1), (0, 0)]
    assert fresh(piece).state == "expired"
    assert [(each.event, each.actor) for each in audit.history(piece)][2:] == [("near_expiry", None), ("expire", None)]


def test_a_sweep_that_was_missed_goes_straight_to_the_end(accepted, later):
    piece = accepted("1.1")
    assert mark(later(500)) == (0, 1)
    assert fresh(piece).state == "expired"


def test_what_proves_something_for_ever_never_expires(accepted, later):
    piece = accepted("1.1", "1.5")  # 1.5 has no term
    assert (fresh(piece).last_day, mark(later(1000))) == (None, (0, 0))


def test_a_document_is_as_good_as_what_it_proves_for_longest(accepted, firm, later):
    piece = accepted("4.2", "1.8")  # six months, two years
    assert (fresh(piece).last_day, mark(later(365))) == (date(2028, 3, 4), (0, 0))
    assert {
        each.criterion.code: each.words for each in wanted(firm, later(365)) if each.criterion.code in ("4.2", "1.8")
    } == {
        "4.2": "Expired",
        "1.8": "Accepted",
    }


def test_the_gates_say_why_it_is_too_early(accepted, at, later):
    piece = accepted("1.1")

    def shut(move, days):
        return [each.code for each in unmet(fresh(piece), move, by=None, at=later(days))]

    assert (shut("near_expiry", 334), shut("near_expiry", 335)) == (["expiry_is_near"], [])
    assert (shut("expire", 365), shut("expire", 366)) == (["last_day_is_over"], [])


def test_its_state_changes_no_score(accepted, firm, people, criterion, rated, later):
    rated("1.1", 4)
    accepted("1.1")

    def line(days):
        return next(each for each in score_of(firm, "NOC", later(days)).lines if each.criterion.code == "1.1")

    before = [(line(days).effective, line(days).evidence) for days in (340, 366, 396)]
    assert before == [(4, EvidenceStanding.VALID), (4, EvidenceStanding.IN_GRACE), (0, EvidenceStanding.EXPIRED)]
    for days in (340, 366):
        mark(later(days))
    assert [(line(days).effective, line(days).evidence) for days in (340, 366, 396)] == before


def test_in_its_grace_it_can_still_be_rejected_and_then_counts_no_more(accepted, firm, omar, later):
    piece = accepted("1.1")
    mark(later(366))
    piece = fresh(piece)
    perform(piece, "reject", by=omar, at=later(367), expected_version=piece.version, note="It is forged.")
    assert expiries_of(firm) == {}


def test_the_firm_is_told_sixty_thirty_and_seven_days_before_once_each(accepted, later):
    accepted("1.1")
    assert [remind(later(days)) for days in (304, 305, 306, 334, 335, 336, 357, 358, 359, 365, 366)] == [
        *(0, 1, 0),
        *(0, 1, 0),
        *(0, 1, 0),
        *(0, 0),
    ]
    assert [subject for subject, _ in told()] == ["Your evidence expires on 4 March 2027"] * 3


def test_a_reminder_that_comes_late_is_the_one_that_fits(accepted, later):
    accepted("1.1")
    assert [remind(later(days)) for days in (362, 363)] == [1, 0]


def test_all_that_ends_on_a_day_stands_in_one_e_mail_in_the_order_of_the_criteria(accepted, later):
    accepted("9.3", "1.3", "1.1")
    remind(later(305))
    ((_, criteria),) = told()
    assert [each.split()[0] for each in criteria] == ["1.1", "1.3", "9.3"]


def test_what_a_newer_document_proves_for_longer_is_not_reminded_of(accepted, later):
    accepted("1.1", "1.3")
    accepted("1.1", on=later(200), text=b"A newer policy.\n")
    remind(later(305))
    ((_, criteria),) = told()
    assert [each.split()[0] for each in criteria] == ["1.3"]


def test_the_days_of_the_reminders_are_a_setting(accepted, people, at, later):
    accepted("1.1")
    path.change_setting("evidence.reminders", ["90"], effective_from=date(2026, 6, 1), people=people, at=at)
    assert [remind(later(days)) for days in (274, 275, 305, 335)] == [0, 1, 0, 0]
