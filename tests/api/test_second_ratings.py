"""Blind ratings for programs: whoever did not give the first cannot read it anywhere before the second is in."""

from datetime import timedelta

import pytest
from django.utils import timezone

from licensing.models import Rating, SealedRating
from pvara.demo import path
from pvara.kernel import roles
from pvara.kernel.models import User
from tests.api.program import Program
from tests.licensing import twice

SECRET = "The mandate names nobody for goAML."
CRITERIA = "1.2"


@pytest.fixture
def azra(regime, people, at):
    twice.in_force(people=people, at=at)
    return twice.another_assessor()


@pytest.fixture
def assessed(firm, people, at, azra):
    path.noc_case(firm, people=people, at=at + timedelta(days=2), until="under_assessment")
    return firm


def body(firm, rating, rationale, **more):
    return {"firm": firm.pk, "criterion": CRITERIA, "rating": rating, "rationale": rationale, **more}


@pytest.fixture
def sealed(assessed, asif):
    return Program(asif).post("ratings/", body(assessed, 1, SECRET))


def test_the_first_is_answered_as_sealed_to_who_gave_it(sealed, asif):
    assert sealed.status_code == 202
    said = sealed.json()
    assert (said["criterion"], said["rating"], said["rationale"], said["assessor"]) == ("1.2", 1, SECRET, "Asif")
    listed = Program(asif).get("sealed-ratings/").json()["results"]
    assert [(each["id"], each["rating"]) for each in listed] == [(said["id"], 1)]


@pytest.fixture
def everybody(people, azra, aisha, laila, adil):
    """Whoever may read of the firm at the regulator's, the other assessor among them; and the firm itself."""
    return [azra, aisha, laila, *{user for user in vars(people).values() if isinstance(user, User)}]


def test_it_is_nowhere_for_anybody_else(sealed, assessed, asif, everybody):
    """Whatever a program can read of the firm, with everything that is said of it, searched for what was given."""
    addresses = [
        *("ratings/", "sealed-ratings/", f"sealed-ratings/{sealed.json()['id']}/", "audit-entries/"),
        *(f"firms/{assessed.pk}/", f"firms/{assessed.pk}/score/", f"firms/{assessed.pk}/readiness/"),
        *("noc-applications/", f"noc-applications/{assessed.nocapplications.get().pk}/"),
        f"noc-applications/{assessed.nocapplications.get().pk}/moves/",
        "rating-agreement/",
    ]
    read = 0
    for user in everybody:
        if user == asif:
            continue
        for address in addresses:
            answer = Program(user).get(address)
            assert SECRET not in answer.content.decode()
            read += answer.status_code == 200
    assert read > 60
    listed = Program(everybody[0]).get("sealed-ratings/").json()["results"]
    assert [(each["assessor"], each["rating"], each["not_applicable"], each["rationale"]) for each in listed] == [
        ("Asif", None, None, None)
    ]


@pytest.mark.parametrize("rating", [0, 4])
def test_everything_reads_the_same_whatever_was_given(assessed, asif, azra, rating):
    """With the seal's own mark left aside, no letter tells a 0 from a 4."""
    other = Program(azra)
    addresses = [f"firms/{assessed.pk}/score/?phase=NOC", "ratings/", f"firms/{assessed.pk}/readiness/?phase=NOC"]
    before = [other.get(each).content for each in addresses]
    Program(asif).post("ratings/", body(assessed, rating, SECRET))
    assert [other.get(each).content for each in addresses] == before
    data = [each["data"] for each in Program(asif_auditor()).get("audit-entries/").json()["results"]]
    assert [set(each) for each in data if "fingerprint" in each] == [{"criterion", "sealed_id", "fingerprint"}]


def asif_auditor():
    user = User.objects.create_user("auditor@example.org", "a long enough password", name="Auditor")
    roles.grant(user, "auditor", by=None, at=timezone.now())
    return user


def test_the_second_opens_both_for_everybody(sealed, assessed, azra, saira, aisha):
    answer = Program(azra).post("ratings/", body(assessed, 3, "All is there."))
    assert answer.status_code == 201
    said = Program(saira).get("ratings/").json()["results"][0]
    assert (said["rating"], said["rationale"], said["assessor"]) == (1, SECRET, "Asif")
    assert (said["second_rating"], said["second_rationale"], said["second_assessor"]) == (3, "All is there.", "Azra")
    assert Program(azra).get("sealed-ratings/").json()["results"] == []
    assert SECRET in Program(aisha).get("audit-entries/").content.decode()
    moderated = Program(saira).post(f"ratings/{said['id']}/moderation/", {"rating": 2, "seen": said["seen"]})
    assert moderated.json()["moderated_rating"] == 2


def test_a_rating_alone_is_not_moderated(regime, firm, people, at, asif, saira):
    given = path.rate_everything(firm, "NOC", people=people, at=at - timedelta(days=9))
    assert given is None
    twice.in_force(people=people, at=at)
    row = Rating.objects.filter(firm=firm, criterion__code="1.2").get()
    seen = Program(saira).get(f"ratings/{row.pk}/").json()["seen"]
    answer = Program(saira).post(f"ratings/{row.pk}/moderation/", {"seen": seen})
    assert answer.status_code == 400
    assert "Its second rating is not in" in answer.content.decode()


def test_agreement_by_domain(sealed, assessed, azra, sana, amina):
    Program(azra).post("ratings/", body(assessed, 3, "All is there."))
    said = Program(sana).get("rating-agreement/").json()
    assert said["until"] == str(timezone.localdate())
    line = {"pairs": 1, "equal": 0, "within_a_step": 0, "share": "0.00", "kappa": "0.00", "not_compared": 0}
    assert said["domains"] == [
        {"domain": "D1", "title": "AML/CFT/CPF", **line},
        {"domain": "", "title": "All domains", **line},
    ]
    assert Program(sana).get("rating-agreement/", until="2026-01-01").json()["domains"] == []
    assert Program(sana).get("rating-agreement/", until="0001-01-01").json()["since"] == "0001-01-01"
    assert Program(amina).get("rating-agreement/").status_code == 403


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"since": "yesterday"}, "since"),
        ({"since": ""}, "since"),
        ({"until": "1"}, "until"),
        ({"until": "20260201"}, "until"),
        ({"until": "2026-02-30"}, "until"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "until"),
    ],
)
def test_days_that_are_none(sana, asked, field):
    answer = Program(sana).get("rating-agreement/", **asked)
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (400, [field])


def test_a_sealed_rating_is_nothing_for_the_firm(sealed, amina):
    assert Program(amina).get("sealed-ratings/").status_code == 403
    assert Program(amina).get(f"sealed-ratings/{SealedRating.objects.get().pk}/").status_code == 403
