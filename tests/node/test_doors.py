"""What every answer carries, whoever made it: headers, request id, revalidation, compression, failures in the asked form."""

from __future__ import annotations

import json
import logging

import pytest
from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from commonweal.base import feed
from commonweal.base.feed import Change
from commonweal.kernel.errors import CommonwealError
from commonweal.node import freshness, middleware
from commonweal.node.urls import handler400, handler403, handler404, handler500  # noqa: F401 (read by Django)
from commonweal.node.urls import urlpatterns as real

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def _long(request: HttpRequest) -> HttpResponse:
    return HttpResponse("words " * 500)


def _expected(request: HttpRequest) -> HttpResponse:
    raise CommonwealError("tea-only", "This is a teapot.", "Ask for tea.", status=418)


def _unexpected(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret detail")


def _form(request: HttpRequest) -> HttpResponse:
    from django.middleware.csrf import get_token

    return HttpResponse(get_token(request) * 100)


def _gone(request: HttpRequest) -> HttpResponse:
    raise Http404


urlpatterns = [
    path("test/long", _long),
    path("test/expected", _expected),
    path("test/expected.json", _expected),
    path("test/unexpected", _unexpected),
    path("test/form", _form),
    path("test/gone", _gone),
    *real,
]


@pytest.fixture(autouse=True)
def _no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freshness, "SECONDS", 0.0)
    monkeypatch.setattr(freshness, "_current", ("", 0.0))


@pytest.mark.parametrize("where", ["/", "/test/long", "/test/gone", "/test/expected", "/api/openapi.json", "/healthz"])
def test_every_answer_is_protected(client: Client, where: str) -> None:
    headers = client.get(where).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "//" not in policy  # nothing from elsewhere


def test_health_needs_no_database(client: Client, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok\n"


def test_an_empty_node_is_not_ready(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["harvested"] is False


@pytest.mark.parametrize(("sent", "kept"), [("abc-123", True), ("x" * 65, False), ("a b", False), ("", False)])
def test_request_id_is_the_proxys_when_it_is_plain(client: Client, sent: str, kept: bool) -> None:
    given = client.get("/healthz", headers={"X-Request-ID": sent}).headers["X-Request-ID"]
    assert (given == sent) is kept
    assert given


def test_an_unchanged_node_answers_304_without_the_view(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first = client.get("/test/long")
    again = client.get("/test/long", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]


def test_a_change_ends_the_304(client: Client) -> None:
    tag = client.get("/test/long")["ETag"]
    with transaction.atomic():
        feed.append([Change("source", "mteb", "changed")])
    assert client.get("/test/long", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("headers", [{"Accept-Language": "ar"}, {"Cookie": "theme=dark"}])
def test_a_tag_is_of_one_language_and_one_visitors_cookies(client: Client, headers: dict[str, str]) -> None:
    tag = client.get("/test/long", headers={"Accept-Language": "en"})["ETag"]
    assert client.get("/test/long", headers={"If-None-Match": tag, **headers}).status_code == 200


def test_whoever_may_be_signed_in_is_never_answered_from_a_tag(client: Client) -> None:
    tag = client.get("/test/long")["ETag"]
    client.cookies[settings.SESSION_COOKIE_NAME] = "something"
    answer = client.get("/test/long", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert "ETag" not in answer


def test_pages_with_a_form_token_are_neither_tagged_nor_compressed(client: Client) -> None:
    answer = client.get("/test/form", headers={"Accept-Encoding": "gzip"})
    assert "ETag" not in answer
    assert "Content-Encoding" not in answer


def test_open_pages_are_compressed(client: Client) -> None:
    assert client.get("/test/long", headers={"Accept-Encoding": "gzip"})["Content-Encoding"] == "gzip"


def test_anonymous_reads_ask_the_database_for_nothing_but_freshness(client: Client, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(1):
        client.get("/test/long")


def test_expected_failures_have_the_same_code_in_both_forms(client: Client) -> None:
    page = client.get("/test/expected")
    assert page.status_code == 418
    assert "This is a teapot." in page.content.decode()
    problem = client.get("/test/expected.json")
    assert problem["Content-Type"] == "application/problem+json"
    assert problem.json()["code"] == "tea-only"


def test_unexpected_failures_tell_the_log_and_not_the_visitor(caplog: pytest.LogCaptureFixture) -> None:
    client = Client(raise_request_exception=False)
    with caplog.at_level(logging.ERROR, logger="django.request"):
        answer = client.get("/test/unexpected")
    assert answer.status_code == 500
    assert "a secret detail" not in answer.content.decode()
    assert "a secret detail" in caplog.text


def test_unknown_api_paths_are_problems(client: Client) -> None:
    answer = client.get("/api/v1/nothing/here")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_unknown_host_names_are_refused(client: Client) -> None:
    assert client.get("/about", headers={"Host": "evil.example"}).status_code == 400


def test_api_may_be_read_by_any_site_and_pages_may_not(client: Client) -> None:
    assert client.get("/api/openapi.json")["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.get("/about")


def test_a_form_from_nowhere_is_refused_in_words() -> None:
    answer = Client(enforce_csrf_checks=True).post("/test/form")
    assert answer.status_code == 403
    assert "expired" in answer.content.decode()


def test_static_files_change_address_with_their_content(client: Client) -> None:
    from django.templatetags.static import static

    address = static("web/page.css")
    assert "?v=" in address
    answer = client.get(address)
    answer.close()
    assert answer.status_code == 200


def test_requests_are_logged_when_asked_for(
    rf: RequestFactory, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMONWEAL_LOG_REQUESTS", "yes")
    answered = middleware.identify(lambda request: HttpResponse())
    with caplog.at_level(logging.INFO, logger="commonweal.requests"):
        answered(rf.get("/about?token=x"))
    assert [(record.path, record.status) for record in caplog.records] == [("/about", 200)]


def test_openapi_describes_the_api(client: Client) -> None:
    described = json.loads(client.get("/api/openapi.json").content)
    assert described["openapi"].startswith("3.1")
    assert all(path.startswith("/api/v1/") for path in described["paths"])


def test_a_page_is_made_once_until_something_changes(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def counted(request: HttpRequest) -> HttpResponse:
        made.append(request.path)
        return HttpResponse(f"page {len(made)}")

    monkeypatch.setattr(urlpatterns[0], "callback", counted)
    assert [client.get("/test/long").content for _ in range(3)] == [b"page 1"] * 3
    assert client.get("/test/long?x=1").content == b"page 2"
    assert client.get("/test/long", headers={"Accept-Language": "fr"}).content == b"page 3"
    assert client.get("/test/long", headers={"Cookie": "theme=dark"}).content == b"page 4"
    with transaction.atomic():
        feed.append([Change("source", "mteb", "changed")])
    assert client.get("/test/long").content == b"page 5"
