"""The masthead leads to the account; an anonymous visitor gets no session for it, and no page costs a query more."""

from __future__ import annotations

import pytest
from django.conf import settings


@pytest.mark.django_db
def test_a_visitor_is_offered_to_sign_in_without_a_session(client):
    answer = client.get("/about")
    assert 'href="/account/sign-in"' in answer.content.decode()
    assert settings.SESSION_COOKIE_NAME not in answer.cookies


@pytest.mark.django_db
def test_who_is_signed_in_is_led_to_the_account(client, django_user_model):
    client.force_login(django_user_model.objects.create_user(username="asha", password="a long enough word"))
    page = client.get("/about").content.decode()
    assert 'href="/account"' in page
    assert 'href="/account/sign-in"' not in page
