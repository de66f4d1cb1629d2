"""Votes of the committee and the board: what is voted on, who voted what, and whether that carries a decision.

A vote is for one move of one version of a case. Whatever changes the case (a move, a condition that is drafted, a
representation that comes in) makes a new version, and the votes on the old one count no more. A vote counts as long as
its member belongs to the body and has neither an interest nor a part in the case: worked out each time it is asked.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from licensing.access import Body, body_of
from licensing.models.conflicts import by_person, grounds, recusals_from
from licensing.models.firms import CaseQuerySet, Firm
from licensing.rules.appeals import decider_is_new_after_an_appeal
from licensing.rules.votes import votes_carry_the_decision
from licensing.states import VoteChoice
from pvara.kernel import figures, looks, roles
from pvara.kernel.machine import Move, Stateful, moves_of, the_move
from pvara.kernel.models import User


class Motion(models.Model):
    """A decision that a body is asked to take: one move of one version of a row, and what it would carry with it."""

    firm = models.ForeignKey(Firm, on_delete=models.PROTECT, related_name="motions")
    subject_type = models.CharField(max_length=100)
    subject_id = models.BigIntegerField()
    subject_version = models.PositiveIntegerField()
    move = models.CharField(max_length=60)
    body = models.CharField(max_length=20)
    # The conditions or grounds as the members read them.
    terms = models.JSONField(default=list)
    opened_at = models.DateTimeField()

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "subject_version", "move"], name="motion_once_a_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}, version {self.subject_version}: {self.move}"


class VoteQuerySet(CaseQuerySet):
    firm_path = "motion__firm"

    def on(self, subject: Stateful) -> "VoteQuerySet":
        """The votes on a row as it now is."""
        return self.filter(
            motion__subject_type=subject._meta.label_lower,
            motion__subject_id=subject.pk,
            motion__subject_version=subject.version,
        )


class Vote(models.Model):
    """How one member voted on one motion. Whoever thinks again casts another vote; neither is ever changed."""

    motion = models.ForeignKey(Motion, on_delete=models.PROTECT, related_name="votes")
    member = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    choice = models.CharField(max_length=10, choices=VoteChoice.choices)
    reasons = models.TextField(blank=True)
    cast_at = models.DateTimeField()
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )

    objects = VoteQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            # With the link from each later vote to the one before it, of which there is one, one vote counts.
            models.UniqueConstraint(
                fields=["motion", "member"], condition=Q(supersedes__isnull=True), name="one_first_vote_a_member"
            ),
            models.CheckConstraint(condition=~Q(choice="against") | ~Q(reasons=""), name="dissent_has_reasons"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.get_choice_display().lower()}"


VOTED_BEFORE = "Voted on the decision that an appeal took away."


# ── Counting ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Tally:
    """The votes on one move of a row as it now is, against the quorum and the majority that its body needs."""

    move: Move
    body: Body
    quorum: int
    majority: Decimal  # per cent of the votes for and against that must be for it, and more than that
    votes: tuple[Vote, ...]  # those that count, in the order in which they were cast
    members: tuple[User, ...]  # who may vote
    barred: dict[User, tuple[str, ...]] = field(default_factory=dict)  # who may not, and why
    terms: tuple[str, ...] = ()
    sit_again: tuple[User, ...] = ()  # who voted on what an appeal took away, and sits for want of others

    def _chose(self, choice: str) -> list[Vote]:
        return [each for each in self.votes if each.choice == choice]

    @property
    def in_favour(self) -> int:
        return len(self._chose(VoteChoice.FOR))

    @property
    def against(self) -> int:
        return len(self._chose(VoteChoice.AGAINST))

    @property
    def is_quorate(self) -> bool:
        return len(self.votes) >= self.quorum

    @property
    def has_majority(self) -> bool:
        return self.in_favour * 100 > self.majority * (self.in_favour + self.against)

    @property
    def carried(self) -> bool:
        return self.is_quorate and self.has_majority

    @property
    def is_voted_down(self) -> bool:
        """Whether a quorum has voted, and it cannot be carried any more, however the others vote."""
        possible = self.in_favour + len(self.members) - len(self.votes)
        return self.is_quorate and possible * 100 <= self.majority * (possible + self.against)

    @property
    def wanting(self) -> list[str]:
        """A sentence for each thing that the decision lacks."""
        said = []
        if not self.is_quorate:
            said.append(f"{self.body.title}: {self.quorum} votes are a quorum; {len(self.votes)} count.")
        if self.votes and not self.has_majority:
            said.append(
                f"{self.in_favour} for, {self.against} against; more than {self.majority:f}% of them must be for it."
            )
        return said

    @property
    def why_they_sit_again(self) -> str:
        """Why those may vote who voted before; empty where nobody has to."""
        if not self.sit_again:
            return ""
        others = len(self.members) - len(self.sit_again)
        who = " and ".join([", ".join(map(str, self.sit_again[:-1])), str(self.sit_again[-1])]).removeprefix(" and ")
        return (
            f"{who} voted on the decision that an appeal took away. Without them {others} could vote, and "
            f"{self.quorum} votes are a quorum: nobody else can decide."
        )

    @property
    def facts(self) -> dict[str, Any]:
        """Who voted how, with every dissent and recusal, as the audit entry keeps it."""
        again = {"sit_again": self.why_they_sit_again} if self.sit_again else {}
        return again | {
            "body": self.body.code,
            "quorum": self.quorum,
            "majority": f"{self.majority:f}",
            "for": [str(each.member) for each in self._chose(VoteChoice.FOR)],
            "against": [
                {"member": str(each.member), "reasons": each.reasons} for each in self._chose(VoteChoice.AGAINST)
            ],
            "abstained": [str(each.member) for each in self._chose(VoteChoice.ABSTAIN)],
            "took_no_part": [{"member": str(who), "reasons": list(why)} for who, why in self.barred.items()],
            "terms": list(self.terms),
        }

    def vote_of(self, person: User) -> Vote | None:
        return next((each for each in self.votes if each.member_id == person.pk), None)


def voted_moves(model: type[Stateful]) -> list[Move]:
    """The moves of a machine that a body votes on."""
    return [row for row in moves_of(model).values() if votes_carry_the_decision in row.gates]


def put_to_vote(case: Any) -> list[Move]:
    """The moves on which a body may vote from the present state of a row, as far as there is something to vote on."""
    return [row for row in voted_moves(type(case)) if case.state in row.sources and case.is_put(row.name)]


class DecidedByVote(models.Model):
    """A row some of whose moves a body votes on. It has a `firm` and a `version`."""

    # What `is_put` reads beside the row itself, for lists.
    voted_with: ClassVar[tuple[Any, ...]] = ()

    class Meta:
        abstract = True

    # ── What is voted on ─────────────────────────────────────────────────────────────────────────────────────────────
    def is_put(self, move: str) -> bool:
        """Whether what a move decides on is there, such as a proposal or a request; the state is asked apart."""
        return True

    def waits_for(self, move: str) -> bool:
        """Whether the votes on a move are due, and do not only put into question what was decided long ago."""
        return self.state not in getattr(self, "closed_states", ())  # type: ignore[attr-defined]

    @classmethod
    def waiting_for(cls, moves: Iterable[Move]) -> Q:
        """Rows that may wait for the votes on some moves: `is_put` says which of them do."""
        states = {source for row in moves for source in row.sources}
        return Q(state__in=states - getattr(cls, "closed_states", frozenset()))

    # ── Who votes ────────────────────────────────────────────────────────────────────────────────────────────────────
    def kept_from_voting(self, body: Body) -> dict[int, str]:
        """Who has a part in the case, and so no vote on it: a sentence for each, by the person's key."""
        parts = dict.fromkeys(self.assessor_ids(), "Assessed or moderated the criteria.")
        parts |= dict.fromkeys(self.officer_ids(), "Is or was its case officer.")
        if recommender := getattr(self, "recommended_by_id", None):
            parts[recommender] = "Recommended it."
        return parts

    def officer_ids(self) -> frozenset[int]:
        """Everybody who has or had the case in hand that the row belongs to."""
        raise NotImplementedError

    def assessor_ids(self) -> set[int]:
        """Everybody whose ratings the case rests on."""
        raise NotImplementedError

    def kept_from_move(self, move: str) -> dict[int, str]:
        """Who prepared what one move decides on, and so has no vote on that: a sentence for each, as above."""
        return {}

    def terms_of(self, move: str) -> list[str]:
        """What a decision carries with it, such as conditions, as its voters read it."""
        return []

    def tally(self, move: str, at: datetime) -> Tally:
        return tallies(self, [move], at)[move]  # type: ignore[arg-type]  # mixed into machines only


def tallies(case: Stateful, moves: Iterable[str], at: datetime) -> dict[str, Tally]:
    """How the votes on several moves of a row stand; as many questions as for one."""
    cast: dict[str, list[Vote]] = defaultdict(list)
    for vote in _standing_votes(case):
        cast[vote.motion.move].append(vote)
    found = {}
    benches = {}
    for name in moves:
        row = the_move(type(case), name)
        body = body_of(row.permissions)
        if body.code not in benches:
            needs = figures.values(f"{body.code}.", on=timezone.localdate(at))
            benches[body.code] = needs, _bench(case, body.code, timezone.localdate(at))
        needs, bench = benches[body.code]
        members, barred = _seats(bench, case.kept_from_move(name))  # type: ignore[attr-defined]
        quorum = int(needs[f"{body.code}.quorum"])
        former = _voted_before(case) if decider_is_new_after_an_appeal in row.gates else frozenset()
        sit_again = tuple(each for each in members if each.pk in former)
        if len(members) - len(sit_again) >= quorum:
            members, barred = _seats(bench, case.kept_from_move(name) | dict.fromkeys(former, VOTED_BEFORE))  # type: ignore[attr-defined]
            sit_again = ()
        may = {each.pk for each in members}
        found[name] = Tally(
            move=row,
            body=body,
            quorum=quorum,
            majority=needs[f"{body.code}.majority"],
            votes=tuple(each for each in cast[name] if each.member_id in may),
            members=members,
            barred=barred,
            terms=tuple(case.terms_of(name)),  # type: ignore[attr-defined]  # mixed into machines only
            sit_again=sit_again,
        )
    return found


@looks.remembered
def _standing_votes(case: Stateful) -> list[Vote]:
    """The last vote of each member on each motion about the row as it now is."""
    rows = Vote.objects.on(case).filter(superseded_by__isnull=True)
    return list(rows.select_related("motion", "member").order_by("pk"))


@looks.remembered
def _voted_before(case: Any) -> frozenset[int]:
    return frozenset(case.former_voter_ids())


@looks.remembered
def _bench(case: Any, code: str, on: date) -> dict[User, tuple[str, ...]]:
    """The members of a body, each with every reason not to vote on a row at all."""
    at = timezone.make_aware(datetime.combine(on, datetime.min.time()))
    body = Body.called(code)
    everybody = roles.holders(body.role).order_by("name", "pk")
    interested = by_person(grounds(at, firm=case.access_anchor))
    recused = recusals_from(case)
    parts = case.kept_from_voting(body)
    found = {}
    for person in everybody:
        why = [each.sentence for each in interested.get(person.pk, [])]
        why += [f"Recused: {recused[person.pk].reasons}"] if person.pk in recused else []
        why += [parts[person.pk]] if person.pk in parts else []
        found[person] = tuple(why)
    return found


def _seats(
    bench: dict[User, tuple[str, ...]], prepared: dict[int, str]
) -> tuple[tuple[User, ...], dict[User, tuple[str, ...]]]:
    """The members of a body who vote on one move of a row, and those who do not, each with every reason."""
    members, barred = [], {}
    for person, reasons in bench.items():
        why = (*reasons, prepared[person.pk]) if person.pk in prepared else reasons
        if why:
            barred[person] = why
        else:
            members.append(person)
    return tuple(members), barred
