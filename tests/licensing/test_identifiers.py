"""Registration numbers, by the format that is public."""

import pytest

from licensing.identifiers import is_well_formed

SOUND = {"cuin": ["0123456", "9999999"], "ntn": ["1234567-8"], "goaml": ["GOAML-00001", "12345", "PK/2026/0001"]}
UNSOUND = {
    "cuin": ["123456", "01234567", "012345a", "٠١٢٣٤٥٦", " 0123456", "0123456\n", 123456, None],
    "ntn": ["12345678", "1234567-", "123456-78", "1234567–8", "1234567-8 "],
    "goaml": ["A", "goaml-1", "A B C D", "-AAAA", "AAAA-", "A" * 31, ""],
}


@pytest.mark.parametrize(("kind", "number"), [(kind, each) for kind, all_of in SOUND.items() for each in all_of])
def test_sound(kind, number):
    assert is_well_formed(kind, number) is True


@pytest.mark.parametrize(("kind", "number"), [(kind, each) for kind, all_of in UNSOUND.items() for each in all_of])
def test_unsound(kind, number):
    assert is_well_formed(kind, number) is False
