"""What a row has in common on which decisions are made that may be appealed: which of them an appeal took away."""

from typing import Any, ClassVar

from licensing.states import AppealState
from pvara.kernel import audit
from pvara.kernel.models import AuditEntry


class MayBeAppealed:
    """A row some of whose moves may be appealed."""

    # The moves that refuse what was asked for.
    refusals: ClassVar[tuple[str, ...]] = ()

    def decision_that_holds(self) -> AuditEntry | None:
        """The entry of the decision that brought the row where it is."""
        return audit.history(self).filter(to_state=self.state).last()  # type: ignore[arg-type, attr-defined]  # of a model

    def appeal_to_follow(self) -> Any:
        """The appeal that took away the decision that holds; an appeal against an earlier one changes nothing now."""
        # An appeal may be about rows of many kinds, so it stands above all of them.
        from licensing.models.appeals import Appeal

        held = self.decision_that_holds()
        return Appeal.objects.that_took_away().filter(decision=held).first() if held else None

    def stays(self, *events: str) -> list[str]:
        """A sentence for each appeal that stays one of these decisions on the row."""
        from licensing.models.appeals import Appeal

        about = Appeal.objects.about(self)  # type: ignore[arg-type]  # mixed into models only
        stayed = about.filter(state=AppealState.STAYED, decision__event__in=events).select_related("decision")
        return [f"{each.reference} stays the {each.decision_title.lower()}." for each in stayed.order_by("pk")]

    def former_voter_ids(self) -> set[int]:
        """Those who voted, either way, on what an appeal has sent back for a new decision."""
        from licensing.models.appeals import Appeal
        from licensing.models.votes import Vote

        taken = Appeal.objects.about(self).that_took_away()  # type: ignore[arg-type]  # mixed into models only
        found: set[int] = set()
        for appeal in taken.filter(decision__event__in=self.refusals).select_related("decision"):
            cast = Vote.objects.filter(
                motion__subject_type=appeal.subject_type,
                motion__subject_id=appeal.subject_id,
                motion__move__in=self.refusals,
                cast_at__lte=appeal.decision.at,
            )
            found |= set(cast.values_list("member", flat=True))
        return found

    def former_decider_ids(self) -> set[int]:
        """Those who decided on what an appeal has sent back for a new decision."""
        from licensing.models.appeals import Appeal

        taken = Appeal.objects.about(self).that_took_away()  # type: ignore[arg-type]  # mixed into models only
        taken = taken.filter(decision__event__in=self.refusals)
        return set(taken.exclude(decision__actor=None).values_list("decision__actor", flat=True))
