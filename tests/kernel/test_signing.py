"""Signatures: nothing goes out unsigned or signed in vain, and nothing that was changed passes for signed."""

import asyncio
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from pvara.kernel import pdf, signing

AT = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
PAGE = '<html lang="en"><head><title>A title</title></head><body><h1>A heading</h1><p>A text.</p></body></html>'


@pytest.fixture(scope="session")
def ready(tmp_path_factory) -> Path:
    """A demonstration authority that several tests read and none changes."""
    folder = tmp_path_factory.mktemp("signing")
    signing.demonstration_authority(folder)
    return folder


@pytest.fixture
def folder(ready, settings) -> Path:
    settings.SIGNING_FOLDER = ready
    return ready


@pytest.fixture
def other(folder, tmp_path, settings):
    """A folder of one's own with copies of the ready keys, to be spoilt."""
    for name in (signing.AUTHORITY, signing.SIGNER, signing.KEY):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    settings.SIGNING_FOLDER = tmp_path
    return tmp_path


@pytest.fixture(scope="session")
def unsigned() -> bytes:
    attached = pdf.Attachment("content.json", b'{"a": 1}', "What it says, as data")
    return pdf.render(PAGE, attachments=[attached], made_at=AT, identifier=b"0123456789abcdef")


@pytest.fixture
def signed(folder, unsigned) -> bytes:
    return signing.sign(unsigned, reason="A test")


# ── What is signed ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_signed_file_is_ours_and_says_whose_it_is(signed):
    assert signing.verify(signed) == signing.Verdict(
        True,
        "Common Name: PVARA (demonstration), Organization: PVARA demonstration, Country: PK",
        "The signature is this authority's and covers the whole file.",
    )


def test_pdfsig_agrees(signed, tmp_path):
    (tmp_path / "a.pdf").write_bytes(signed)
    said = subprocess.run(["pdfsig", tmp_path / "a.pdf"], check=True, capture_output=True, text=True).stdout
    lines = {line.strip(" -") for line in said.splitlines()}
    assert lines >= {
        "Signature Validation: Signature is Valid.",
        "Total document signed",
        "Signature Type: ETSI.CAdES.detached",
        "Signing Hash Algorithm: SHA-256",
    }


def test_the_signature_stands_in_front_of_nothing_that_was_there(signed, unsigned):
    assert signed.startswith(unsigned)


def test_it_signs_and_verifies_inside_a_running_event_loop(folder, unsigned):
    async def both() -> bool:
        return signing.verify(signing.sign(unsigned, reason="A test")).valid

    assert asyncio.run(both()) is True


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_file_without_a_signature_is_refused(folder, unsigned):
    assert signing.verify(unsigned) == signing.Verdict(False, "", "The file carries no signature.")


def test_a_file_with_one_byte_changed_is_refused(signed):
    """Anywhere but in the signature itself, whose certificates only the file's own hash protects."""
    start = signed.index(b"/Contents <")
    end = signed.index(b">", start)
    places = [place for place in range(0, len(signed), 97) if not start <= place <= end]
    kept = [place for place in places if signing.verify(_changed(signed, place)).valid]
    assert (len(places) > 100, kept) == (True, [])


@pytest.mark.parametrize("more", [b"\n", b"x", b"%%EOF\n", b"\n1 0 obj\n<<>>\nendobj\n"])
def test_a_file_with_something_added_is_refused(signed, more):
    assert signing.verify(signed + more).valid is False


def test_a_padding_that_carries_something_is_refused(signed):
    end = signed.index(b">", signed.index(b"/Contents <"))
    changed = signed[: end - 2] + b"41" + signed[end:]
    assert signing.verify(changed).reason == "Something was added to the file after it was signed."


def test_a_second_signature_is_refused(signed, monkeypatch):
    with pytest.raises(signing.SigningUnavailable):
        signing.sign(signed, reason="Once more")
    monkeypatch.setattr(signing, "FIELD", "Another")
    with pytest.raises(signing.SigningUnavailable):
        signing.sign(signed, reason="Once more, elsewhere")


@pytest.mark.parametrize(
    "junk", [b"", b"no PDF", b"%PDF-1.7\n", b"%PDF-1.7\nstartxref\n0\n%%EOF", bytes(range(256)) * 9]
)
def test_what_is_no_pdf_is_refused(folder, junk):
    said = signing.verify(junk)
    assert (said.valid, said.reason.startswith("The file is damaged or is no PDF: ")) == (False, True)


def test_a_signature_of_another_authority_is_refused(signed, settings, tmp_path):
    settings.SIGNING_FOLDER = tmp_path
    signing.demonstration_authority(tmp_path)
    said = signing.verify(signed)
    assert (said.valid, said.reason) == (
        False,
        "The signature is not this authority's, or its certificate is no longer valid.",
    )


def test_an_earlier_authority_stays_trusted_beside_a_new_one(signed, folder, settings, tmp_path):
    settings.SIGNING_FOLDER = tmp_path
    signing.demonstration_authority(tmp_path)
    with (tmp_path / signing.AUTHORITY).open("ab") as file:
        file.write((folder / signing.AUTHORITY).read_bytes())
    assert signing.verify(signed).valid is True


# ── It fails closed ──────────────────────────────────────────────────────────────────────────────────────────────────
def refusal(unsigned: bytes) -> str:
    with pytest.raises(signing.SigningUnavailable) as refused:
        signing.sign(unsigned, reason="A test")
    return str(refused.value)


def test_in_production_no_key_is_made(unsigned, settings, tmp_path):
    settings.SIGNING_FOLDER, settings.PRODUCTION, settings.DEMONSTRATION = tmp_path, True, False
    assert refusal(unsigned) == "authority.pem cannot be read in the signing folder."
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(signing.SigningUnavailable, match="given, never made"):
        signing.demonstration_authority(tmp_path)


def test_without_demonstration_data_no_key_is_made(unsigned, settings, tmp_path):
    settings.SIGNING_FOLDER, settings.DEMONSTRATION = tmp_path, False
    assert refusal(unsigned) == "authority.pem cannot be read in the signing folder."


def test_in_production_the_demonstrations_key_is_refused(folder, unsigned, settings):
    settings.PRODUCTION, settings.DEMONSTRATION = True, False
    assert refusal(unsigned) == "In production nothing is signed with the demonstration's key."


def test_without_the_authoritys_certificate_nothing_is_genuine(signed, settings, tmp_path):
    settings.SIGNING_FOLDER, settings.DEMONSTRATION = tmp_path, False
    assert signing.verify(signed).reason == (
        "The signature cannot be checked here: authority.pem cannot be read in the signing folder."
    )


def test_a_key_that_is_none_is_refused(other, unsigned):
    (other / signing.KEY).write_text("no key")
    assert refusal(unsigned) == "The signing key or its certificate cannot be read."


def test_a_certificate_of_another_key_is_refused(other, unsigned, tmp_path_factory):
    strange = tmp_path_factory.mktemp("strange")
    signing.demonstration_authority(strange)
    (other / signing.KEY).write_bytes((strange / signing.KEY).read_bytes())
    assert refusal(unsigned).startswith("The signing key or its certificate is of no use.")


def test_a_certificate_that_ran_out_is_refused(settings, tmp_path, unsigned, monkeypatch):
    class Long(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - timedelta(days=4000)

    monkeypatch.setattr(signing, "datetime", Long)
    signing.demonstration_authority(tmp_path)
    monkeypatch.undo()
    settings.SIGNING_FOLDER = tmp_path
    assert refusal(unsigned).startswith("The signing key or its certificate is of no use.")


# ── The demonstration's authority ────────────────────────────────────────────────────────────────────────────────────
def test_the_key_is_for_its_owner_alone_and_the_authoritys_own_key_is_not_kept(settings, tmp_path):
    made = tmp_path / "signing"
    signing.demonstration_authority(made)
    modes = {each.name: oct(each.stat().st_mode & 0o777) for each in made.iterdir() if each.suffix == ".pem"}
    assert modes == {"authority.pem": "0o644", "signer.pem": "0o644", "signer-key.pem": "0o600"}
    assert oct(made.stat().st_mode & 0o777) == "0o700"
    assert (made / "authority.pem").read_text().count("BEGIN") == 1


def test_two_that_start_together_make_one_authority(settings, tmp_path, unsigned):
    settings.SIGNING_FOLDER = tmp_path
    start = Barrier(3)

    def signed_at_once(_: int) -> bytes:
        start.wait()
        return signing.sign(unsigned, reason="A test")

    with ThreadPoolExecutor(3) as threads:
        files = list(threads.map(signed_at_once, range(3)))
    assert [signing.verify(each).valid for each in files] == [True] * 3


def _changed(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
