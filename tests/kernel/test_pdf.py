"""PDF files: the same content gives the same bytes, nothing comes from outside, and both standards are declared."""

import base64
import subprocess
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest

from pvara.kernel import pdf

AT = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">{}</svg>'


def page(body: str) -> str:
    return f'<html lang="en-GB"><head><title>A title</title></head><body><h1>A heading</h1>{body}</body></html>'


def made(body: str = "<p>A text.</p>", *, identifier: bytes = b"0123456789abcdef", **more) -> bytes:
    return pdf.render(page(body), made_at=AT, identifier=identifier, **more)


def svg(inside: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(SVG.format(inside).encode()).decode()


def attached(content: bytes = b'{"a": 1}') -> pdf.Attachment:
    return pdf.Attachment("content.json", content, "What it says, as data")


def test_the_same_content_gives_the_same_bytes():
    assert made(attachments=[attached()]) == made(attachments=[attached()])


def test_another_identifier_gives_another_file():
    assert made() != made(identifier=b"another one here")


def test_both_standards_are_declared():
    with pikepdf.open(BytesIO(made())) as file, file.open_metadata() as metadata:
        declared = {name: metadata.get(name) for name in ("pdfaid:part", "pdfaid:conformance", "pdfuaid:part")}
    assert declared == {"pdfaid:part": "3", "pdfaid:conformance": "A", "pdfuaid:part": "1"}


def test_the_file_has_a_title_a_language_and_tags():
    with pikepdf.open(BytesIO(made())) as file:
        assert str(file.docinfo.Title) == "A title"
        assert str(file.Root.Lang) == "en-GB"
        assert bool(file.Root.MarkInfo.Marked) is True
        assert bool(file.Root.ViewerPreferences.DisplayDocTitle) is True


def test_every_font_is_embedded(tmp_path):
    (tmp_path / "a.pdf").write_bytes(made())
    said = subprocess.run(["pdffonts", tmp_path / "a.pdf"], check=True, capture_output=True, text=True).stdout
    columns = [line.split() for line in said.splitlines()[2:]]
    assert [(each[-5], each[-3]) for each in columns] == [("yes", "yes")] * len(columns)


def test_the_text_comes_back_as_it_was_written(tmp_path):
    (tmp_path / "a.pdf").write_bytes(made("<p>Affiliated offices “first” – naïve, Žižka, 51%, PKR 5,000.</p>"))
    said = subprocess.run(["pdftotext", tmp_path / "a.pdf", "-"], check=True, capture_output=True, text=True).stdout
    assert said.split("\n")[1] == "Affiliated offices “first” – naïve, Žižka, 51%, PKR 5,000."


def test_an_attachment_comes_back_to_the_byte(tmp_path):
    (tmp_path / "a.pdf").write_bytes(made(attachments=[attached('{"گواہ": 1}'.encode())]))
    subprocess.run(["pdfdetach", "-saveall", "-o", tmp_path, tmp_path / "a.pdf"], check=True, capture_output=True)
    assert (tmp_path / "content.json").read_bytes() == '{"گواہ": 1}'.encode()


@pytest.mark.parametrize("source", ["static:img/mark.svg", svg('<rect width="9" height="9"/>')])
def test_own_files_and_data_are_loaded(source):
    assert len(made(f'<img alt="a mark" src="{source}">')) > len(made(""))


@pytest.mark.parametrize(
    "body",
    [
        '<img alt="x" src="http://127.0.0.1:9/x.png">',
        '<img alt="x" src="FTP://127.0.0.1/x">',
        '<img alt="x" src="file:///etc/hostname">',
        '<img alt="x" src="static:../pyproject.toml">',
        '<img alt="x" src="static:%2e%2e/pyproject.toml">',
        '<img alt="x" src="static:/etc/hostname">',
        '<img alt="x" src="static:img/nothing.svg">',
        '<p style="background: url(http://127.0.0.1/x)">x</p>',
        '<link rel="stylesheet" href="file:///etc/hostname">',
        '<style>@import url("http://127.0.0.1/a.css")</style>',
        '<object data="file:///etc/hostname"></object>',
        '<svg width="9" height="9"><image href="file:///etc/hostname" width="9" height="9"/></svg>',
        '<base href="file:///etc/"><img alt="x" src="hostname">',
    ],
)
def test_every_other_address_stops_the_rendering(body):
    with pytest.raises(pdf.ForbiddenAddress):
        made(body)


def test_a_picture_may_not_ask_for_others():
    inner = svg('<image xlink:href="file:///etc/hostname" width="9" height="9"/>')
    with pytest.raises(pdf.ForbiddenAddress):
        made(f'<img alt="x" src="{inner}">')


def test_a_refused_page_leaves_the_next_one_alone():
    with pytest.raises(pdf.ForbiddenAddress):
        made('<img alt="x" src="file:///etc/hostname">')
    assert len(made()) > 1000
