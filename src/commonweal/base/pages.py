"""Account pages: plain forms, no script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import auth
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from commonweal.base import accounts
from commonweal.base.config import setting
from commonweal.base.forms import ChangePasswordForm, JoinForm, NewPasswordForm, RecoverForm, SignInForm
from commonweal.base.models import User
from commonweal.kernel.errors import CommonwealError

BACKEND = "django.contrib.auth.backends.ModelBackend"
MUST_SET_PASSWORD = "set-password"  # noqa: S105 (a session key)

T = TypeVar("T")
form_page = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@sensitive_post_parameters("password")
@form_page
def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST or None)
    address = _address(request)
    user = _attempt(form, lambda data: accounts.sign_in(data["username"], data["password"], address))
    if user is None:
        return _form(request, "base/sign_in.html", form, next=_next(request))
    auth.login(request, user, backend=BACKEND)
    return redirect(_next(request) or "account")


@never_cache
@sensitive_post_parameters("code")
@form_page
def recover(request: HttpRequest) -> HttpResponse:
    """Sign in with a recovery code; a new password is asked for next."""
    form = RecoverForm(request.POST or None)
    address = _address(request)
    user = _attempt(form, lambda data: accounts.recover(data["username"], data["code"], address))
    if user is None:
        return _form(request, "base/recover.html", form)
    return _enter(request, user)


@never_cache
@sensitive_post_parameters("new", "again")
@form_page
def link(request: HttpRequest, token: str) -> HttpResponse:
    """A one-use link. Looking at it does not use it up: mail programs and chats look at links before people do."""
    found = accounts.find_link(token)
    if found.user is not None:
        if request.method == "POST":
            return _enter(request, accounts.enter(token))
        return _page(request, "base/enter.html", name=found.user.username)
    form = JoinForm(request.POST or None)
    user = _attempt(form, lambda data: accounts.join(token, data["username"], data["new"]))
    if user is None:
        # Not an error status: those are logged with the address, and this address is a secret as long as the link works.
        return _page(request, "base/join.html", form=form)
    auth.login(request, user, backend=BACKEND)
    return _show_codes(request, user)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    return redirect("/")


@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    return _page(request, "base/account.html", user=user, codes_left=user.recovery_codes.count())


@never_cache
@sensitive_post_parameters("old", "new", "again")
@login_required
@form_page
def password(request: HttpRequest) -> HttpResponse:
    user, came_by_link = _user(request), MUST_SET_PASSWORD in request.session
    form = (NewPasswordForm if came_by_link else ChangePasswordForm)(request.POST or None)

    def change(data: dict[str, Any]) -> User:
        accounts.change_password(user, None if came_by_link else data["old"], data["new"])
        return user

    if _attempt(form, change) is None:
        return _form(request, "base/password.html", form)
    request.session.pop(MUST_SET_PASSWORD, None)
    auth.update_session_auth_hash(request, user)  # every other session of this person ends
    return redirect("account")


@never_cache
@login_required
@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    return _show_codes(request, _user(request))


def _enter(request: HttpRequest, user: User) -> HttpResponse:
    auth.login(request, user, backend=BACKEND)
    request.session[MUST_SET_PASSWORD] = True
    return redirect("password")


def _show_codes(request: HttpRequest, user: User) -> HttpResponse:
    return _page(request, "base/recovery_codes.html", codes=accounts.renew_recovery_codes(user))


def _attempt(form: Form, act: Callable[[dict[str, Any]], T]) -> T | None:
    """What ``act`` answers to a valid form, or None with the reason on the form."""
    if not form.is_valid():
        return None
    try:
        return act(form.cleaned_data)
    except CommonwealError as error:
        if error.code == "link-invalid":
            raise
        form.add_error(None, str(error))
        form.failure = error  # type: ignore[attr-defined]
        return None


def _form(request: HttpRequest, template: str, form: Form, **context: Any) -> HttpResponse:
    status = 200
    if form.is_bound:
        failure = getattr(form, "failure", None)
        status = failure.status if failure else 400
    return _page(request, template, status, form=form, **context)


def _page(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    """Account pages exist as pages only: ``forms``, the page's other forms, is empty."""
    return render(request, template, {"forms": (), **context}, status=status)


def _user(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):
        raise CommonwealError("forbidden", "This page is for people with an account.", status=403)
    return user


def _next(request: HttpRequest) -> str:
    """Where to go after signing in: a path of this site, or ""."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if safe else ""


def _address(request: HttpRequest) -> str:
    """The visitor's network address. Behind HTTPS there is a proxy, and the last address in its header is what it saw itself."""
    forwarded = request.headers.get("X-Forwarded-For", "") if setting("server.https") else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
