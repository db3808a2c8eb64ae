"""Accounts below the pages: who may manage them, what is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from commonweal.base import accounts
from commonweal.base.models import Event, RecoveryCode, SignInFailure, SignInLink, User
from commonweal.base.permissions import SYSTEM
from commonweal.base.tasks import tidy
from commonweal.kernel.errors import CommonwealError

pytestmark = pytest.mark.django_db

PASSWORD = "three quiet herons"


def code(call, *args):
    with pytest.raises(CommonwealError) as caught:
        call(*args)
    return caught.value.code


@pytest.fixture
def asha():
    return User.objects.create_user("asha", PASSWORD, role="steward")


def test_links_run_out():
    token = accounts.make_steward_link()
    SignInLink.objects.update(expires_at=timezone.now())
    assert code(accounts.join, token, "asha", PASSWORD) == "link-invalid"
    assert tidy.call()["links"] == 1


def test_a_newer_steward_link_ends_the_older():
    older, newer = accounts.make_steward_link(), accounts.make_steward_link()
    assert code(accounts.find_link, older) == "link-invalid"
    assert accounts.find_link(newer).role == "steward"


def test_a_failed_join_leaves_the_link_usable():
    token = accounts.make_steward_link()
    assert code(accounts.join, token, "asha", "short") == "password-weak"
    assert accounts.join(token, "asha", PASSWORD).role == "steward"


def test_names_differ_by_more_than_case(asha):
    assert code(accounts.join, accounts.invite(asha, "contributor"), "Asha", PASSWORD) == "name-taken"


def test_only_a_steward_manages_accounts(asha):
    curator = User.objects.create_user("ben", PASSWORD, role="curator")
    for act in (
        lambda: accounts.invite(curator, "contributor"),
        lambda: accounts.set_role(curator, curator, "steward"),
        lambda: accounts.set_active(curator, asha, False),
        lambda: accounts.make_sign_in_link(curator, asha),
    ):
        assert code(act) == "forbidden"
    accounts.set_role(asha, curator, "contributor")
    assert User.objects.get(username="ben").role == "contributor"
    assert code(accounts.set_role, asha, curator, "emperor") == "role-unknown"


def test_the_last_steward_stays(asha):
    assert code(accounts.set_role, SYSTEM, asha, "curator") == "last-steward"
    assert code(accounts.set_active, SYSTEM, asha, False) == "last-steward"
    User.objects.create_user("ben", role="steward")
    accounts.set_role(SYSTEM, asha, "curator")


def test_a_closed_account_lets_nobody_in(asha):
    User.objects.create_user("ben", role="steward")
    token, codes = accounts.make_sign_in_link(SYSTEM, asha), accounts.renew_recovery_codes(asha)
    accounts.set_active(SYSTEM, asha, False)
    assert code(accounts.sign_in, "asha", PASSWORD, "192.0.2.1") == "sign-in-failed"
    assert code(accounts.recover, "asha", codes[0], "192.0.2.1") == "sign-in-failed"
    assert code(accounts.enter, token) == "link-invalid"


def test_an_invitation_and_a_sign_in_link_are_not_each_other(asha):
    assert code(accounts.enter, accounts.invite(asha, "curator")) == "link-invalid"
    assert code(accounts.join, accounts.make_sign_in_link(asha, asha), "x", PASSWORD) == "link-invalid"


def test_nothing_secret_is_kept_in_clear(asha):
    token, codes = accounts.make_sign_in_link(asha, asha), accounts.renew_recovery_codes(asha)
    code(accounts.sign_in, "asha", "a guess", "192.0.2.1")
    kept = str([list(model.objects.values()) for model in (SignInLink, RecoveryCode, SignInFailure, Event, User)])
    for secret in (token, *codes, codes[0].replace("-", ""), PASSWORD, "a guess", "192.0.2.1"):
        assert secret not in kept


def test_failures_stop_counting(asha):
    for _ in range(accounts.MOST_PAIR):
        assert code(accounts.sign_in, "asha", "x", "192.0.2.1") == "sign-in-failed"
    assert code(accounts.sign_in, " ASHA ", PASSWORD, "192.0.2.1") == "sign-in-throttled"
    SignInFailure.objects.update(at=timezone.now() - accounts.WINDOW)
    assert accounts.sign_in("asha", PASSWORD, "192.0.2.1") == asha
    SignInFailure.objects.update(at=timezone.now() - timedelta(days=2))
    assert tidy.call()["sign_in_failures"] == accounts.MOST_PAIR


def test_spraying_names_from_one_address_is_stopped():
    for number in range(accounts.MOST_ADDRESS):
        assert code(accounts.recover, f"name{number}", "x", "192.0.2.1") == "sign-in-failed"
    assert code(accounts.recover, "another", "x", "192.0.2.1") == "sign-in-throttled"


def test_who_did_what_is_in_the_log(asha):
    ben = User.objects.create_user("ben")
    accounts.set_role(asha, ben, "curator")
    event = Event.objects.last()
    assert (event.actor, event.action, event.obj, event.data) == (
        asha.actor,
        "account.role-changed",
        ben.actor,
        {"role": "curator"},
    )
