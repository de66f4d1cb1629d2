"""Pages for everybody: the register, the verification of letters, the programme; and what every page carries."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from licensing.actions.firms import register_firm
from licensing.models import Letter
from pvara.demo import life, path


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


# ── Register ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_register_tells_licences_from_certificates(world, browse):
    client = browse(None)
    licensed = text(client.get(reverse("public:register")))
    assert world.licence.reference in licensed
    assert world.granted.reference not in licensed
    certificates = text(client.get(reverse("public:register"), {"list": "noc"}))
    assert world.granted.reference in certificates
    assert "A No Objection Certificate is not a licence." in certificates
    assert "NOC only: not licensed" in certificates
    # Whoever was licensed since stands among the licences only.
    assert world.licence.application.noc.reference not in certificates


def test_a_search_that_finds_nothing_says_what_that_means(world, browse):
    page = text(browse(None).get(reverse("public:register"), {"q": "Indus Exchnage"}))
    assert "Nothing by that name is on the register." in page


def test_a_search_opens_the_list_in_which_something_was_found(world, browse):
    assert world.granted.reference in text(browse(None).get(reverse("public:register"), {"q": "ravi"}))


def test_an_entry_shows_the_suspension_at_once_and_never_a_reason(world, people, at, browse):
    client = browse(None)
    address = reverse("public:entry", args=[world.licence.reference])
    assert "May distribute them at this moment" in text(client.get(address))
    life.suspend(world.licence, people=people, at=at, note="Reserves do not reconcile.")
    page = text(client.get(address))
    assert "This licence is suspended." in page
    assert "May not distribute them at this moment" in page
    assert "Reserves" not in page


def test_no_public_page_shows_a_score(world, browse):
    client = browse(None)
    for name in ("public:register", "public:entry", "public:programme", "public:asset", "public:verified"):
        page = text(client.get(world.address(name))).split("<main")[1]
        assert "score" not in page.lower()


def test_an_entry_that_does_not_exist_is_not_found(world, browse):
    client = browse(None)
    for number in ("LIC-1999-00001", "NOC-2026-99999", "X", "LIC-2026-", world.draft.reference):
        assert client.get(reverse("public:entry", args=[number])).status_code == 404
    granted = client.get(reverse("public:entry", args=[world.granted.reference]))
    assert "A No Objection Certificate is not a licence." in text(granted)


def test_the_register_costs_the_same_for_one_and_thirty(
    regime, people, at, browse, django_assert_num_queries, django_assert_max_num_queries
):
    client = browse(None)

    def grant(number):
        firm = register_firm(f"Exchange {number}", by=people.applicant, at=at, country="Malta")
        path.noc_case(firm, people=people, at=at)

    grant(0)
    with django_assert_max_num_queries(8) as one:
        client.get(reverse("public:register"), {"list": "noc"})
    for number in range(1, 6):
        grant(number)
    with django_assert_num_queries(len(one.captured_queries)):
        client.get(reverse("public:register"), {"list": "noc"})


# ── Verification ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_letter_is_verified_by_number_by_token_and_by_file(world, browse):
    client = browse(None)
    letter = Letter.objects.filter(code="L40").get()
    by_number = client.post(reverse("public:verify"), {"number": letter.reference.lower()})
    assert "This letter is genuine." in text(by_number)
    assert letter.addressee in text(by_number)
    assert "This letter is genuine." in text(client.get(reverse("public:verified", args=[letter.token])))
    pdf = bytes(letter.document.pdf)
    by_file = client.post(reverse("public:verify"), {"file": SimpleUploadedFile("letter.pdf", pdf)})
    assert "This letter is genuine." in text(by_file)


def test_one_changed_byte_is_found(world, browse):
    pdf = bytearray(Letter.objects.filter(code="L40").get().document.pdf)
    pdf[len(pdf) // 2] ^= 1
    answer = browse(None).post(reverse("public:verify"), {"file": SimpleUploadedFile("letter.pdf", bytes(pdf))})
    assert answer.status_code == 404
    assert "Do not rely on it." in text(answer)


def test_a_number_that_nobody_gave_is_no_letter(world, browse):
    assert browse(None).post(reverse("public:verify"), {"number": "PVARA/NOC/2026/99999"}).status_code == 404
    assert browse(None).get(reverse("public:verified", args=["nonsense"])).status_code == 404
    empty = browse(None).post(reverse("public:verify"), {})
    assert empty.status_code == 422
    assert "Give the number of the letter, or choose its PDF file." in text(empty)


# ── Programme ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_asset_is_sold_only_where_the_standing_holds_now(world, people, at, browse):
    client = browse(None)
    assert world.licence.holder_name in text(client.get(world.address("public:asset")))
    life.suspend(world.licence, people=people, at=at, note="Why.")
    assert "Nowhere: no licensed exchange may distribute it" in text(client.get(world.address("public:asset")))
    assert client.get(reverse("public:asset", args=["oil-reserve"])).status_code == 404


# ── Every page ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_page_says_that_this_is_a_demonstration(world, browse, settings):
    client = browse(None)
    assert "Demonstration data." in text(client.get("/"))
    settings.DEMONSTRATION = False
    assert "Demonstration data." not in text(client.get("/"))


def test_the_policy_allows_no_inline_script_or_style(db, browse):
    answer = browse(None).get("/accounts/login/")
    said = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in said
    assert "default-src 'self'" in said
    page = answer.content.decode()
    assert " style=" not in page
    assert "<style" not in page
    assert "<script" not in page


def test_signing_in_leads_to_ones_own_work(people, adil, stranger, browse):
    def lead(user):
        return browse(user).get(reverse("work")).url

    assert lead(people.officer) == reverse("staff:queue")
    assert lead(people.debt_officer) == reverse("staff:programme")
    assert lead(adil) == reverse("people")
    assert lead(stranger) == reverse("portal:home")


def test_too_many_wrong_passwords_lock_the_door(people, browse, settings):
    settings.AXES_FAILURE_LIMIT = 2
    client = browse(None)
    wrong = {"login": people.officer.email, "password": "not this one"}
    assert client.post("/accounts/login/", wrong).status_code == 200
    locked = client.post("/accounts/login/", wrong)
    assert locked.status_code == 429
    assert "Signing in is locked for now" in text(locked)


def test_what_is_nowhere_is_said_kindly(db, browse):
    answer = browse(None).get("/nowhere/")
    assert answer.status_code == 404
    assert "There is no such page" in text(answer)
