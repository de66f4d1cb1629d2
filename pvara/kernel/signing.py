"""Signatures on PDF files (PAdES B-B) and what they are worth; the only importer of pyHanko.

The key lies in `settings.SIGNING_FOLDER`, outside the repository and the database. Signing fails closed: no key, no
letter. Outside production a certificate authority of the demonstration is made on first use, and says so in its name.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.conf import settings
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext

AUTHORITY, SIGNER, KEY = "authority.pem", "signer.pem", "signer-key.pem"
FIELD = "Authority"


class SigningUnavailable(RuntimeError):
    """There is no usable signing key; the letter is not issued and its job is tried again."""


@dataclass(frozen=True)
class Verdict:
    """What a signature is worth. `reason` is a sentence for people."""

    valid: bool
    signer: str
    reason: str


def sign(pdf: bytes, *, reason: str) -> bytes:
    """Sign a PDF as the authority. Raises SigningUnavailable when the key cannot be used; never returns it unsigned."""
    signer = _signer(settings.SIGNING_FOLDER)
    about = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        reason=reason,
        name=signer.subject_name,
        subfilter=SigSeedSubFilter.PADES,
    )
    out = BytesIO()
    try:
        PdfSigner(about, signer=signer).sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), output=out)
    except (SigningError, PdfError) as error:
        raise SigningUnavailable(f"The letter could not be signed: {error}") from error
    return out.getvalue()


def verify(pdf: bytes) -> Verdict:
    """Whether a PDF carries one signature of ours, over the whole file, and nothing was changed after it."""
    try:
        signatures = PdfFileReader(BytesIO(pdf)).embedded_signatures
        if not signatures:
            return Verdict(False, "", "The file carries no signature.")
        trusted = ValidationContext(trust_roots=[_authority(settings.SIGNING_FOLDER)], allow_fetching=False)
        status = validate_pdf_signature(signatures[-1], trusted)
    except (PdfError, SignatureValidationError, ValueError, KeyError, TypeError, IndexError) as error:
        # A damaged file can fail anywhere in the reader; whatever it is, the file is not what was signed.
        return Verdict(False, "", f"The file is damaged or is no PDF: {error}"[:300])
    signer = str(status.signing_cert.subject.human_friendly)
    if not status.intact:
        return Verdict(False, signer, "The file was changed after it was signed.")
    if not status.trusted:
        return Verdict(False, signer, "The signature is not that of this authority.")
    if len(signatures) != 1 or not status.bottom_line:
        return Verdict(False, signer, "Something was added to the file after it was signed.")
    return Verdict(True, signer, "The signature is this authority's and covers the whole file.")


def is_demonstration() -> bool:
    """Whether the signatures are those of the demonstration's own authority; letters must say so."""
    return not settings.PRODUCTION


# ── Keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _signer(folder: Path) -> signers.SimpleSigner:
    if not (folder / KEY).exists() and not settings.PRODUCTION:
        demonstration_authority(folder)
    for name in (AUTHORITY, SIGNER, KEY):
        if not os.access(folder / name, os.R_OK):
            raise SigningUnavailable(f"{name} cannot be read in the signing folder; nothing is issued without it.")
    signer = signers.SimpleSigner.load(
        str(folder / KEY), str(folder / SIGNER), ca_chain_files=(str(folder / AUTHORITY),)
    )
    if signer is None:
        raise SigningUnavailable("The signing key or certificate is not usable; nothing is issued without it.")
    return signer


def _authority(folder: Path) -> asn1_x509.Certificate:
    if not (folder / AUTHORITY).exists() and not settings.PRODUCTION:
        demonstration_authority(folder)
    return _certificate(str(folder / AUTHORITY), (folder / AUTHORITY).stat().st_mtime)


@lru_cache(maxsize=4)
def _certificate(path: str, changed: float) -> asn1_x509.Certificate:
    return load_cert_from_pemder(path)


def demonstration_authority(folder: Path) -> None:
    """Make the demonstration's certificate authority and one signing certificate under it, for ten years.

    The authority's own key is thrown away: nobody can sign another certificate in its name.
    """
    if settings.PRODUCTION:
        raise SigningUnavailable("In production the signing key is given, never made.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
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
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "PVARA demonstration"),
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
