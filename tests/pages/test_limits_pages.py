"""The pages of a programme's sub-limits: proposed by one, confirmed by another, and what is said of a wrong form."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from tests.pages.test_registry_pages import text
from tokenisation.models import SubLimit


def said(world, **more):
    day = timezone.localdate() + timedelta(days=2)
    whole = {
        "programme": world.registry.programme.pk,
        "of_what": "venue:",
        "percent": "12.34",
        "effective_from": str(day),
        "source": "Board decision 9/2026",
        "reasons": "No venue is to carry the programme alone.",
    }
    return {**whole, **more}


def test_a_sub_limit_is_proposed_and_confirmed(world, people, browse):
    client = browse(people.debt_officer)
    assert "Propose a sub-limit" in text(client.get(reverse("staff:limits")))
    page = client.post(reverse("staff:limit_new"), said(world), follow=True)
    made = SubLimit.objects.latest("pk")
    assert (made.scope, made.of_class, made.venue, made.share_bp) == ("venue", "", None, 1_234)
    assert f"{made.reference} is proposed. Another person of the debt office confirms it." in text(page)
    shown = text(browse(people.debt_approver).get(made.get_absolute_url()))
    assert "12.34% , which is US$246,800,000.00" in shown or "12.34%, which is US$246,800,000.00" in shown
    # Until then the older one counts.
    assert ": 50% of the cap, since" in shown
    move = reverse("move", args=["tokenisation.sublimit", made.pk, "confirm"])
    browse(people.debt_approver).post(move, {"version": made.version})
    made.refresh_from_db()
    assert (made.state, made.decided_by) == ("confirmed", people.debt_approver)


def test_one_for_a_venue_by_name(world, people, browse):
    venue = world.licence.standing
    browse(people.debt_officer).post(reverse("staff:limit_new"), said(world, of_what=f"venue:{venue.pk}"))
    made = SubLimit.objects.latest("pk")
    assert (made.venue, made.of_what) == (venue, str(venue))


def test_a_wrong_form_says_what_is_wrong_and_adds_nothing(world, people, browse):
    client, before = browse(people.debt_officer), SubLimit.objects.count()
    for wrong in ({"percent": "100.01"}, {"percent": "1.234"}, {"of_what": "venue:0"}, {"source": ""}):
        refused = client.post(reverse("staff:limit_new"), said(world, **wrong))
        assert (refused.status_code, set(refused.context["form"].errors)) == (422, set(wrong))
    assert SubLimit.objects.count() == before


def test_the_list_is_narrowed_by_state(world, people, browse):
    client = browse(people.debt_officer)
    for state, count in (("", 5), ("confirmed", 4), ("proposed", 1), ("refused", 0)):
        answer = client.get(reverse("staff:limits"), {"state": state})
        assert len(answer.context["page"].object_list) == count
