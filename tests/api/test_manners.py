"""Bad input over the API: each kind has a documented answer, in one shape, and never a 500."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from licensing.actions.firms import register_firm
from pvara.kernel.api.strict import BODY_LIMIT


@pytest.fixture
def caller(program, amina, regime, at):
    register_firm("Indus Exchange", by=amina, at=at, country="Pakistan")
    return program(amina)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 400, "invalid"),
        ("{", 400, "parse_error"),
        (b"\xff\xfe{}", 400, "parse_error"),
        ('{"legal_name": "\\ud800"}', 400, "parse_error"),
        ('{"legal_name": "a\\u0000b", "country": "X"}', 400, "parse_error"),
        ('{"a": 1, "a": 2}', 400, "parse_error"),
        ('{"a": NaN}', 400, "parse_error"),
        ('{"a": -Infinity}', 400, "parse_error"),
        ('{"a": 1e999}', 400, "parse_error"),
        ('{"a": ' + "9" * 5000 + "}", 400, "parse_error"),
        ("[" * 100_000 + "]" * 100_000, 400, "parse_error"),
        ('{"a":' * 20 + "1" + "}" * 20, 400, "parse_error"),
        ("[]", 400, "invalid"),
        ("null", 400, "invalid"),
        ('"text"', 400, "invalid"),
        ("{}", 400, "invalid"),
        ('{"a": "' + "x" * BODY_LIMIT + '"}', 413, "too_large"),
    ],
    ids=lambda each: str(each)[:20],
)
def test_a_body_that_is_no_sound_json_object(caller, body, status, code):
    answer = caller.post("firms/", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()) == {"code", "detail", "errors"}


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"legal_name": 1, "country": "P"}, "legal_name", "wrong_type"),
        ({"legal_name": True, "country": "P"}, "legal_name", "wrong_type"),
        ({"legal_name": ["X"], "country": "P"}, "legal_name", "wrong_type"),
        ({"legal_name": None, "country": "P"}, "legal_name", "null"),
        ({"legal_name": "", "country": "P"}, "legal_name", "blank"),
        ({"legal_name": "x" * 201, "country": "P"}, "legal_name", "max_length"),
        ({"legal_name": "X"}, "country", "required"),
        ({"legal_name": "X", "country": "P", "website": "javascript:alert(1)"}, "website", "invalid"),
        ({"legal_name": "X", "country": "P", "state": "licensed"}, "state", "unknown_field"),
        ({"legal_name": "X", "country": "P", "id": 1}, "id", "unknown_field"),
    ],
)
def test_a_field_that_is_wrong_is_named(caller, body, field, code):
    answer = caller.post("firms/", body)
    assert answer.status_code == 400
    assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [(field, code)]


@pytest.mark.parametrize("version", ["0", 0.0, True, None, -1, 2**31, [0]])
def test_a_version_is_a_whole_number(caller, version):
    case = caller.post("noc-applications/", {"firm": caller.get("firms/").json()["results"][0]["id"]}).json()
    answer = caller.post(f"noc-applications/{case['id']}/moves/submit/", {"expected_version": version})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "expected_version")


def test_what_the_database_refuses_is_a_conflict(caller):
    answer = caller.post("firms/", {"legal_name": "Indus Exchange", "country": "Pakistan"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_forms_and_texts_are_not_json(caller):
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
        answer = caller.client.post("/api/firms/", b"legal_name=X", content_type=kind, headers=caller.headers)
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_the_charset_that_a_header_claims_changes_nothing(caller):
    for charset in ("utf-16", "rot13", "nonsense", "bz2_codec"):
        answer = caller.client.generic(
            "POST", "/api/firms/", b"{}", f"application/json; charset={charset}", headers=caller.headers
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_another_type_of_answer_is_not_to_be_had(caller):
    answer = caller.client.get("/api/firms/", headers={**caller.headers, "accept": "text/html"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


def test_a_method_that_an_address_does_not_take(caller):
    for method in ("delete", "patch", "options", "put", "trace"):
        answer = getattr(caller.client, method)("/api/firms/", headers=caller.headers)
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "address",
    [
        "nowhere/",
        "firms",
        "firms/1",
        "firms/x/",
        "firms/-1/",
        "firms/1.0/",
        "firms/" + "9" * 30 + "/",
        "firms/" + "9" * 5000 + "/",
        "register/LIC-2026-00000/",
        "register/LIC-2026-99999999999999999999/",
        "register/%00/",
        "register/LIC-2026-١/standing/",
        "../api/firms/1/",
    ],
    ids=lambda each: each[:30],
)
def test_an_address_that_is_not_there_says_so_in_json(caller, address):
    answer = caller.get(address)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("query", ["x=1", "limit=1&state=1", "cursor=", "limit=0", "limit=201", "limit=1e2", "limit="])
def test_a_parameter_that_is_not_known_or_not_sound(caller, query):
    answer = caller.client.get(f"/api/firms/?{query}", headers=caller.headers)
    assert (query, answer.status_code) == (query, 404 if query == "cursor=" else 400)


def test_a_file_is_taken_only_where_one_belongs_and_looked_into(caller):
    firm = caller.get("firms/").json()["results"][0]["id"]

    def upload(content, *, name="f.txt", **changed):
        form = {
            "firm": firm,
            "title": "File",
            "kind": "policy",
            "criteria": ["1.1"],
            "file": SimpleUploadedFile(name, content),
        }
        return caller.client.post("/api/evidence/", {**form, **changed}, headers=caller.headers)

    assert upload(b"words").status_code == 201
    refused = {
        "file": upload(b"MZ\x90\x00" + b"\x00" * 100, name="evidence.pdf"),
        "empty": upload(b""),
        "criteria": upload(b"words", criteria=["9.9"]),
        "title": upload(b"words", title=" "),
        "firm": upload(b"words", firm="999999"),
        "extra": upload(b"words", extra="1"),
        "replaces": upload(b"words", replaces="999999"),
        "nul": upload(b"words", criteria=["1.1\0"]),
    }
    assert {name: answer.status_code for name, answer in refused.items()} == dict.fromkeys(refused, 400)
    assert upload(b"words", name="../../etc/passwd").json()["file_name"] == "passwd"


def test_a_file_that_is_announced_as_too_large_is_not_read(caller, settings):
    settings.UPLOAD_LIMIT_BYTES = 0
    answer = caller.client.post("/api/evidence/", {"title": "x" * 70_000}, headers=caller.headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
