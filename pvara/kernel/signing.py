"""Signatures on PDF files (PAdES B-B) and what they are worth; the only importer of pyHanko.

The key lies in `settings.SIGNING_FOLDER`, outside the repository and the database. Signing fails closed: no key, no
signature, and nothing leaves here that `verify` would not accept. The demonstration makes its own certificate authority
on first use, which says so in its name and is refused in production.
"""

import asyncio
import fcntl
import logging
import os
import struct
import zlib
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import parser
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from django.conf import settings
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import EmbeddedPdfSignature, async_validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

AUTHORITY, SIGNER, KEY = "authority.pem", "signer.pem", "signer-key.pem"
FIELD = "Authority"
DEMONSTRATION = "PVARA demonstration"
# Room in the file for the signature itself, beside the certificates that go with it.
RESERVED_BYTES = 3000

# What a damaged or hostile file can bring the reader to; whatever it is, the file is not what was signed.
DAMAGE = (
    PdfError,
    SignatureValidationError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)

# Anybody may upload a file to be verified; what is wrong with it is the answer and no matter for the log.
logging.getLogger("pyhanko.sign.validation").setLevel(logging.CRITICAL)


class SigningUnavailable(RuntimeError):
    """There is no usable signing key. Nothing is signed, and whoever asked tries again later."""


@dataclass(frozen=True)
class Verdict:
    """What a signature is worth. `reason` is a sentence for people."""

    valid: bool
    signer: str
    reason: str


def sign(pdf: bytes, *, reason: str) -> bytes:
    """Certify a PDF as the authority: no change is allowed after it.

    Raises SigningUnavailable when the key cannot be used; never returns a file unsigned, or signed in vain.
    """
    signer = _signer(settings.SIGNING_FOLDER)
    chain = [signer.signing_cert, *signer.cert_registry]
    room = RESERVED_BYTES + sum(len(each.dump()) for each in chain)
    about = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        reason=reason,
        name=signer.subject_name,
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    out = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    try:
        _settled(PdfSigner(about, signer=signer).async_sign_pdf(writer, bytes_reserved=2 * room, output=out))
    except (SigningError, PdfError) as error:
        raise SigningUnavailable(f"The file could not be signed: {error}") from error
    signed = out.getvalue()
    # A certificate that ran out, or that is not the key's, signs as readily as a good one.
    verdict = verify(signed)
    if not verdict.valid:
        raise SigningUnavailable(f"The signing key or its certificate is of no use. {verdict.reason}")
    return signed


def verify(pdf: bytes) -> Verdict:
    """Whether a PDF carries one signature, ours, over the whole file to its last byte."""
    try:
        roots = _authority(settings.SIGNING_FOLDER)
    except SigningUnavailable as error:
        return Verdict(False, "", f"The signature cannot be checked here: {error}")
    try:
        signatures = PdfFileReader(BytesIO(pdf)).embedded_signatures
        if not signatures:
            return Verdict(False, "", "The file carries no signature.")
        trusted = ValidationContext(trust_roots=roots, allow_fetching=False)
        # What was added after a signature is refused whatever it is, so it need not be compared.
        status = _settled(async_validate_pdf_signature(signatures[0], trusted, skip_diff=True))
        signer = str(status.signing_cert.subject.human_friendly)
        as_written = _is_as_written(pdf, signatures[0])
    except DAMAGE as error:
        return Verdict(False, "", f"The file is damaged or is no PDF: {error}"[:300])
    if not (status.intact and status.valid):
        return Verdict(False, signer, "The file was changed after it was signed.")
    if not status.trusted:
        return Verdict(False, signer, "The signature is not this authority's, or its certificate is no longer valid.")
    covered = len(signatures) == 1 and status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    if not (covered and as_written and status.bottom_line):
        return Verdict(False, signer, "Something was added to the file after it was signed.")
    return Verdict(True, signer, "The signature is this authority's and covers the whole file.")


def _is_as_written(pdf: bytes, signature: EmbeddedPdfSignature) -> bool:
    """Whether the one place that a signature cannot cover, its own, holds nothing but it, the way we write it."""
    _, start, end, _ = signature.byte_range
    kept = signature.pkcs7_content
    return pdf[start:end] == b"<%s>" % kept.hex().upper().encode() and not any(kept[parser.peek(kept) :])


def _settled(work: Coroutine[Any, Any, Any]) -> Any:
    """Do pyHanko's asynchronous work and wait: in a thread of its own, since the caller's may run a loop already."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


# ── Keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
class _Signer(signers.SimpleSigner):
    """Signs with a key that was read once: reading one and proving it whole takes ten times as long as signing."""

    @cached_property
    def _key(self) -> Any:
        return serialization.load_der_private_key(self.signing_key.dump(), password=None)

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey) and digest_algorithm == "sha256":
            signature: bytes = self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
            return signature
        return bytes(super().sign_raw(data, digest_algorithm))


def _signer(folder: Path) -> _Signer:
    _made_for_the_demonstration(folder)
    for name in (AUTHORITY, SIGNER, KEY):
        if not os.access(folder / name, os.R_OK):
            raise SigningUnavailable(f"{name} cannot be read in the signing folder.")
    signer = _loaded(folder, (folder / KEY).stat().st_mtime_ns, (folder / SIGNER).stat().st_mtime_ns)
    if signer is None:
        raise SigningUnavailable("The signing key or its certificate cannot be read.")
    about = signer.signing_cert
    if settings.PRODUCTION and about and about.issuer.native.get("organization_name") == DEMONSTRATION:
        raise SigningUnavailable("In production nothing is signed with the demonstration's key.")
    return signer


@lru_cache(maxsize=4)
def _loaded(folder: Path, *changed: int) -> _Signer | None:
    """The key and its certificate, read once for each version of their files; None when they cannot be read."""
    read = signers.SimpleSigner.load(str(folder / KEY), str(folder / SIGNER), ca_chain_files=(str(folder / AUTHORITY),))
    return read and _Signer(read.signing_cert, read.signing_key, read.cert_registry)


def _authority(folder: Path) -> list[asn1_x509.Certificate]:
    """The certificates that we trust: the present authority's, and in the same file those of earlier ones."""
    _made_for_the_demonstration(folder)
    try:
        return _certificates(folder / AUTHORITY, (folder / AUTHORITY).stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        raise SigningUnavailable(f"{AUTHORITY} cannot be read in the signing folder.") from error


@lru_cache(maxsize=4)
def _certificates(path: Path, changed: int) -> list[asn1_x509.Certificate]:
    return list(load_certs_from_pemder([str(path)]))


def _made_for_the_demonstration(folder: Path) -> None:
    if settings.DEMONSTRATION and not (folder / KEY).exists():
        demonstration_authority(folder)


def demonstration_authority(folder: Path) -> None:
    """Make the demonstration's certificate authority and one signing certificate under it, for ten years.

    The authority's own key is thrown away: nobody can sign another certificate in its name. What is there stays.
    """
    if settings.PRODUCTION:
        raise SigningUnavailable("In production the signing key is given, never made.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone_in(folder):
        if not (folder / KEY).exists():
            _make_authority(folder)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Two workers that start together must not make two authorities; the second waits and finds the first one's."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_authority(folder: Path) -> None:
    start = datetime.now(UTC) - timedelta(days=1)
    root_key, key = (rsa.generate_private_key(public_exponent=65537, key_size=3072) for _ in range(2))
    root_name = _name("Demonstration Certificate Authority")
    root = (
        _certificate_of(root_name, root_name, root_key.public_key(), start)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    certificate = (
        _certificate_of(_name("PVARA (demonstration)"), root_name, key.public_key(), start)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _keep(folder / AUTHORITY, root.public_bytes(pem), mode=0o644)
    _keep(folder / SIGNER, certificate.public_bytes(pem), mode=0o644)
    # The key comes last: whoever finds it finds the rest complete.
    _keep(folder / KEY, private, mode=0o600)


def _keep(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file whole or not at all, never readable by others in between."""
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
    draft.replace(path)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "PK"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, DEMONSTRATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _certificate_of(
    name: x509.Name, issuer: x509.Name, key: rsa.RSAPublicKey, start: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3653))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(**given: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: given.get(name, False) for name in names})
