"""Accounts: invitations, sign-in with throttling, recovery codes. Pages and commands call these; nothing here knows HTTP forms.

Links and codes are random enough (256 and 80 bits) to be kept as plain SHA-256; whoever reads the database can use neither.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from commonweal.base.events import record_event
from commonweal.base.models import RecoveryCode, SignInFailure, SignInLink, User
from commonweal.base.permissions import SYSTEM, permit, require
from commonweal.kernel.errors import CommonwealError

LINK_HOURS = 24
RECOVERY_CODES = 10
WINDOW = timedelta(minutes=15)
#: Failures within the window that make the next attempt refused: of an account from one address, of an account, of an address.
MOST_PAIR, MOST_ACCOUNT, MOST_ADDRESS = 5, 30, 60
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what is mistaken for something else

permit("accounts.manage", role="steward")


def make_steward_link() -> str:
    """The token of a link that lets its holder make a steward's account, once, within a day. Earlier unused ones end."""
    SignInLink.objects.filter(user=None, role=User.Role.STEWARD).delete()
    return _make_link(role=User.Role.STEWARD)


def invite(by: Any, role: str) -> str:
    """The token of a link to make one account with ``role``. Needs ``accounts.manage``."""
    require(by, "accounts.manage")
    if role not in User.Role.values:
        raise CommonwealError("role-unknown", f"There is no role {role!r}.", f"Roles are {', '.join(User.Role.values)}.")
    with transaction.atomic():
        record_event(actor_of(by), "account.invited", f"role:{role}")
        return _make_link(role=role)


def make_sign_in_link(by: Any, user: User) -> str:
    """The token of a link that signs ``user`` in once, for who has lost password and codes. Needs ``accounts.manage``."""
    require(by, "accounts.manage")
    with transaction.atomic():
        record_event(actor_of(by), "account.link-made", user.actor)
        return _make_link(user=user)


def find_link(token: str) -> SignInLink:
    """The link of a token. Raises ``link-invalid`` when it was used, has run out or never was."""
    link = SignInLink.objects.select_related("user").filter(token_hash=_hash(token), expires_at__gt=timezone.now()).first()
    if link is None or (link.user is not None and not link.user.is_active):
        hint = _("Links work once and for a day. Ask for another.")
        raise CommonwealError("link-invalid", _("This link was used already or has run out."), hint, status=410)
    return link


def join(token: str, username: str, password: str) -> User:
    """Use an invitation: make the account. Raises ``link-invalid``, ``name-taken`` or ``password-weak``."""
    with transaction.atomic():
        link = _use_link(token)
        if link.user is not None:
            raise CommonwealError("link-invalid", "This link is for an account that exists.", status=410)
        taken = CommonwealError("name-taken", _("This name is taken."), _("Choose another."))
        if User.objects.filter(username__iexact=username).exists():
            raise taken
        _check_password(password, User(username=username))
        try:
            user = User.objects.create_user(username, password, role=link.role)
        except IntegrityError:  # somebody took it in this very moment
            raise taken from None
        record_event(user.actor, "account.made", user.actor, {"role": user.role})
    return user


def enter(token: str) -> User:
    """Use a sign-in link of an account that exists. Raises ``link-invalid``."""
    with transaction.atomic():
        link = _use_link(token)
        if link.user is None:
            raise CommonwealError("link-invalid", "This link is an invitation.", status=410)
        record_event(link.user.actor, "account.entered-by-link", link.user.actor)
    return link.user


def sign_in(username: str, password: str, address: str) -> User:
    """Who has this name and password. Raises ``sign-in-failed`` without saying which is wrong, or ``sign-in-throttled``."""
    _check_throttle(username, address)
    user = authenticate(username=username, password=password)
    if not isinstance(user, User):
        raise _failed(username, address)
    return user


def recover(username: str, code: str, address: str) -> User:
    """Who has this name and this recovery code, which is thereby used up. Raises as ``sign_in`` does."""
    _check_throttle(username, address)
    user = User.objects.filter(username=username, is_active=True).first()
    code_hash = _hash(_plain(code))
    with transaction.atomic():
        used = user.recovery_codes.filter(code_hash=code_hash).delete()[0] if user else 0
        if user and used:
            record_event(user.actor, "account.recovery-code-used", user.actor)
    if not user or not used:
        raise _failed(username, address)
    return user


def change_password(user: User, old: str | None, new: str) -> None:
    """Set a new password; ``old`` is None only for who came by a link or code. Raises ``password-wrong`` or ``password-weak``."""
    if old is not None and not user.check_password(old):
        raise CommonwealError("password-wrong", _("The old password is not right."))
    _check_password(new, user)
    with transaction.atomic():
        user.set_password(new)
        user.save(update_fields=["password"])
        record_event(user.actor, "account.password-changed", user.actor)


def renew_recovery_codes(user: User) -> list[str]:
    """Ten fresh codes, shown this once; earlier ones end."""
    codes = ["-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4)) for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        user.recovery_codes.all().delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=_hash(_plain(code))) for code in codes)
        record_event(user.actor, "account.recovery-codes-renewed", user.actor)
    return codes


def people() -> list[User]:
    """Every account, by name."""
    return list(User.objects.order_by("username"))


def set_role(by: Any, user: User, role: str) -> None:
    """Give an account another role. Needs ``accounts.manage``; the last steward stays one."""
    require(by, "accounts.manage")
    if role not in User.Role.values:
        raise CommonwealError("role-unknown", f"There is no role {role!r}.", f"Roles are {', '.join(User.Role.values)}.")
    with transaction.atomic():
        _keep_a_steward(user, leaves=role != User.Role.STEWARD)
        User.objects.filter(pk=user.pk).update(role=role)
        record_event(actor_of(by), "account.role-changed", user.actor, {"role": role})


def set_active(by: Any, user: User, active: bool) -> None:
    """Close or reopen an account. A closed one is signed out everywhere. Needs ``accounts.manage``."""
    require(by, "accounts.manage")
    with transaction.atomic():
        _keep_a_steward(user, leaves=not active)
        User.objects.filter(pk=user.pk).update(is_active=active)
        record_event(actor_of(by), "account.reopened" if active else "account.closed", user.actor)


def actor_of(user: Any) -> str:
    """How the event log names who did something: a person, or the command or job that SYSTEM stands for."""
    return "command:accounts" if user is SYSTEM else user.actor


def _keep_a_steward(user: User, *, leaves: bool) -> None:
    stewards = User.objects.select_for_update().filter(role=User.Role.STEWARD, is_active=True)
    if leaves and list(stewards.values_list("pk", flat=True)) == [user.pk]:
        raise CommonwealError("last-steward", f"{user.username} is the last steward.", "Make another person steward first.")


def _make_link(*, role: str = User.Role.CONTRIBUTOR, user: User | None = None) -> str:
    token = secrets.token_urlsafe(32)
    expires_at = timezone.now() + timedelta(hours=LINK_HOURS)
    SignInLink.objects.create(token_hash=_hash(token), role=role, user=user, expires_at=expires_at)
    return token


def _use_link(token: str) -> SignInLink:
    link = find_link(token)
    if not SignInLink.objects.filter(pk=link.pk).delete()[0]:  # used by another request since
        return find_link(token)
    return link


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise CommonwealError("password-weak", " ".join(error.messages)) from error


def _check_throttle(username: str, address: str) -> None:
    """Refuse before the password is looked at, so that a refused guess teaches nothing."""
    account_key, address_key = _throttle_keys(username, address)
    recent = SignInFailure.objects.filter(at__gt=timezone.now() - WINDOW)
    of_account = recent.filter(account=account_key)
    if (
        of_account.filter(address=address_key).count() >= MOST_PAIR
        or of_account.count() >= MOST_ACCOUNT
        or recent.filter(address=address_key).count() >= MOST_ADDRESS
    ):
        hint = _("Wait a quarter of an hour, then try again.")
        raise CommonwealError("sign-in-throttled", _("Too many failed attempts."), hint, status=429)


def _failed(username: str, address: str) -> CommonwealError:
    account_key, address_key = _throttle_keys(username, address)
    SignInFailure.objects.create(account=account_key, address=address_key)
    return CommonwealError("sign-in-failed", _("The name and what goes with it do not match."), status=401)


def _throttle_keys(username: str, address: str) -> tuple[str, str]:
    """Keyed hashes, so that the table tells nobody who was where."""
    return _keyed("account", username.strip().casefold()), _keyed("address", address)


def _keyed(salt: str, value: str) -> str:
    return salted_hmac(f"commonweal.sign-in.{salt}", value, algorithm="sha256").hexdigest()


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()
