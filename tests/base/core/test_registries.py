"""Registries keep order and refuse a name that is taken."""

from __future__ import annotations

import pytest

from commonweal.base.registries import HomeBlock, Registry


def block(name: str, order: int) -> HomeBlock:
    return HomeBlock(name, order, lambda request: "")


def test_iteration_is_by_order_then_as_registered():
    registry: Registry[HomeBlock] = Registry("home block")
    entries = [registry.register(block(name, order)) for name, order in (("c", 2), ("a", 1), ("b", 1))]
    assert [entry.name for entry in registry] == ["a", "b", "c"]
    assert registry["c"] is entries[0]
    assert "c" in registry
    assert len(registry) == 3


def test_a_name_is_registered_once():
    registry: Registry[HomeBlock] = Registry("home block")
    registry.register(block("a", 1))
    with pytest.raises(ValueError, match="home block named 'a'"):
        registry.register(block("a", 2))
