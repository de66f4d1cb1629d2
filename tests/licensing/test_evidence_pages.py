"""Versions of a document on the pages: a firm uploads a newer one, both sides read its line, what waits is named."""

import html
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licensing.models import Criterion, Evidence, EvidenceLink
from pvara.demo import path
from pvara.kernel.machine import perform


def words(answer):
    """What is read on the page, without its tags."""
    main = re.search(r"<main.*</main>", answer.content.decode(), re.DOTALL)[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def at_piece(piece, side="portal"):
    return reverse("portal:evidence_piece" if side == "portal" else "staff:evidence", args=[piece.pk])


@pytest.fixture
def first(regime, firm, people, at):
    """A policy that is accepted."""
    return path.give_evidence(firm, list(asked("1.1", "1.8")), title="AML policy", people=people, at=at)


@pytest.fixture
def browse(db):
    """`browse(omar)`: a browser in which omar is signed in."""

    def opened(user):
        client = Client()
        client.force_login(user)
        return client

    return opened


@pytest.fixture
def client(browse, people):
    return browse(people.applicant)


def asked(*codes):
    return Criterion.objects.filter(code__in=codes, domain__framework__edition="1.0")


def send(client, piece, content=b"A newer policy.\n", **changed):
    form = {
        "title": "AML policy, revised",
        "kind": piece.kind.code,
        "criteria": [each.criterion_id for each in piece.links.all()],
        "file": SimpleUploadedFile("policy.txt", content),
    }
    return client.post(at_piece(piece), {**form, **changed})


def test_a_firm_uploads_a_newer_version_on_the_documents_page(client, first, firm):
    shown = client.get(at_piece(first))
    assert "Upload a newer version" in words(shown)
    assert shown.context["form"].initial["title"] == "AML policy"
    answer = send(client, first)
    second = Evidence.objects.get(replaces=first)
    assert (answer.status_code, answer.url, second.edition) == (302, at_piece(second), 2)
    read = words(client.get(answer.url))
    assert "Version 2 is uploaded." not in read  # said once, above the page
    assert f"2, this one {second.reference}" in read
    assert f"Version 1 {first.reference}" in read
    assert {first.sha256, second.sha256} <= set(read.split())
    # The earlier one has its line and no form: another cannot take its place too.
    earlier = client.get(at_piece(first))
    assert (earlier.context["form"], "Version 2" in words(earlier)) == (None, True)
    listed = words(client.get(reverse("portal:evidence", args=[firm.pk])))
    assert f"Version 1, replaced by {second.reference} (version 2: uploaded)" in listed
    assert f"Version 2, replaces {first.reference}" in listed


def test_a_refused_version_says_why_and_keeps_what_was_typed(client, first):
    less = send(client, first, criteria=[asked("1.1").get().pk])
    assert less.status_code == 422
    assert "The earlier version serves 1.8 too: choose that as well" in words(less)
    assert 'value="AML policy, revised"' in less.content.decode()
    send(client, first)
    late = send(client, first)
    newest = Evidence.objects.get(replaces=first)
    assert late.status_code == 422
    assert f"{first.reference} was replaced already: replace {newest.reference}, version 2." in words(late)
    assert 'value="AML policy, revised"' in late.content.decode()


def test_staff_read_the_line_of_versions_and_what_is_superseded(client, browse, people, first):
    send(client, first)
    second = Evidence.objects.get(replaces=first)
    perform(second, "accept", by=people.officer, at=timezone.now(), expected_version=second.version)
    read = words(browse(people.officer).get(at_piece(first, "staff")))
    assert "Superseded by a newer version" in read
    assert "a newer version counts" in read
    assert {first.sha256, second.sha256} <= set(read.split())
    sheet = browse(people.officer).get(reverse("staff:criterion", args=[first.firm_id, "NOC", "1.1"]))
    assert f"(version 1, replaced by {second.reference} (version 2: accepted))" in words(sheet)


def test_the_readiness_says_by_what_an_expired_document_is_replaced(client, first):
    EvidenceLink.objects.filter(evidence=first).update(expires_on=timezone.localdate() - timedelta(days=60))
    send(client, first)
    read = words(client.get(reverse("portal:readiness", args=[first.firm_id, "NOC"])))
    assert "AML policy, revised : uploaded" in read
    assert re.search(r"AML policy : expired on [^;]+; replaced by version 2 : uploaded", read)


def test_the_explanation_names_the_newer_version_that_waits(client, browse, people, first, at):
    path.rate_everything(first.firm, "NOC", people=people, at=at, rating=3)
    EvidenceLink.objects.filter(evidence=first).update(expires_on=timezone.localdate() + timedelta(days=5))
    send(client, first)
    second = Evidence.objects.get(replaces=first)
    page = browse(people.officer).get(reverse("staff:score", args=[first.firm_id, "NOC"]))
    assert f"Waits for acceptance: {second.reference} , version 2" in words(page)
