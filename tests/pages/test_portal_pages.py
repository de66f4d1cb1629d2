"""An exchange's pages: the form by sections, what is typed and kept, documents, set-up, licence, shelf."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from licensing.actions.firms import let_act
from licensing.models import Criterion, Evidence, Firm, LicenceApplication, Milestone, NocApplication
from licensing.questions import FORM_A1
from pvara.demo import answers, life, path
from tests.pages.opened import seen_on
from tokenisation.models import JournalEntry


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def at_page(case, page="application", **more):
    return reverse(f"portal:{page}", kwargs={"kind": "noc", "pk": case.pk, **more})


def test_an_exchange_goes_from_its_first_form_to_submission(regime, people, browse):
    client = browse(people.applicant)
    sent = {"legal_name": "Soan Exchange Limited", "trading_name": "Soan", "country": "Malta"}
    assert client.post(reverse("portal:firm_new"), sent).status_code == 302
    firm = Firm.objects.get(trading_name="Soan")
    assert "Start a NOC application" in text(client.get(reverse("portal:home")))
    assert client.post(reverse("portal:noc_start", args=[firm.pk])).status_code == 302
    case = NocApplication.objects.get(firm=firm)
    for section, said in answers.to(FORM_A1).items():
        answer = client.post(at_page(case, "section", key=section), {**said, "then": "next"})
        assert answer.status_code == 302, (section, text(answer))
    assert client.post(at_page(case, "fee"), {"fee_reference": "FEE-1"}).status_code == 302
    case = NocApplication.objects.get(firm=firm)
    assert case.answers == answers.to(FORM_A1)
    assert (
        client.post(
            at_page(case, "declare"), {"agreed": "on", "seen": seen_on(client, at_page(case, "review"), form=1)}
        ).status_code
        == 302
    )
    page = text(client.get(at_page(case, "review")))
    assert "not answered yet" not in page
    assert "7 missing" in text(client.get(at_page(case)))
    path.supply(firm, "NOC", people=people, at=timezone.now())
    assert "All there" in text(client.get(at_page(case)))
    address = reverse("move", args=["licensing.nocapplication", case.pk, "submit"])
    answer = client.post(address, {"version": case.version, "next": at_page(case)}, follow=True)
    assert "We have received your application." in text(answer)
    assert NocApplication.objects.get(firm=firm).state == "submitted"
    assert client.get(at_page(case, "section", key="aml")).status_code == 200
    late = client.post(at_page(case, "section", key="aml"), answers.to(FORM_A1)["aml"])
    assert late.status_code == 422
    assert "This application has been submitted; its answers can no longer be changed." in text(late)


def test_half_a_section_is_kept_and_the_list_says_how_far_it_is(world, people, browse):
    client = browse(people.applicant)
    client.post(at_page(world.draft, "section", key="applicant"), {"contact_name": "A. Contact", "then": "list"})
    case = NocApplication.objects.get(pk=world.draft.pk)
    assert case.answers["applicant"]["contact_name"] == "A. Contact"
    page = text(client.get(at_page(case)))
    assert "In progress" in page
    assert "0 of 7 sections are complete." in page
    assert 'value="A. Contact"' in text(client.get(at_page(case, "section", key="applicant")))


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(world, people, browse):
    said = {"contact_name": "A. Contact", "contact_email": "nowhere", "incorporated_on": "last May"}
    answer = browse(people.applicant).post(at_page(world.draft, "section", key="applicant"), said)
    page = text(answer)
    assert answer.status_code == 422
    assert page.count("There is a problem") == 1
    assert "Write an e-mail address." in page
    assert "Write a date as year-month-day, such as 2026-03-31." in page
    assert 'value="A. Contact"' in page
    assert 'value="nowhere"' in page
    assert 'aria-describedby="id_contact_email_error"' in page


def test_the_declaration_must_be_ticked_and_is_a_signatorys(world, people, stranger, at, browse):
    unticked = browse(people.applicant).post(at_page(world.draft, "declare"))
    assert unticked.status_code == 422
    assert "Tick the declaration before you sign it." in text(unticked)
    let_act(world.draft.firm, stranger, by=None, at=at, signs=False)
    client = browse(stranger)
    assert "Only a signatory of the firm may sign." in text(client.get(at_page(world.draft, "review")))
    assert client.post(at_page(world.draft, "declare"), {"agreed": "on"}).status_code == 403


def test_the_review_says_everything_that_is_missing(world, people, browse):
    page = text(browse(people.applicant).get(at_page(world.draft, "review")))
    assert "The form is not complete." in page
    assert "The declaration is not signed." in page
    assert "No fee is due for this application." in page


# ── Documents ────────────────────────────────────────────────────────────────────────────────────────────────────────
def upload(client, firm, content=b"A policy.\n", **changed):
    form = {
        "title": "AML policy",
        "kind": "policy",
        "criteria": [Criterion.objects.get(code="1.1", domain__framework__state="published").pk],
        "file": SimpleUploadedFile("policy.txt", content),
    }
    return client.post(reverse("portal:evidence", args=[firm.pk]), {**form, **changed})


def test_a_document_is_uploaded_and_comes_back_unchanged(world, people, browse):
    client = browse(people.applicant)
    assert upload(client, world.draft.firm).status_code == 302
    piece = Evidence.objects.get(firm=world.draft.firm)
    assert b"".join(client.get(reverse("portal:evidence_file", args=[piece.pk])).streaming_content) == b"A policy.\n"


def test_the_documents_page_says_what_is_still_missing(world, people, browse):
    client = browse(people.applicant)
    upload(client, world.draft.firm)
    wanted = client.get(reverse("portal:evidence", args=[world.draft.firm.pk])).context["wanted"]
    said = {each.criterion.code: each.words for each in wanted}
    assert (said["1.1"], said["2.1"]) == ("Waiting for us", "Missing")
    assert "7.1" not in said  # asked for from the set-up on
    later = client.get(reverse("portal:evidence", args=[world.firm.pk])).context["wanted"]
    assert {each.words for each in later} == {"Accepted"}


def test_a_refused_document_says_why_and_keeps_the_title(world, people, browse):
    client = browse(people.applicant)
    program = upload(client, world.draft.firm, b"\x7fELF\x02\x01\x01" + bytes(64))
    assert program.status_code == 422
    assert "Upload PDF, PNG, JPEG, text, CSV, Word, Excel." in text(program)
    assert 'value="AML policy"' in text(program)
    without = upload(client, world.draft.firm, criteria=[])
    assert without.status_code == 422
    assert 'href="#id_criteria_0"' in text(without)


# ── Set-up and full licence ──────────────────────────────────────────────────────────────────────────────────────────
def test_a_milestone_is_saved_submitted_and_found_deficient(world, people, at, browse):
    client = browse(people.applicant)
    milestone = world.granted.setup.milestones.get(code="M3")
    address = reverse("portal:milestone", args=[milestone.pk])
    assert client.post(address, {"goaml_number": "goaml seven"}).status_code == 422
    before = milestone.version
    seen = seen_on(client, address)
    assert client.post(address, {"goaml_number": "GOAML-7", "seen": seen}).status_code == 302
    proof = reverse("portal:milestone_proof", args=[milestone.pk])
    program = client.post(proof, {"title": "Letter of the FMU", "file": SimpleUploadedFile("fmu.txt", b"\x7fELF\x02")})
    assert (program.status_code, 'value="Letter of the FMU"' in text(program)) == (422, True)
    letter = SimpleUploadedFile("fmu.txt", b"The FMU has registered the firm.")
    assert client.post(proof, {"title": "Letter of the FMU", "file": letter}).status_code == 302
    assert "Letter of the FMU" in text(client.get(address))
    move = reverse("move", args=["licensing.milestone", milestone.pk, "submit"])
    sent = {"version": before + 1, "next": reverse("portal:setup", args=[milestone.setup_id])}
    answer = client.post(move, sent)
    assert answer.url == reverse("portal:setup", args=[milestone.setup_id])
    assert Milestone.objects.get(pk=milestone.pk).state == "submitted"
    late = client.post(address, {"goaml_number": "GOAML-8"})
    assert late.status_code == 422
    path.step(milestone, "find_deficient", by=people.officer, at=timezone.now(), note="The number is not registered.")
    assert "The number is not registered." in text(client.get(address))


def test_the_full_licence_is_applied_for_when_the_set_up_is_confirmed(world, people, at, browse):
    client = browse(people.applicant)
    too_early = client.post(reverse("portal:full_start", args=[world.granted.setup.pk]), follow=True)
    assert "The set-up is not confirmed yet" in text(too_early)
    done = path.confirmed_setup(world.granted, people=people, at=at)
    answer = client.post(reverse("portal:full_start", args=[done.pk]))
    case = LicenceApplication.objects.get(setup=done)
    assert answer.url == reverse("portal:application", kwargs={"kind": "full", "pk": case.pk})


# ── Shelf ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_placement_is_recorded_once_and_stops_with_the_licence(world, people, at, browse):
    client = browse(people.applicant)
    address = world.address("portal:placement")
    before = JournalEntry.objects.count()
    units = {"units": "5", "case_ref": "Order 1", "key": "a" * 32}
    assert client.post(address, units).status_code == 302
    assert "nothing was recorded twice" in text(client.post(address, units, follow=True))
    assert JournalEntry.objects.count() == before + 1
    life.suspend(world.licence, people=people, at=at, note="Reserves do not reconcile.")
    refused = client.post(address, {**units, "key": "b" * 32})
    assert refused.status_code == 422
    assert "The venue is not in good standing. The licence is suspended." in text(refused)
    assert 'value="Order 1"' in text(refused)
    assert JournalEntry.objects.count() == before + 1
    assert "You may not distribute now. Placements are refused." in text(client.get(world.address("portal:venue")))


def test_the_first_page_costs_the_same_for_one_firm_and_ten(
    regime, people, at, browse, django_assert_num_queries, django_assert_max_num_queries
):
    from licensing.actions.firms import register_firm

    client = browse(people.applicant)
    for number in range(1):
        firm = register_firm(f"Exchange {number}", by=people.applicant, at=at, country="Malta")
        path.noc_case(firm, people=people, at=at, until="submitted")
    client.get(reverse("portal:home"))
    with django_assert_max_num_queries(30) as one:
        client.get(reverse("portal:home"))
    for number in range(1, 10):
        firm = register_firm(f"Exchange {number}", by=people.applicant, at=at, country="Malta")
        path.noc_case(firm, people=people, at=at, until="submitted")
    with django_assert_num_queries(len(one.captured_queries)):
        client.get(reverse("portal:home"))
