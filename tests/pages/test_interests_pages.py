"""The pages on conflicts of interest: who is removed stands on the case, and one's own interest is one click away."""

from django.urls import reverse

from licensing.actions import interests
from licensing.models import Interest, Recusal
from pvara.demo import path


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_the_case_shows_who_is_removed_and_the_way_to_declare(firm, people, at, browse):
    case = path.noc_case(firm, people=people, at=at, until="recommended")
    page = text(browse(people.officer).get(case.get_absolute_url()))
    assert "Nobody is removed." in page
    assert f'href="{reverse("staff:interests", args=[firm.pk])}#declare"' in page
    interests.declare(firm, by=people.member, at=at, nature="family", explanation="My brother keeps their books.")
    page = text(browse(people.officer).get(case.get_absolute_url()))
    assert f"<strong>{people.member}</strong>" in page
    assert "Declared: family or household. My brother keeps their books." in page
    own = text(browse(people.member).get(case.get_absolute_url()))
    assert "You take no part in this case" in own
    assert "You have an interest in this firm, so you take no part in its cases." in own


def test_an_interest_is_declared_on_the_firms_page(firm, people, browse):
    address = reverse("staff:interests", args=[firm.pk])
    sent = {"nature": "other", "since": "", "until": "", "explanation": "A friend."}
    answer = browse(people.member).post(address, sent)
    assert (answer.status_code, answer.url) == (302, address)
    assert Interest.objects.get().person == people.member


def test_a_declaration_without_an_explanation_is_sent_back_with_what_was_typed(firm, people, browse):
    address = reverse("staff:interests", args=[firm.pk])
    answer = browse(people.member).post(address, {"nature": "other", "since": "2025-01-31", "explanation": ""})
    assert answer.status_code == 422
    assert 'href="#id_explanation"' in text(answer)
    assert 'value="2025-01-31"' in text(answer)


def test_what_the_action_refuses_is_said_beside_the_field(firm, people, browse):
    address = reverse("staff:interests", args=[firm.pk])
    sent = {"nature": "other", "since": "2025-02-01", "until": "2025-01-01", "explanation": "A friend."}
    answer = browse(people.member).post(address, sent)
    assert answer.status_code == 422
    assert "The last day lies before the first." in text(answer)


def test_a_supervisor_lifts_it_with_reasons(firm, people, at, browse):
    interests.declare(firm, by=people.member, at=at, nature="other", explanation="A friend.")
    address = reverse("staff:interest_lift", args=[firm.pk, people.member.pk, "other"])
    client = browse(people.supervisor)
    assert f'href="{address}"' in text(client.get(reverse("staff:interests", args=[firm.pk])))
    assert client.post(address, {"reasons": ""}).status_code == 422
    assert client.post(address, {"reasons": "No friend any more."}).status_code == 302
    page = text(client.get(reverse("staff:interests", args=[firm.pk])))
    assert "Nobody is removed." in page
    assert f"by {people.supervisor}: No friend any more." in page
    assert client.post(address, {"reasons": "Again."}).status_code == 422
    nonsense = reverse("staff:interest_lift", args=[firm.pk, people.member.pk, "envy"])
    assert client.get(nonsense).status_code == 404


def test_nobody_lifts_their_own_on_a_page(firm, people, at, browse):
    interests.declare(firm, by=people.supervisor, at=at, nature="other", explanation="A friend.")
    address = reverse("staff:interest_lift", args=[firm.pk, people.supervisor.pk, "other"])
    client = browse(people.supervisor)
    assert f'href="{address}"' not in text(client.get(reverse("staff:interests", args=[firm.pk])))
    assert client.post(address, {"reasons": "Never mind."}).status_code == 403


def test_stepping_back_from_a_case(firm, people, at, browse):
    case = path.noc_case(firm, people=people, at=at, until="recommended")
    address = reverse("staff:recuse", args=["licensing.nocapplication", case.pk])
    assert browse(people.member).post(address, {"reasons": ""}).status_code == 422
    answer = browse(people.member).post(address, {"reasons": "I wrote about it."})
    assert (answer.status_code, answer.url) == (302, case.get_absolute_url())
    assert Recusal.objects.get().person == people.member
    assert "Stepped back from this case: I wrote about it." in text(browse(people.officer).get(case.get_absolute_url()))
    assert browse(people.member).get(reverse("staff:recuse", args=["tokenisation.asset", 1])).status_code == 404


def test_the_queue_leaves_out_what_one_is_removed_from(firm, people, at, browse):
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    address = reverse("staff:queue")
    asked = {"phase": "noc", "show": "waiting"}
    assert case.reference in text(browse(people.officer).get(address, asked))
    interests.recuse(case, by=people.officer, at=at, reasons="I wrote about it.")
    assert case.reference not in text(browse(people.officer).get(address, asked))
    assert case.reference in text(browse(people.officer).get(address, {**asked, "show": "all"}))


def test_the_queue_leaves_out_the_firms_that_are_closed_to_one(firm, people, at, browse):
    case = path.noc_case(firm, people=people, at=at, until="submitted")
    interests.declare(firm, by=people.officer, at=at, nature="other", explanation="A friend.")
    asked = {"phase": "noc", "show": "waiting"}
    assert case.reference not in text(browse(people.officer).get(reverse("staff:queue"), asked))


def test_whoever_stepped_back_is_offered_no_form_on_what_the_case_is_judged_by(firm, people, at, browse):
    case = path.noc_case(firm, people=people, at=at, until="under_assessment")
    path.rate_everything(firm, "NOC", people=people, at=at, rating=2)
    individual = path.step(path.nominate(firm, "director", people=people, at=at), "take_up", by=people.officer, at=at)
    criterion = reverse("staff:criterion", args=[firm.pk, "NOC", "1.3"])
    individual_page = individual.get_absolute_url()
    domain = reverse("staff:rate_domain", args=[firm.pk, "NOC", "D1"])
    offers = (
        (people.assessor, criterion, "Save the rating"),
        (people.moderator, criterion, "Save the moderation"),
        (people.supervisor, criterion, "Propose an override"),
        (people.officer, individual_page, "What was checked"),
    )
    for who, address, words in offers:
        assert words in text(browse(who).get(address)), words
    assert browse(people.assessor).get(domain).status_code == 200
    for who in {who for who, _, _ in offers}:
        interests.recuse(case, by=who, at=at, reasons="I wrote about it.")
    for who, address, words in offers:
        assert words not in text(browse(who).get(address)), words
    assert browse(people.assessor).get(domain).status_code == 403
    # Whoever sends a form all the same is told why.
    checked = {"kind": "police", "result": "clear", "made_on": str(at.date())}
    answer = browse(people.officer).post(individual_page, checked)
    assert (answer.status_code, "I wrote about it." in text(answer)) == (403, True)
