"""The pages of an asset's papers: its documents, handed in by one and published by another, and its draft, amended."""

import hashlib
import json
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from pvara.kernel.seen import mark
from tests.api.program import Program, shut
from tests.pages.test_staff_pages import BILL
from tokenisation.actions.assets import amend_draft
from tokenisation.models import Asset, AssetDocument, CommodityTerms
from tokenisation.models.described import said_in, said_of


def text(answer) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def got(answer) -> bytes:
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    return b"".join(answer.streaming_content)


@pytest.fixture
def oil(world):
    return world.registry.programme.assets.get(kind="oil")


# ── Documents ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_document_is_handed_in_and_its_next_edition_begins_with_its_title(world, people, browse, oil):
    officer, new = browse(people.debt_officer), reverse("staff:asset_document_new", args=[oil.pk])
    assert f'href="{new}"' in officer.get(oil.get_absolute_url()).content.decode()
    wrong = officer.post(new, {"kind": "other", "title": "Kept", "file": SimpleUploadedFile("a.txt", b"MZ\x90\x00")})
    assert wrong.status_code == 422
    assert 'value="Kept"' in text(wrong)
    said = {"kind": "risk_disclosure", "title": "Risks", "file": SimpleUploadedFile("risks.txt", b"It may fall.")}
    page = officer.post(new, said, follow=True)
    made = AssetDocument.objects.latest("pk")
    assert "“Risks, edition 1” is handed in. Another person of the debt office publishes it." in text(page)
    assert made.sha256 == hashlib.sha256(b"It may fall.").hexdigest()
    assert made.sha256 in text(page)
    again = text(officer.get(new, {"of": made.pk}))
    assert 'value="Risks"' in again
    assert 'value="risk_disclosure" selected' in again
    assert 'value="Risks"' not in text(officer.get(new, {"of": "nonsense"}))
    assert got(officer.get(reverse("staff:asset_document_file", args=[made.pk]))) == b"It may fall."


def test_the_public_reads_what_another_person_published(world, people, browse):
    waiting, nobody = world.registry.waiting, browse(None)
    bill, first = waiting.asset, waiting.supersedes

    def address(document):
        return reverse("public:asset_document", args=[bill.code, document.pk])

    page = text(nobody.get(world.address("public:asset")))
    assert first.sha256 in page
    assert waiting.sha256 not in page
    assert nobody.get(address(waiting)).status_code == 404
    move = reverse("move", args=["tokenisation.assetdocument", waiting.pk, "publish"])
    assert browse(people.debt_officer).post(move, {"version": waiting.version}).status_code == 403
    assert browse(people.debt_approver).post(move, {"version": waiting.version}).status_code == 302
    page = text(nobody.get(world.address("public:asset")))
    assert "edition 1 (superseded by a later one)" in page
    assert waiting.sha256 in page
    for document in (first, waiting):
        assert hashlib.sha256(got(nobody.get(address(document)))).hexdigest() == document.sha256
    staff = text(browse(people.debt_approver).get(first.get_absolute_url()))
    assert "A later edition is published" in staff


def test_programs_hand_in_list_publish_and_read(world, people, browse):
    officer, approver, public = Program(people.debt_officer), Program(people.debt_approver), browse(None)
    bill, waiting = world.registry.bill, world.registry.waiting
    said = {"asset": bill.pk, "kind": "custody", "title": "SGLA", "file": SimpleUploadedFile("a.txt", b"Held.")}
    made = officer.upload("asset-documents/", said).json()
    assert (made["edition"], made["state"], made["sha256"]) == (1, "handed_in", hashlib.sha256(b"Held.").hexdigest())
    said["file"] = SimpleUploadedFile("a.txt", b"Held.")
    assert officer.upload("asset-documents/", said).status_code == 400
    address = f"asset-documents/{made['id']}/"
    assert officer.move(address, "publish", made["version"]).status_code == 403
    listed = json.loads(public.get(f"/api/public-assets/{bill.code}/").content)["documents"]
    assert [(each["kind"], each["edition"]) for each in listed] == [("legal_opinion", 1), ("offering", 1)]
    assert approver.move(address, "publish", made["version"]).status_code == 200
    listed = json.loads(public.get(f"/api/public-assets/{bill.code}/").content)["documents"]
    assert [each["kind"] for each in listed] == ["custody", "legal_opinion", "offering"]
    assert got(public.get(f"/api/public-assets/{bill.code}/documents/{made['id']}/")) == b"Held."
    assert public.get(f"/api/public-assets/{bill.code}/documents/{waiting.pk}/").status_code == 404
    assert got(officer.get(f"{address}file/")) == b"Held."
    found = officer.get("asset-documents/", asset=bill.pk, kind="offering").json()["results"]
    assert [(each["edition"], each["supersedes"]) for each in found] == [(2, waiting.supersedes_id), (1, None)]


# ── Drafts ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def sent(form_page) -> dict[str, str]:
    """What a browser sends of the two forms as the page shows them."""
    found = {}
    for form in (form_page.context["form"], form_page.context["terms_form"]):
        for field in form:
            value = field.value()
            if value is not None and value is not False:
                found[field.html_name] = "on" if value is True else str(value)
    return found


def test_a_draft_is_amended_on_its_page(world, people, browse, oil):
    officer, page = browse(people.debt_officer), reverse("staff:asset_amend", args=[oil.pk])
    assert f'href="{page}"' in officer.get(oil.get_absolute_url()).content.decode()
    said = sent(officer.get(page)) | {"guarantor": "Ministry of Energy", "terms-price_usd_cents": "7000"}
    wrong = officer.post(page, {**said, "issuer_lei": "NOT AN LEI", "terms-haircut_bp": "10000"})
    assert wrong.status_code == 422
    assert "This is not an LEI" in text(wrong)
    assert 'value="Ministry of Energy"' in text(wrong)
    answer = officer.post(page, said, follow=True)
    assert f"{oil.code} is amended." in text(answer)
    oil.refresh_from_db()
    assert (oil.guarantor, oil.commodity_terms.price_usd_cents) == ("Ministry of Energy", 7000)
    assert ">Ministry of Energy<" in text(answer)


def test_a_bills_nominal_is_shown_and_typed_in_whole_units(world, people, browse):
    officer = browse(people.debt_officer)
    officer.post(reverse("staff:asset_new", args=["debt"]), {**BILL, "programme": world.registry.programme.pk})
    bill = world.registry.programme.assets.get(code="mtb-3m")
    page = reverse("staff:asset_amend", args=[bill.pk])
    said = sent(officer.get(page))
    assert said["unit_nominal"] == "5000"
    # No bill has such a nominal; what was typed is still there.
    refused = officer.post(page, said | {"unit_nominal": "100.50"})
    assert (refused.status_code, sent(refused)["unit_nominal"]) == (422, "100.50")
    assert officer.post(page, said | {"unit_nominal": "10000"}).status_code == 302
    bill.refresh_from_db()
    assert bill.unit_nominal == 1_000_000
    assert sent(officer.get(page))["unit_nominal"] == "10000"


def test_two_people_amend_one_draft(world, people, browse, oil):
    officer, page = browse(people.debt_officer), reverse("staff:asset_amend", args=[oil.pk])
    said = sent(officer.get(page)) | {"issuer": "Typed by the second", "terms-site": "Typed by the second"}
    kept = CommodityTerms(**{**said_in(oil.commodity_terms), "site": "Terminal, Gwadar"})
    amend_draft(
        oil,
        terms=kept,
        seen=mark(said_of(oil)),
        issuer="Ministry of Energy",
        by=people.debt_officer,
        at=timezone.now(),
    )
    answer = officer.post(page, said)
    shown = text(answer)
    assert answer.status_code == 422
    for words in ("wrote here, on", "Ministry of Energy", "Terminal, Gwadar", 'value="Typed by the second"'):
        assert words in shown
    # Whoever has read it may still say otherwise.
    assert officer.post(page, sent(answer)).status_code == 302
    now = said_of(Asset.objects.get(pk=oil.pk))
    assert (now["issuer"], now["site"]) == ("Typed by the second", "Typed by the second")


def test_what_is_reviewed_is_not_amended(world, people, browse):
    gold = world.registry.programme.assets.get(kind="gold")
    answer = browse(people.debt_officer).get(reverse("staff:asset_amend", args=[gold.pk]), follow=True)
    assert f"{gold.code} is under review: only a draft is amended." in text(answer)


def test_a_program_amends_a_draft_that_reads_as_it_saw_it(world, people, oil):
    officer, address = Program(people.debt_officer), f"assets/{oil.pk}/"
    before = officer.get(address).json()["seen"]
    answer = officer.put(f"{address}draft/", {"tax_note": "None.", "lockup_until": None, "seen": before})
    assert (answer.status_code, answer.json()["tax_note"]) == (200, "None.")
    late = officer.put(f"{address}draft/", {"tax_note": "15% is withheld.", "seen": before})
    assert (late.status_code, late.json()["code"], late.json()["now"]["tax_note"]) == (
        409,
        "changed_meanwhile",
        "None.",
    )
    gold = world.registry.programme.assets.get(kind="gold")
    refused = officer.put(f"assets/{gold.pk}/draft/", {"name": "Gold"})
    assert (refused.status_code, shut(refused)) == (422, ["asset_is_draft"])
