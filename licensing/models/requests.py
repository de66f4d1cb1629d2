"""Requests for information: questions to an applicant, each with its answer and what was said about it."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from licensing.lifecycle.requests import RequestLifecycle
from licensing.models.conflicts import recused_from
from licensing.models.firms import CaseQuerySet, Firm, signature
from licensing.models.subjects import OfApplication, OfApplicationQuerySet, is_of_an_application
from licensing.states import RequestState
from pvara.kernel import figures
from pvara.kernel.models import User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class RequestQuerySet(OfApplicationQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "Any":
        found = super().visible_to(user)
        # Nobody outside reads what is only drafted.
        return found if user.is_staff else found.filter(raised_at__isnull=False)

    def prepared(self) -> "Any":
        """Those that hold a question which is still to be put: a draft's, or one to follow up."""
        return self.filter(
            Q(state=RequestState.DRAFT, items__isnull=False) | Q(state=RequestState.ANSWERED, items__follow_up__gt="")
        ).distinct()


class InformationRequest(OfApplication, RequestLifecycle):
    """Questions that were put together. A question may be put again in a later round; its thread keeps every word."""

    round = models.PositiveSmallIntegerField(default=0, editable=False)
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    raised_by = signature()
    raised_at = models.DateTimeField(null=True, blank=True, editable=False)
    extension_reasons = models.TextField(blank=True, editable=False)
    extension_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    extension_decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    extended_by_days = models.PositiveSmallIntegerField(default=0, editable=False, help_text="working days")
    # The last day of which the firm was told that it had passed.
    overdue_told_for = models.DateField(null=True, blank=True, editable=False)

    objects = RequestQuerySet.as_manager()

    # Nothing is left to ask or to answer.
    closed_states = frozenset({RequestState.CLOSED, RequestState.ENDED})

    class Meta:
        verbose_name = "request for information"
        verbose_name_plural = "requests for information"
        ordering = ["-pk"]
        constraints = [
            is_of_an_application("request_is_of_an_application"),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"],
                condition=Q(state=RequestState.DRAFT),
                name="one_request_is_drafted_a_case",
            ),
            models.CheckConstraint(
                condition=Q(extension_decided_at__isnull=True) | Q(extension_asked_at__isnull=False),
                name="extension_is_asked_for_first",
            ),
            models.CheckConstraint(
                condition=Q(extended_by_days=0) | Q(extension_decided_at__isnull=False),
                name="extension_is_granted_when_decided",
            ),
        ]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="request_by_subject")]

    def __str__(self) -> str:
        return f"{self.reference} {self.firm}"

    def get_absolute_url(self) -> str:
        return reverse("staff:request", args=[self.pk])

    @property
    def reference(self) -> str:
        return f"RFI-{timezone.localdate(self.drafted_at):%Y}-{self.pk:05d}"

    @property
    def began_on(self) -> date:
        return timezone.localdate(self.raised_at or self.drafted_at)

    def more_time(self, clock: str) -> int:
        """By how much the time for the answer was made longer, in working days."""
        return self.extended_by_days if clock == "answer" else 0

    @property
    def due_on(self) -> date | None:
        """The last day for the answers; None when none are awaited. The clock of a request is never paused."""
        if self.state != RequestState.OPEN or self.raised_at is None:
            return None
        return figures.last_day("request.answer", timezone.localdate(self.raised_at), more=self.extended_by_days)

    def recused_ids(self) -> set[int]:
        """Those who stepped back from the case; so they take no part in its requests."""
        return set(recused_from(self.case).values_list("person", flat=True))

    def unanswered(self) -> list[str]:
        """A sentence for each question of this round that has no answer."""
        return [
            f"Question {each.number} of {self.reference} has no answer."
            for each in self.items.all()
            if each.is_asked and not each.answer
        ]

    def to_follow_up(self) -> list[str]:
        return [f"Question {each.number} is to be put again." for each in self.items.all() if each.follow_up]


class ItemQuerySet(CaseQuerySet):
    firm_path = "request__firm"

    def visible_to(self, user: "User | AnonymousUser") -> "CaseQuerySet":
        found = super().visible_to(user)
        return found if user.is_staff else found.filter(request__raised_at__isnull=False)


class RequestItem(models.Model):
    """One question. `answer` is that of the round it was last put in; what was said before stands in its thread."""

    request = models.ForeignKey(InformationRequest, on_delete=models.CASCADE, related_name="items")
    number = models.PositiveSmallIntegerField()
    question = models.TextField()
    # The round in which it was last put; 0 as long as it was not.
    round = models.PositiveSmallIntegerField(default=0, editable=False)
    # What is to be asked on top in the next round: the regulator's own, until it is put.
    follow_up = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    answered_by = signature()
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = "question"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="question_number_once"),
            models.CheckConstraint(condition=~Q(question=""), name="question_asks_something"),
            models.CheckConstraint(
                condition=Q(answer="", answered_by__isnull=True, answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="question_is_answered_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.question}"

    def get_absolute_url(self) -> str:
        return reverse("staff:request_item", args=[self.pk])

    @property
    def title(self) -> str:
        return f"Question {self.number}"

    @property
    def anchor(self) -> str:
        return f"question-{self.number}"

    @property
    def access_anchor(self) -> Firm:
        return self.request.firm

    @property
    def drafted(self) -> dict[str, str]:
        """The words of a question that was not put yet, by the name in its form; so with the two below."""
        return {"question": self.question}

    @property
    def followed_up(self) -> dict[str, str]:
        return {"words": self.follow_up}

    @property
    def answered(self) -> dict[str, str]:
        return {"answer": self.answer}

    @property
    def is_asked(self) -> bool:
        """Whether the round that waits for its answers, or had them last, put this question."""
        return self.round > 0 and self.round == self.request.round

    @property
    def is_open(self) -> bool:
        """Whether the applicant is to answer it, or may still change the answer."""
        return self.request.state == RequestState.OPEN and self.is_asked


class MessageQuerySet(CaseQuerySet):
    firm_path = "item__request__firm"


class RequestMessage(models.Model):
    """Something said about a question, by either side: the question itself as it was put, the answer, or in between."""

    class Kind(models.TextChoices):
        QUESTION = "question", "Question"
        ANSWER = "answer", "Answer"
        REMARK = "remark", "Remark"

    item = models.ForeignKey(RequestItem, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    round = models.PositiveSmallIntegerField()
    words = models.TextField()
    from_staff = models.BooleanField()
    said_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="message_says_something"),
            models.CheckConstraint(
                condition=Q(kind="remark") | Q(kind="question", from_staff=True) | Q(kind="answer", from_staff=False),
                name="questions_are_ours_and_answers_theirs",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.item_id} in round {self.round}"
