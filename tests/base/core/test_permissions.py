"""One function decides who may do what."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from commonweal.base import permissions
from commonweal.base.permissions import ROLES, SYSTEM, can, permit, require
from commonweal.kernel.errors import CommonwealError


@pytest.fixture(autouse=True)
def _declared(monkeypatch):
    monkeypatch.setattr(permissions, "_PERMISSIONS", {})
    for role in ROLES:
        permit(f"thing.{role}", role=role)
    permit("thing.edit", role="contributor", rule=lambda user, thing: thing["owner"] == user.name)


def person(role, **more):
    return SimpleNamespace(role=role, is_active=True, name="asha", **more)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_those_before_it_may(role):
    user = None if role == "visitor" else person(role)
    allowed = [needed for needed in ROLES if can(user, f"thing.{needed}")]
    assert allowed == list(ROLES[: ROLES.index(role) + 1])
    assert can(SYSTEM, f"thing.{role}")


def test_a_rule_narrows_and_is_not_asked_for_the_system():
    assert can(person("contributor"), "thing.edit", {"owner": "asha"})
    assert not can(person("steward"), "thing.edit", {"owner": "ben"})
    assert not can(None, "thing.edit", {"owner": "asha"})
    assert can(SYSTEM, "thing.edit", None)


def test_whoever_is_not_active_is_a_visitor():
    assert not can(SimpleNamespace(role="steward", is_active=False), "thing.steward")


def test_djangos_superuser_flag_opens_nothing():
    assert not can(person("contributor", is_superuser=True), "thing.curator")


def test_an_undeclared_action_is_an_error_for_everyone():
    for user in (None, person("steward"), SYSTEM):
        with pytest.raises(LookupError, match="never declared"):
            can(user, "thing.explode")


def test_a_declaration_is_unique_and_names_a_role():
    with pytest.raises(ValueError, match="twice"):
        permit("thing.edit", role="curator")
    with pytest.raises(ValueError, match="No role"):
        permit("thing.new", role="admin")


@pytest.mark.parametrize(("user", "says"), [(None, "Signing in"), (person("contributor"), "role curator")])
def test_require_says_what_is_needed(user, says):
    with pytest.raises(CommonwealError, match=says) as caught:
        require(user, "thing.curator")
    assert (caught.value.code, caught.value.status) == ("forbidden", 403)
