"""What imports cannot see. Each check finds nothing in the house, and finds a bad line when it is given one."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests import access, checks
from tests.checks import Check, Module

FACE = "licensing/faces/staff/cases.py"
BELOW = "licensing/actions/noc.py"

# check, where the line stands, a line it must find
BAD: list[tuple[Check, str, str]] = [
    (checks.faces_write_nothing, FACE, "form.save()"),
    (checks.faces_write_nothing, FACE, "case.delete()"),
    (checks.faces_write_nothing, FACE, "Firm.objects.create(name=name)"),
    (checks.faces_write_nothing, FACE, "Firm.objects.filter(pk=pk).update(name=name)"),
    (checks.faces_write_nothing, FACE, "Case.objects.visible_to(user).update(officer=user)"),
    (checks.faces_write_nothing, FACE, "User.objects.create_user(email)"),
    (checks.faces_write_nothing, FACE, "connection.cursor().execute('DELETE FROM x')"),
    (checks.faces_write_nothing, "licensing/tasks.py", "Case.objects.bulk_update(cases, ['note'])"),
    (checks.faces_write_nothing, "pvara/kernel/web.py", "case.save()"),
    (checks.faces_write_nothing, "pvara/kernel/api/moves.py", "case.save()"),
    (checks.faces_write_nothing, "pvara/home.py", "Visit.objects.create()"),
    (checks.states_are_moved_not_set, BELOW, "case.state = 'granted'"),
    (checks.states_are_moved_not_set, BELOW, "case.state: str = 'granted'"),
    (checks.states_are_moved_not_set, BELOW, "case.state, case.note = 'granted', ''"),
    (checks.states_are_moved_not_set, BELOW, "Case.objects.update(state='granted')"),
    (checks.states_are_moved_not_set, BELOW, "Case.objects.create(firm=firm, state='granted')"),
    (checks.states_are_moved_not_set, BELOW, "Case.objects.get_or_create(firm=firm, defaults={'state': 'granted'})"),
    (checks.states_are_moved_not_set, BELOW, "Case.objects.bulk_update(cases, ['note', 'state'])"),
    (checks.states_are_moved_not_set, BELOW, "setattr(case, 'state', 'granted')"),
    (
        checks.states_are_moved_not_set,
        BELOW,
        "cursor.execute('UPDATE licensing_case SET note = 1, state = %s WHERE 1 = 1')",
    ),
    (
        checks.transitions_are_empty,
        BELOW,
        "class L:\n    @move(state, A, B, C)\n    def grant(self):\n        self.x = 1",
    ),
    (checks.transitions_are_empty, BELOW, "class L:\n    @machine.move(state)\n    def grant(self): return None"),
    (checks.time_enters_at_the_faces, BELOW, "at = timezone.now()"),
    (checks.time_enters_at_the_faces, BELOW, "at = datetime.now(tz=UTC)"),
    (checks.time_enters_at_the_faces, BELOW, "day = date.today()"),
    (checks.time_enters_at_the_faces, BELOW, "day = timezone.localdate()"),
    (checks.only_the_programs_name_the_settings, BELOW, "import os\nkey = os.environ['SECRET_KEY']"),
    (checks.only_the_programs_name_the_settings, BELOW, "import os\nkey = os.getenv('SECRET_KEY')"),
    (checks.only_the_programs_name_the_settings, BELOW, "from os import environ"),
    (checks.only_the_programs_name_the_settings, BELOW, "import os\nos.environ.setdefault('LANG', 'C')"),
    (checks.exceptions_are_named, BELOW, "try: pass\nexcept Exception: pass"),
    (checks.exceptions_are_named, BELOW, "try: pass\nexcept (ValueError, BaseException): pass"),
    (checks.exceptions_are_named, BELOW, "try: pass\nexcept: pass"),
    (checks.no_side_doors, BELOW, "from django.db.models.signals import post_save"),
    (checks.no_side_doors, BELOW, "from django.dispatch import receiver"),
    (checks.no_side_doors, "licensing/models/noc.py", "class Case(Model):\n    def save(self): pass"),
    (checks.modules_are_short, BELOW, "pass\n" * 401),
    (checks.modules_say_what_lives_here, BELOW, "x = 1\n" * 20),
    (checks.names_say_something, "licensing/utils.py", ""),
    (checks.names_say_something, "licensing/letter_helpers.py", ""),
    (checks.names_say_something, "licensing/services/letters.py", ""),
    (checks.names_say_something, BELOW, "def handle_grant(): pass"),
    (checks.names_say_something, BELOW, "def process_case(): pass"),
    (checks.names_say_something, BELOW, "class LetterService: pass"),
    (checks.the_kernel_knows_no_regime, "pvara/kernel/machine.py", "title = 'Grant the licence'"),
    (checks.the_kernel_knows_no_regime, "pvara/kernel/machine.py", "def noc(): pass"),
    (checks.the_kernel_knows_no_regime, "pvara/kernel/machine.py", "from django.db import assets"),
]
# check, where the line stands, a line that only looks like one
GOOD: list[tuple[Check, str, str]] = [
    (checks.faces_write_nothing, BELOW, "case.save()"),
    (checks.faces_write_nothing, FACE, "context.update({'title': title})"),
    (checks.faces_write_nothing, FACE, "state = case.state"),
    (checks.states_are_moved_not_set, "pvara/kernel/machine.py", "subject.state = row.target"),
    (checks.states_are_moved_not_set, BELOW, "state = case.state\nCase.objects.filter(state='granted')"),
    (checks.states_are_moved_not_set, BELOW, "sql = 'UPDATE kernel_job SET state = 1'"),
    (checks.states_are_moved_not_set, BELOW, "sql = 'UPDATE licensing_case SET note = 1 WHERE state = 2'"),
    (checks.transitions_are_empty, BELOW, "class L:\n    @move(state)\n    def grant(self):\n        'Grants it.'"),
    (checks.transitions_are_empty, BELOW, "def move(): return 1"),
    (checks.time_enters_at_the_faces, FACE, "at = timezone.now()"),
    (checks.time_enters_at_the_faces, BELOW, "day = timezone.localdate(at)"),
    (checks.only_the_programs_name_the_settings, "pvara/settings.py", "import os\nkey = os.environ['SECRET_KEY']"),
    (
        checks.only_the_programs_name_the_settings,
        "pvara/celery.py",
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pvara.settings")',
    ),
    (checks.exceptions_are_named, BELOW, "try: pass\nexcept BaseException:\n    clean()\n    raise"),
    (checks.modules_are_short, BELOW, "pass\n" * 400),
    (checks.names_say_something, BELOW, "class Command:\n    def handle(self): pass"),
    (checks.the_kernel_knows_no_regime, "pvara/kernel/machine.py", "'''An example: granting a licence.'''"),
    (checks.the_kernel_knows_no_regime, BELOW, "title = 'Grant the licence'"),
]


@pytest.mark.parametrize("check", checks.CHECKS)
def test_the_house_is_in_order(check: Check) -> None:
    assert checks.findings(check) == []


@pytest.mark.parametrize(("check", "path", "source"), BAD)
def test_a_bad_line_is_found(check: Check, path: str, source: str) -> None:
    assert len(list(check(Module(path, source)))) >= 1


@pytest.mark.parametrize(("check", "path", "source"), GOOD)
def test_a_good_line_is_left_alone(check: Check, path: str, source: str) -> None:
    assert list(check(Module(path, source))) == []


def test_every_check_has_a_bad_line() -> None:
    assert {check for check, _, _ in BAD} == set(checks.CHECKS)


# ── Every address is in the access table ─────────────────────────────────────────────────────────────────────────────
def addresses(resolver: URLResolver, namespace: str = "", route: str = "/") -> Iterator[tuple[str, str]]:
    """Every address of the house: its name with its namespaces, and its route."""
    for each in resolver.url_patterns:
        here = route + str(each.pattern)
        if isinstance(each, URLPattern):
            yield f"{namespace}{each.name}" if each.name else "", here
        else:
            yield from addresses(each, f"{namespace}{each.namespace}:" if each.namespace else namespace, here)


def unlisted(resolver: URLResolver) -> list[str]:
    """What is wrong between the addresses and the table, as sentences."""
    found = dict.fromkeys(addresses(resolver))
    wrong = [f"{route} has no name." for name, route in found if not name]
    names = {name for name, _ in found if name}
    wrong += [f"{name} is not in the access table." for name in sorted(names - set(access.ACCESS))]
    return wrong + [f"{name} is in the access table, but there is no such address." for name in access.missing(names)]


def test_every_address_is_in_the_access_table() -> None:
    assert unlisted(get_resolver()) == []


def test_everybody_in_the_access_table_is_known() -> None:
    assert {who for row in access.ACCESS.values() for who in row} - set(access.WHO) == set()


def test_an_address_that_is_in_no_table_is_found() -> None:
    from django.http import HttpResponse
    from django.urls import include, path
    from django.urls.resolvers import RegexPattern

    def page(request: object) -> HttpResponse:
        return HttpResponse()

    secret = path("secret/", page, name="secret")
    urls = [secret, path("inner/", include(([path("nameless/", page)], "inner")))]
    resolver = URLResolver(RegexPattern(r"^/"), urls)
    found = [sentence for sentence in unlisted(resolver) if "no such address" not in sentence]
    assert found == ["/inner/nameless/ has no name.", "secret is not in the access table."]
