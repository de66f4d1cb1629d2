"""From HTML to a PDF that is PDF/A-3a and PDF/UA-1 at once; the only importer of WeasyPrint.

The same input gives the same bytes: identifier and dates are the caller's. Nothing is fetched from anywhere but
`data:` addresses and our own static files, written `static:path`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

import weasyprint
from django.conf import settings
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

# PDF/A allows a foreign block of metadata only when the file itself describes it; this is the one for PDF/UA-1.
_UA = b"""
<rdf:Description xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" rdf:about=""><pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"
  rdf:about=""><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
  <pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
  <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
  <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
  <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
    <pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
    <pdfaProperty:category>internal</pdfaProperty:category>
    <pdfaProperty:description>Part of PDF/UA to which the file conforms</pdfaProperty:description>
  </rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""


class ForbiddenAddress(ValueError):
    """A template asked for something outside the house, or for a file of ours that is not there."""


@dataclass(frozen=True)
class Attachment:
    """A file to carry inside the PDF. `relationship` is PDF/A-3's: what it is to the page one reads."""

    name: str
    content: bytes
    description: str
    relationship: Literal["Source", "Data", "Alternative", "Supplement"] = "Data"


class _OwnFiles(URLFetcher):
    """Answers `data:` and `static:`; refuses every other address, so no template can reach a network or a disk.

    WeasyPrint logs what could not be loaded and goes on without it; `refused` remembers it, since a letter that lacks a
    picture must not go out.
    """

    def __init__(self) -> None:
        super().__init__(allowed_protocols=None)
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Any = None) -> Any:
        self.refused.append(url)
        if url.startswith("data:"):
            answer = super().fetch(url, headers)
        elif url.startswith("static:"):
            path = _static(unquote(url.removeprefix("static:")))
            answer = URLFetcherResponse(url, path.read_bytes(), {"Content-Type": guess_type(path.name)[0] or ""})
        else:
            raise ForbiddenAddress(url)
        self.refused.remove(url)
        return answer

    def require_all(self) -> None:
        if self.refused:
            raise ForbiddenAddress(f"A page may not load {self.refused[0][:80]}, or it is not there.")


def _static(name: str) -> Path:
    """A file of ours below the folder `static`; a path that climbs out of it is refused."""
    root = (settings.BASE_DIR / "static").resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise ForbiddenAddress(f"{name} is not one of our static files.")
    return path


@lru_cache(maxsize=1)
def _fonts() -> FontConfiguration:
    return FontConfiguration()


@lru_cache(maxsize=16)
def _stylesheet(name: str, changed: float) -> weasyprint.CSS:
    # Parsed once for each version of the file: parsing costs as much as laying out a letter.
    files = _OwnFiles()
    sheet = weasyprint.CSS(string=_static(name).read_text(), font_config=_fonts(), url_fetcher=files)
    files.require_all()
    return sheet


def render(
    html: str,
    *,
    stylesheets: Iterable[str] = (),
    attachments: Iterable[Attachment] = (),
    made_at: datetime,
    identifier: bytes,
) -> bytes:
    """Lay out a page. `stylesheets` are static names; `identifier` is the file's, the same for the same content.

    The HTML carries its own title and language. Raises ForbiddenAddress when it asks for anything of the outside.
    """
    moment = made_at.isoformat(timespec="seconds")
    files = _OwnFiles()
    document = weasyprint.HTML(string=html, url_fetcher=files).render(
        stylesheets=[_stylesheet(name, _static(name).stat().st_mtime) for name in stylesheets],
        font_config=_fonts(),
        pdf_variant="pdf/a-3a",
    )
    document.metadata.created = document.metadata.modified = moment
    # Attachments are used up by one rendering, so they are made for each.
    document.metadata.attachments = [
        weasyprint.Attachment(
            string=each.content,
            name=each.name,
            description=each.description,
            relationship=each.relationship,
            created=made_at,
            modified=made_at,
        )
        for each in attachments
    ]
    _declare_ua(document.metadata)
    pdf: bytes = document.write_pdf(pdf_variant="pdf/a-3a", pdf_identifier=identifier)
    files.require_all()
    return pdf


def _declare_ua(metadata: Any) -> None:
    """WeasyPrint writes one standard's block of metadata; ours keeps two standards, so the second is put beside it."""
    generate = metadata.generate_rdf_metadata

    def with_ua(*args: Any) -> bytes:
        block: bytes = generate(*args)
        return block.replace(b"</rdf:RDF>", _UA + b"</rdf:RDF>")

    metadata.generate_rdf_metadata = with_ua
