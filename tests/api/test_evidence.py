"""Versions of a document, by a firm's program: what it replaces, what it then serves, and what is no document of it."""

from django.core.files.uploadedfile import SimpleUploadedFile

from licensing.models import Evidence
from tests.api.program import Program


def send(program, firm, content, **more):
    form = {"firm": firm.pk, "title": "Policy", "kind": "policy", "file": SimpleUploadedFile("f.txt", content)}
    return program.upload("evidence/", {**form, **more})


def test_a_program_replaces_a_document_and_reads_its_line(amina, omar, firm):
    program = Program(amina)
    first = send(program, firm, b"One.", criteria=["1.1", "1.8"]).json()
    assert (first["edition"], first["replaces"], first["replaced_by"]) == (1, None, None)
    answer = send(program, firm, b"Two.", replaces=first["id"])
    second = answer.json()
    assert (answer.status_code, second["edition"], second["replaces"]) == (201, 2, first["id"])
    assert [each["criterion"] for each in second["criteria"]] == ["1.1", "1.8"]
    assert program.get(f"evidence/{first['id']}/").json()["replaced_by"] == second["id"]
    moved = Program(omar).move(f"evidence/{second['id']}/", "accept", second["version"])
    assert moved.json()["state"] == "accepted"
    assert program.get(f"evidence/{first['id']}/").json()["state"] == "superseded"


def test_what_cannot_be_replaced_says_why(amina, stranger, firm):
    program = Program(amina)
    first = send(program, firm, b"One.", criteria=["1.1", "1.8"]).json()["id"]
    less = send(program, firm, b"Two.", criteria=["1.1"], replaces=first)
    assert (less.status_code, "serves 1.8 too" in less.content.decode()) == (400, True)
    assert send(program, firm, b"Two.", replaces=first).status_code == 201
    again = send(program, firm, b"Three.", replaces=first)
    assert (again.status_code, "was replaced already" in again.content.decode()) == (400, True)
    assert send(program, firm, b"No criterion.").status_code == 400
    assert send(Program(stranger), firm, b"Two.", replaces=first).status_code == 400
    assert Evidence.objects.filter(firm=firm).count() == 2
