"""The account pages as a browser without scripts meets them."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from commonweal.base import accounts
from commonweal.base.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "three quiet herons"


@pytest.fixture
def asha():
    return User.objects.create_user("asha", PASSWORD, role="curator")


def sign_in(client: Client, **fields):
    return client.post("/account/sign-in", {"username": "asha", "password": PASSWORD, **fields})


def test_the_first_steward_joins_by_a_link_that_works_once(client, caplog):
    address = f"/account/link/{accounts.make_steward_link()}"
    assert client.get(address).status_code == 200
    assert client.get(address).status_code == 200, "looking at a link does not use it up"
    weak = client.post(address, {"username": "asha", "new": "short", "again": "short"})
    assert "too short" in weak.text
    assert address not in caplog.text, "a link that still works is not written to the log"
    answer = client.post(address, {"username": "asha", "new": PASSWORD, "again": PASSWORD})
    assert len(re.findall(r"<code>(?:[a-z2-9]{4}-){3}[a-z2-9]{4}</code>", answer.text)) == 10
    assert User.objects.get().role == "steward"
    assert client.get("/account").status_code == 200
    assert client.get(address).status_code == 410


def test_two_passwords_must_agree(client):
    address = f"/account/link/{accounts.make_steward_link()}"
    answer = client.post(address, {"username": "asha", "new": PASSWORD, "again": "something else 1"})
    assert "differ" in answer.text
    assert not User.objects.exists()


def test_sign_in_and_out(client, asha):
    assert client.get("/account").headers["Location"] == "/account/sign-in?next=/account"
    assert sign_in(client).headers["Location"] == "/account"
    page = client.get("/account")
    assert "asha" in page.text
    assert "no-store" in page.headers["Cache-Control"]
    assert client.get("/account/sign-out").status_code == 405
    client.post("/account/sign-out")
    assert client.get("/account").status_code == 302


def test_a_wrong_password_says_no_more_than_an_unknown_name(client, asha):
    wrong, unknown = sign_in(client, password="x"), sign_in(client, username="nobody")
    assert wrong.status_code == unknown.status_code == 401
    said = [re.search(r'role="alert">(.*?)</div>', page.text, re.S)[1] for page in (wrong, unknown)]
    assert said[0] == said[1]


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"])
def test_nobody_is_sent_elsewhere_after_signing_in(client, asha, target):
    assert sign_in(client, next=target).headers["Location"] == "/account"


def test_one_is_sent_on_within_the_site(client, asha):
    assert sign_in(client, next="/search?q=swahili").headers["Location"] == "/search?q=swahili"


def test_guessing_is_stopped_even_for_the_right_password(client, asha):
    for _ in range(accounts.MOST_PAIR):
        sign_in(client, password="x")
    refused = sign_in(client)
    assert refused.status_code == 429
    assert sign_in(Client(REMOTE_ADDR="192.0.2.7")).status_code == 302, "its owner, elsewhere, still gets in"


def test_forms_need_their_token(asha):
    assert sign_in(Client(enforce_csrf_checks=True)).status_code == 403


def test_a_recovery_code_lets_in_once_and_asks_for_a_new_password(client, asha):
    code = accounts.renew_recovery_codes(asha)[0]
    answer = client.post("/account/recover", {"username": "asha", "code": f" {code.upper()} "})
    assert answer.headers["Location"] == "/account/password"
    page = client.get("/account/password")
    assert 'name="old"' not in page.text
    new = "four loud herons"
    assert client.post("/account/password", {"new": new, "again": new}).headers["Location"] == "/account"
    assert 'name="old"' in client.get("/account/password").text
    other = Client()
    assert other.post("/account/recover", {"username": "asha", "code": code}).status_code == 401
    assert sign_in(other, password=new).status_code == 302


def test_a_new_password_ends_other_sessions(client, asha):
    elsewhere = Client()
    sign_in(client)
    sign_in(elsewhere)
    new = "four loud herons"
    wrong = client.post("/account/password", {"old": "x", "new": new, "again": new})
    assert wrong.status_code == 400
    assert client.post("/account/password", {"old": PASSWORD, "new": new, "again": new}).status_code == 302
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302


def test_a_sign_in_link_is_used_by_a_button(client, asha):
    address = f"/account/link/{accounts.make_sign_in_link(accounts.SYSTEM, asha)}"
    assert "asha" in client.get(address).text
    assert client.post(address).headers["Location"] == "/account/password"
    assert Client().post(address).status_code == 410


def test_new_codes_from_the_account_page(client, asha):
    sign_in(client)
    assert client.post("/account/recovery-codes").text.count("<code>") == 10
    assert asha.recovery_codes.count() == 10


def test_a_name_is_printed_not_run(client):
    User.objects.create_user("<b>x", PASSWORD)
    sign_in(client, username="<b>x")
    assert "<b>x" not in client.get("/account").text
    assert "&lt;b&gt;x" in client.get("/account").text
