"""The pages on ownership: rows of a statement are kept as typed, a change needs two people, other firms see nothing."""

import pytest
from django.urls import reverse
from django.utils import timezone

from licensing.models import ChangeOfControl, OwnershipStatement
from pvara.demo import answers, path
from tests.api.program import Program


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def sent(firm, *rows, **more):
    """A form with these rows: holder, kind, held, per cent."""
    said = {"as_at": str(timezone.localdate()), "subsidiary_name": "", "rows": str(len(rows)), "then": "save"}
    for number, (holder, kind, held, percent) in enumerate(rows, start=1):
        said |= {
            f"holder_{number}": holder,
            f"kind_{number}": kind,
            f"country_{number}": "Pakistan",
            f"held_{number}": held or firm.legal_name,
            f"right_{number}": "shares",
            f"percent_{number}": percent,
        }
    return {**said, **more}


@pytest.fixture
def firm(world):
    """One that is held to no statement yet."""
    return world.draft.firm


@pytest.fixture
def portal(people, browse):
    return browse(people.applicant)


@pytest.fixture
def change(world):
    """Of the licensed firm: its first owner goes from 60 to 55 per cent."""
    return ChangeOfControl.objects.latest("pk")


def test_a_chain_over_three_companies_is_kept_and_worked_out(firm, portal, people, browse):
    rows = [
        ("Top Holding", "company", "", "100"),
        ("Middle Holding", "company", "Top Holding", "62.5"),
        ("Ministry of Finance", "state", "Top Holding", "37.5"),
        ("Zara Example", "person", "Middle Holding", "80"),
        ("Bano Example", "person", "Middle Holding", "20"),
    ]
    answer = portal.post(reverse("portal:statement", args=[firm.pk]), sent(firm, *rows))
    assert (answer.status_code, OwnershipStatement.objects.latest("pk").firm) == (302, firm)
    for client, name in ((portal, "portal:people"), (browse(people.officer), "staff:firm_people")):
        page = text(client.get(reverse(name, args=[firm.pk])))
        assert "Controlled by Zara Example" in page
        for share in ("50%", "37.5%", "12.5%"):
            assert f">{share}</td>" in page


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("Zara Example", "person", "", "60")], "name who holds the other 40%"),
        ([("Zara Example", "person", "", "101")], "A percentage is above 0 and at most 100."),
        ([("Zara Example", "person", "", "")], "Write a percentage, such as 12.5."),
        ([("", "person", "", "100")], "Write a name."),
        ([("A Holding", "company", "", "100")], "Nobody is named who holds A Holding"),
        ([("Zara Example", "person", "", "a third")], "Enter a number."),
    ],
)
def test_a_statement_that_cannot_be_right_comes_back_as_it_was_typed(firm, portal, rows, said):
    before = OwnershipStatement.objects.count()
    answer = portal.post(reverse("portal:statement", args=[firm.pk]), sent(firm, *rows))
    page = text(answer)
    assert (answer.status_code, said in page, OwnershipStatement.objects.count()) == (422, True, before)
    ((holder, _, _, percent),) = rows
    for typed in (holder, percent):
        assert not typed or f'value="{typed}"' in page


def test_more_rows_keep_what_is_typed_and_judge_nothing(firm, portal):
    half = sent(firm, ("Zara Example", "person", "", "a third"), then="more")
    answer = portal.post(reverse("portal:statement", args=[firm.pk]), half)
    page = text(answer)
    assert (answer.status_code, "There is a problem" in page, 'value="Zara Example"' in page) == (200, False, True)
    assert page.count("Row 6") == 1


def test_who_is_held_to_a_statement_notifies_a_change(world, portal):
    holder = world.granted.firm
    rows = [("Zara Example", "person", "", "100")]
    answer = portal.post(reverse("portal:statement", args=[holder.pk]), sent(holder, *rows))
    assert (answer.status_code, "Notify it as a change of control." in text(answer)) == (422, True)
    address = reverse("portal:change_new", args=[holder.pk])
    empty = portal.post(address, sent(holder, *rows, reason=""))
    assert (empty.status_code, 'value="Zara Example"' in text(empty)) == (422, True)
    done = portal.post(address, sent(holder, *rows, reason="A sale."))
    notified = ChangeOfControl.objects.latest("pk")
    assert (done.url, notified.firm) == (reverse("portal:change", args=[notified.pk]), holder)
    again = portal.post(address, sent(holder, *rows, reason="Another sale."))
    assert (again.status_code, "Another sale.</textarea>" in text(again)) == (422, True)


def move(client, change, name, note=""):
    version = ChangeOfControl.objects.get(pk=change.pk).version
    address = reverse("move", args=["licensing.changeofcontrol", change.pk, name])
    return client.post(address, {"version": version, "note": note})


def test_who_assesses_a_change_does_not_decide_on_it(change, people, browse, portal):
    from pvara.kernel import roles

    roles.grant(people.officer, "committee_member", by=None, at=timezone.now())
    officer = browse(people.officer)
    assert move(officer, change, "assess", "The money is explained.").status_code == 302
    refused = move(officer, change, "object_to", "Unexplained.")
    assert (refused.status_code, "Unexplained.</textarea>" in text(refused)) == (422, True)
    # What the regulator found is not the firm's; what it decided is.
    own = text(portal.get(reverse("portal:change", args=[change.pk])))
    assert ("The money is explained." in own, "The committee decides." in own) == (False, True)
    member = browse(people.member)
    assert "Licensing committee" in text(member.get(reverse("staff:change", args=[change.pk])))
    path.vote(change, "object_to", people=people, at=timezone.now())
    assert move(member, change, "object_to", "Unexplained.").status_code == 302
    assert "Unexplained." in text(portal.get(reverse("portal:change", args=[change.pk])))


def test_another_firms_ownership_does_not_exist(change, firm, stranger, browse):
    client = browse(stranger)
    for name, pk in (("portal:statement", firm.pk), ("portal:change_new", firm.pk), ("portal:change", change.pk)):
        assert (name, client.get(reverse(name, args=[pk])).status_code) == (name, 404)
    rows = sent(firm, ("Stranger", "person", "", "100"))
    assert client.post(reverse("portal:statement", args=[firm.pk]), rows).status_code == 404
    assert move(client, change, "withdraw", "x").status_code == 404


# ── Milestone M9 ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def handed_in(world, people):
    """A set-up whose firm handed in M9, then notified that its first owner goes from 60 to 55 per cent."""
    milestone = world.granted.setup.milestones.get(code="M9")
    if milestone.state == "pending":
        milestone = path.submit_milestone(milestone, people=people, at=timezone.now())
    firm = world.granted.setup.firm
    rows = answers.owners_of(firm.legal_name, first_owner=55)
    change = path.notify_change(firm, people=people, at=timezone.now(), rows=rows)
    return milestone, change


def test_the_owners_of_the_noc_are_held_against_those_of_today(handed_in, people, portal, browse):
    milestone, change = handed_in
    pages = [
        (portal, reverse("portal:milestone", args=[milestone.pk])),
        (browse(people.officer), reverse("staff:setup", args=[milestone.setup_id])),
    ]
    waits = f"{change.reference} is notified and not decided yet: the owners are about to change."
    for client, page in pages:
        shown = text(client.get(page))
        assert waits in shown
        assert "The owners are those of the NOC: no holding above the firm differs." in shown
    program = Program(people.officer)
    said = program.get(f"milestones/{milestone.pk}/").json()["owners_since_noc"]
    assert (said["is_unchanged"], said["owners"], said["unaccounted"]) == (True, [], [waits])

    change = path.step(change, "assess", by=people.officer, at=timezone.now(), note="Known and sound.")
    path.decide(change, "raise_no_objection", people=people, at=timezone.now())
    for client, page in pages:
        shown = text(client.get(page))
        assert waits not in shown
        assert "Owners who came, went or changed since the NOC" in shown
        assert ("−5" in shown, "+5" in shown) == (True, True)
        assert f"No objection was raised to {change.reference}." in shown
    said = program.get(f"milestones/{milestone.pk}/").json()["owners_since_noc"]
    assert [(each["name"], each["what"], each["by"]) for each in said["owners"]] == [
        ("First Owner", "changed", "−5"),
        ("Second Owner", "changed", "+5"),
    ]
    assert (said["changes"], said["unaccounted"]) == ([change.reference], [])
    assert program.get(f"milestones/{milestone.setup.milestones.get(code='M1').pk}/").json()["owners_since_noc"] is None
