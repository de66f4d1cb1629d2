"""A domain rated and moderated on one page: only what is filled in is sent, and nothing typed is lost."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from licensing.actions.firms import register_firm
from licensing.models import Rating, SealedRating
from licensing.models.assessed import criteria_asked_of
from licensing.models.ratings import judged
from pvara.demo import path
from pvara.kernel import roles
from pvara.kernel.seen import mark
from tests.conftest import person
from tests.licensing import judging, twice

SECRET = "The mandate names nobody for goAML."
NOTHING_SAID = mark(judged(None))


@pytest.fixture
def firm(people, ground, at):
    return register_firm("Hunza Exchange", by=people.applicant, at=at, country="Malta", invented=True)


@pytest.fixture
def case(firm, people, at):
    return path.noc_case(firm, people=people, at=at, until="under_assessment")


@pytest.fixture
def rating(case):
    return reverse("staff:rate_domain", args=[case.firm_id, "NOC", "D1"])


@pytest.fixture
def moderating(case):
    return reverse("staff:moderate_domain", args=[case.firm_id, "NOC", "D1"])


def text(answer):
    return " ".join(unescape(answer.content.decode()).split())


def sheet_of(firm):
    return reverse("staff:ratings", args=[firm.pk, "NOC"])


def row(code, rating, rationale="Read.", *, seen=NOTHING_SAID, **more):
    """What a browser sends of one row."""
    fields = {"rating": rating, "rationale": rationale, "seen": seen, **more}
    return {f"{code}-{name}": value for name, value in fields.items()}


def word(given, rating, note=""):
    """What a browser sends of one row of the moderator's."""
    fields = {"rating": rating, "note": note, "seen": mark(judged(Rating.objects.get(pk=given.pk)))}
    return {f"{given.criterion.code}-{name}": value for name, value in fields.items()}


def given_to(firm, people, at, *codes, rating=3):
    criteria = {each.code: each for each in criteria_asked_of(firm, at)}
    return [
        judging.rate(firm, criteria[code], by=people.assessor, at=at, rating=rating, rationale="Read.")
        for code in codes
    ]


# ── Rating ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_sheet_leads_to_the_domains_that_wait_for_the_person(case, firm, people, at, browse, rating, moderating):
    def leads(user):
        page = text(browse(user).get(sheet_of(firm)))
        return [f'href="{each}"' in page for each in (rating, moderating)]

    assert (leads(people.assessor), leads(people.moderator)) == ([True, False], [False, False])
    given_to(firm, people, at, "1.1", "1.2", "1.3", "1.4", "1.5", "1.8")
    assert (leads(people.assessor), leads(people.moderator)) == ([False, False], [False, True])
    assert leads(people.officer) == [False, False]
    assert "Nothing of this domain waits for a rating of yours." in text(browse(people.assessor).get(rating))


def test_only_what_is_to_be_rated_is_on_the_page(case, firm, people, at, browse, rating):
    given_to(firm, people, at, "1.2")
    page = browse(people.assessor).get(rating).content.decode()
    codes = ["1.1", "1.3", "1.4", "1.5", "1.8"]
    # Of the other phases there is nothing.
    assert [f'id="row-{code}"' in page for code in ("1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8")] == [
        code in codes for code in ("1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8")
    ]
    assert page.count('<fieldset class="card') == len(codes)


def test_only_what_is_filled_in_is_sent(case, firm, people, browse, rating):
    client = browse(people.assessor)
    sent = {
        **row("1.1", "3", "Approved."),
        **row("1.2", "n/a", "It does nothing yet."),
        **row("1.3", "later", " "),
        **row("1.4", "later", ""),
    }
    answer = client.post(rating, sent, follow=True)
    assert answer.redirect_chain == [(sheet_of(firm), 302)]
    assert "2 criteria are rated; a moderator looks at this next." in text(answer)
    given = Rating.objects.filter(firm=firm).order_by("pk")
    assert [(each.criterion.code, each.rating, each.rationale) for each in given] == [
        ("1.1", 3, "Approved."),
        ("1.2", None, "It does nothing yet."),
    ]


def test_a_rating_rests_on_the_documents_that_are_ticked(case, firm, people, at, browse, rating):
    one = next(each for each in criteria_asked_of(firm, at) if each.code == "1.1")
    piece = path.give_evidence(firm, [one], title="The policy", people=people, at=at)
    client = browse(people.assessor)
    assert f'value="{piece.pk}" id="id_1.1-evidence_' in text(client.get(rating))
    assert client.post(rating, row("1.1", "4", evidence=[piece.pk])).status_code == 302
    assert list(Rating.objects.get(firm=firm).evidence.all()) == [piece]


def test_what_is_wrong_stands_beside_its_row_and_nothing_is_lost(case, firm, people, browse, rating):
    sent = {**row("1.1", "3", "Approved."), **row("1.2", "2", ""), **row("1.3", "later", "Half is there.")}
    answer = browse(people.assessor).post(rating, sent)
    assert (answer.status_code, Rating.objects.filter(firm=firm).exists()) == (422, False)
    page = text(answer)
    assert '<a class="alert-link" href="#id_1.2-rationale">1.2, Rationale: This field is required.</a>' in page
    assert "1.3, Rating: Choose a rating, or take back what you wrote for this criterion." in page
    assert 'href="#id_1.3-rating_0"' in page
    assert 'value="3" id="id_1.1-rating_4" checked' in page
    assert 'value="2" id="id_1.2-rating_3" checked' in page
    assert ("Approved." in page, "Half is there." in page) == (True, True)
    # What nothing was said of is as it was.
    assert 'id="id_1.4-rationale_error"' not in page


def test_what_the_regime_refuses_stands_beside_its_row_too(case, firm, people, at, browse, rating):
    one = next(each for each in criteria_asked_of(firm, at) if each.code == "1.1")
    piece = path.give_evidence(firm, [one], title="The policy", people=people, at=at)
    type(piece).objects.filter(pk=piece.pk).update(scan="infected")
    sent = {**row("1.1", "4", evidence=[piece.pk]), **row("1.2", "3")}
    answer = browse(people.assessor).post(rating, sent)
    assert (answer.status_code, Rating.objects.filter(firm=firm).exists()) == (422, False)
    assert f"1.1, Documents that the rating rests on: {piece.reference} is infected: rate on something else." in text(
        answer
    )


def test_who_is_late_reads_what_was_said_meanwhile_and_may_still_save(case, firm, people, at, browse, rating):
    other = browse(person("Another", "assessor"))
    given_to(firm, people, at, "1.1")
    sent = {**row("1.1", "1", "It is a draft."), **row("1.2", "3")}
    answer = other.post(rating, sent)
    page = text(answer)
    assert (answer.status_code, Rating.objects.filter(firm=firm).count()) == (422, 1)
    assert ("Meanwhile Asif wrote here, on" in page, "3 Largely met, by Asif" in page) == (True, True)
    assert ("It is a draft." in page, 'id="row-1.2"' in page) == (True, True)
    read = {"1.1-seen": mark(judged(Rating.objects.get(firm=firm)))}
    assert f'value="{read["1.1-seen"]}"' in page
    assert other.post(rating, {**sent, **read}).status_code == 302
    assert Rating.objects.get(firm=firm, current=True, criterion__code="1.1").rating == 1


def test_who_fills_in_nothing_is_told(case, people, browse, rating, moderating):
    answer = browse(people.assessor).post(rating, row("1.1", "later", ""))
    assert (answer.status_code, "Rate at least one criterion." in text(answer)) == (422, True)
    answer = browse(people.moderator).post(moderating, {})
    assert (answer.status_code, "Moderate at least one rating." in text(answer)) == (422, True)


def test_a_domain_or_a_phase_that_there_is_not(case, firm, people, browse):
    client = browse(people.assessor)
    for phase, code in (("NOC", "D99"), ("NOC", "D9x"), ("LATER", "D1")):
        assert client.get(reverse("staff:rate_domain", args=[firm.pk, phase, code])).status_code == 404
    # Nothing of D10 is asked before the full licence.
    assert client.get(reverse("staff:rate_domain", args=[firm.pk, "NOC", "D10"])).status_code == 404
    assert client.get(reverse("staff:rate_domain", args=[firm.pk, "FULL", "D10"])).status_code == 200


# ── Rated twice ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_second_assessor_rates_without_seeing_the_first(firm, people, at, browse):
    twice.in_force(people=people, at=at)
    path.noc_case(firm, people=people, at=at + timedelta(days=2), until="under_assessment")
    address = reverse("staff:rate_domain", args=[firm.pk, "NOC", "D1"])
    first, second = browse(people.assessor), browse(twice.another_assessor())
    answer = first.post(address, {**row("1.1", "1", SECRET), **row("1.2", "1", SECRET)}, follow=True)
    assert "2 criteria are rated and sealed; another assessor rates next, without seeing what you gave." in text(answer)
    # The first has done their part; the second has all of theirs before them, and nothing that was given.
    assert ('id="row-1.1"' in text(first.get(address)), 'id="row-1.3"' in text(first.get(address))) == (False, True)
    page = text(second.get(address))
    assert (SECRET in page, "1 Weak" in page, page.count("It is sealed. Yours is the second")) == (False, False, 2)
    assert page.count("checked") == page.count('value="later"') == 6
    # Nor when it comes back with what is wrong.
    refused = second.post(address, {**row("1.1", "3", ""), **row("1.2", "3")})
    assert (refused.status_code, SECRET in text(refused), Rating.objects.filter(firm=firm).count()) == (422, False, 0)
    answer = second.post(address, {**row("1.1", "3"), **row("1.3", "2")}, follow=True)
    assert "One criterion is rated; a moderator looks at this next. One criterion is rated and sealed;" in text(answer)
    assert [(each.criterion.code, each.rating, each.second_rating) for each in Rating.objects.filter(firm=firm)] == [
        ("1.1", 1, 3)
    ]
    waiting = SealedRating.objects.filter(firm=firm, waits=True).values_list("criterion__code", flat=True)
    assert set(waiting) == {"1.2", "1.3"}


# ── Moderation ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_several_are_confirmed_or_changed_and_what_is_left_stays(case, firm, people, at, browse, moderating):
    one, two, three = given_to(firm, people, at, "1.1", "1.2", "1.3")
    page = text(browse(people.moderator).get(moderating))
    assert page.count("Confirm the rating as it is") == 3
    assert (page.count("by Asif"), 'value="later" id="moderation_1.1-rating_0" checked' in page) == (3, True)
    sent = {**word(one, ""), **word(two, "2"), **word(three, "later")}
    answer = browse(people.moderator).post(moderating, sent, follow=True)
    assert "2 criteria are moderated." in text(answer)
    rows = Rating.objects.filter(firm=firm).order_by("pk")
    assert [(each.moderated_rating, each.is_moderated) for each in rows] == [(3, True), (2, True), (None, False)]


def test_what_the_set_up_adds_is_moderated_at_its_phase(firm, people, at, browse):
    noc = path.noc_case(firm, people=people, at=at)
    (given,) = given_to(firm, people, at, "3.5", rating=1)
    client, page = browse(people.moderator), reverse("staff:ratings", args=[firm.pk, "SETUP"])
    assert page in text(client.get(noc.setup.get_absolute_url()))
    moderating = reverse("staff:moderate_domain", args=[firm.pk, "SETUP", "D3"])
    assert moderating in text(client.get(page))
    assert "3.5 Local management and substance is not moderated." in noc.setup.ratings_outstanding(at)
    answer = client.post(moderating, word(given, ""))
    assert answer.status_code == 302
    assert [each[:3] for each in noc.setup.ratings_outstanding(at)] == ["1.6", "7.1"]


def test_a_great_change_needs_its_note_and_nothing_is_saved_without_it(case, firm, people, at, browse, moderating):
    one, two, three = given_to(firm, people, at, "1.1", "1.2", "1.3")
    client = browse(people.moderator)
    sent = {**word(one, ""), **word(two, "1"), **word(three, "later", "Odd.")}
    answer = client.post(moderating, sent)
    assert (answer.status_code, "1.3, Your decision: Choose your decision, or take back the note." in text(answer)) == (
        422,
        True,
    )
    sent = {**word(one, ""), **word(two, "1"), **word(three, "4", "Odd.")}
    answer = client.post(moderating, sent)
    page = text(answer)
    assert answer.status_code == 422
    assert '<a class="alert-link" href="#moderation_1.2-note">1.2, Note: A change of more than one step' in page
    assert ("Odd." in page, 'value="1" id="moderation_1.2-rating_3" checked' in page) == (True, True)
    assert not Rating.objects.filter(firm=firm, moderated_at__isnull=False).exists()
    assert client.post(moderating, {**sent, "1.2-note": "It is unsigned."}).status_code == 302
    assert Rating.objects.filter(firm=firm, moderated_at__isnull=False).count() == 3


def test_a_note_alone_confirms_nothing(case, firm, people, at, browse, moderating):
    """Whatever sent it: no decision is taken for granted."""
    (one,) = given_to(firm, people, at, "1.1")
    sent = word(one, "", "Read.")
    del sent["1.1-rating"]
    answer = browse(people.moderator).post(moderating, sent)
    assert (answer.status_code, "Choose your decision, or take back the note." in text(answer)) == (422, True)
    assert not Rating.objects.get(pk=one.pk).is_moderated


def test_nobody_confirms_several_unseen(case, firm, people, at, browse, moderating):
    one, two = given_to(firm, people, at, "1.1", "1.2")
    sent = {**word(one, ""), **word(two, "")}
    given_to(firm, people, at, "1.1", rating=0)
    answer = browse(people.moderator).post(moderating, sent)
    assert (answer.status_code, "Meanwhile Asif wrote here, on" in text(answer)) == (422, True)
    assert "0 Not met, by Asif" in text(answer)
    assert not Rating.objects.filter(firm=firm, moderated_at__isnull=False).exists()


def test_whoever_rated_finds_nothing_of_theirs_to_moderate(case, firm, people, at, browse, moderating):
    (one,) = given_to(firm, people, at, "1.1")
    roles.grant(people.assessor, "moderator", by=None, at=at)
    client = browse(type(people.assessor).objects.get(pk=people.assessor.pk))
    assert "Nothing of this domain waits for your moderation." in text(client.get(moderating))
    answer = client.post(moderating, word(one, ""))
    assert (answer.status_code, "1.1: Whoever gave a rating does not moderate it." in text(answer)) == (422, True)


def test_what_is_asked_for_anew_meanwhile_is_not_moderated_and_the_note_is_kept(
    case, firm, people, at, browse, moderating
):
    (one,) = given_to(firm, people, at, "1.1")
    sent = word(one, "", "Read with care.")
    Rating.objects.filter(pk=one.pk).update(current=False)
    answer = browse(people.moderator).post(moderating, sent)
    assert (answer.status_code, "1.1: There is no rating to moderate." in text(answer)) == (422, True)
    assert "Read with care." in text(answer)


# ── What it costs ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_page_costs_the_same_for_one_row_as_for_all(
    case, firm, people, at, browse, rating, moderating, django_assert_max_num_queries
):
    path.supply(firm, "NOC", people=people, at=at)
    assessor, moderator = browse(people.assessor), browse(people.moderator)

    def asked(client, address):
        client.get(address)
        with django_assert_max_num_queries(45) as queries:
            client.get(address)
        return len(queries)

    six = asked(assessor, rating)
    given_to(firm, people, at, "1.1")
    one = asked(moderator, moderating)
    given_to(firm, people, at, "1.2", "1.3", "1.4", "1.5")
    assert (asked(assessor, rating), asked(moderator, moderating)) == (six, one)
