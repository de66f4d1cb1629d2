"""Signing in and out, lockouts and throttles, and who a token belongs to."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.utils import timezone
from knox.models import AuthToken

from pvara.kernel import audit
from tests.conftest import PASSWORD


def sign_in(program, email="omar@example.org", password=PASSWORD, **more):
    return program().post("login/", {"email": email, "password": password, **more})


def test_a_password_gives_a_token_and_the_token_says_who_one_is(program, omar):
    answer = sign_in(program)
    caller = program()
    caller.headers["authorization"] = f"Bearer {answer.json()['token']}"
    assert (answer.status_code, caller.get("me/").json()) == (
        200,
        {
            "id": omar.pk,
            "email": "omar@example.org",
            "name": "Omar",
            "roles": [{"code": "case_officer", "title": "Case officer"}],
            "firms": [],
        },
    )


def test_me_names_the_firms_one_acts_for(program, amina, firm):
    said = program(amina).get("me/").json()
    assert (said["roles"], [each["id"] for each in said["firms"]]) == ([], [firm.pk])


def test_the_older_way_to_send_a_token_is_understood(program, omar):
    caller = program(omar)
    caller.headers["authorization"] = caller.headers["authorization"].replace("Bearer", "Token")
    assert caller.get("me/").status_code == 200


def test_a_wrong_password_and_a_stranger_are_told_the_same(program, omar):
    wrong = sign_in(program, password="not this one")
    nobody = sign_in(program, email="nobody@example.org")
    assert (wrong.status_code, wrong.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert (
        wrong.json()
        == nobody.json()
        == {"code": "bad_credentials", "detail": "The e-mail address or the password is wrong.", "errors": []}
    )


def test_too_many_failures_lock_the_account_even_for_the_right_password(program, omar, settings):
    settings.AXES_FAILURE_LIMIT = 3
    answers = [sign_in(program, password="not this one").status_code for _ in range(3)]
    locked = sign_in(program)
    assert (answers, locked.status_code, locked.json()["code"], locked.headers["Retry-After"]) == (
        [401, 401, 429],
        429,
        "locked_out",
        "900",
    )


def test_a_lockout_is_one_accounts_not_everybodys(program, omar, asif, settings):
    settings.AXES_FAILURE_LIMIT = 1
    sign_in(program, password="not this one")
    assert sign_in(program, email="asif@example.org").status_code == 200


def test_pages_and_programs_count_failures_on_an_account_together(program, omar, asif, settings, client):
    settings.AXES_FAILURE_LIMIT = 2
    client.post("/accounts/login/", {"login": "Omar@example.org", "password": "not this one"})
    assert sign_in(program, password="not this one").status_code == 429
    assert client.post("/accounts/login/", {"login": "omar@example.org", "password": PASSWORD}).status_code == 429
    assert client.post("/accounts/login/", {"login": "asif@example.org", "password": PASSWORD}).status_code == 302


def test_the_eleventh_attempt_in_a_minute_waits(program, omar):
    answers = [sign_in(program).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


def test_a_second_factor_is_asked_for_where_it_is_used(program, omar):
    secret = generate_totp_secret()
    TOTP.activate(omar, secret)
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    without = sign_in(program)
    assert (without.status_code, without.json()["code"]) == (401, "second_factor_required")
    assert sign_in(program, second_factor="000000x").json()["code"] == "bad_credentials"
    assert sign_in(program, second_factor=code).status_code == 200


def test_who_has_not_confirmed_their_address_gets_no_token(program, stranger):
    EmailAddress.objects.create(user=stranger, email=stranger.email, verified=False, primary=True)
    answer = sign_in(program, email="stranger@example.org")
    assert (answer.status_code, answer.json()["code"]) == (401, "unverified")


def test_signing_out_ends_this_token_and_no_other(program, omar):
    one, other = program(omar), program(omar)
    assert one.post("logout/").status_code == 204
    assert (one.get("me/").status_code, other.get("me/").status_code) == (401, 200)


def test_tokens_run_out(program, omar):
    caller = program(omar)
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert caller.get("me/").status_code == 401


def test_a_deactivated_person_has_no_token(program, omar):
    caller = program(omar)
    type(omar).objects.filter(pk=omar.pk).update(is_active=False)
    assert caller.get("me/").status_code == 401


def test_tokens_are_kept_as_hashes_and_leave_a_trace(program, omar):
    token = sign_in(program).json()["token"]
    assert AuthToken.objects.filter(digest=token).count() == 0
    assert [each.event for each in audit.history(omar)] == ["role_granted", "token_issued"]


def test_without_a_token_or_with_nonsense_for_one(program):
    for said in (None, "Bearer", "Bearer x y", "Basic abc", "Bearer ünsinn", "Bearer " + "a" * 64):
        caller = program()
        if said:
            caller.headers["authorization"] = said
        answer = caller.get("me/")
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert set(answer.json()) == {"code", "detail", "errors"}
