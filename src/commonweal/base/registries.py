"""How upper rooms appear in lower ones: typed registries, filled in ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from django.utils.module_loading import import_string

if TYPE_CHECKING:  # app configurations import this module before there are models
    from django.http import HttpRequest

    from commonweal.base.feed import Consumer, Stored


class Entry(Protocol):
    """What a registry holds has a name; it may have an ``order``."""

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Entry)


class Registry(Generic[T]):
    """Named entries, iterated by ``order`` (0 where there is none), then as registered."""

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._entries: dict[str, T] = {}

    def register(self, entry: T) -> T:
        """Add an entry and return it. ValueError when its name is taken."""
        if entry.name in self._entries:
            raise ValueError(f"A {self._noun} named {entry.name!r} is registered already.")
        self._entries[entry.name] = entry
        return entry

    def __iter__(self) -> Iterator[T]:
        return iter(sorted(self._entries.values(), key=lambda entry: getattr(entry, "order", 0)))

    def __getitem__(self, name: str) -> T:
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __len__(self) -> int:
        return len(self._entries)


@dataclass(frozen=True, slots=True)
class Panel:
    """A tab on an entity's page; ``render`` answers HTML, or None when it has nothing to say about this entity."""

    name: str
    title: str
    order: int
    render: Callable[[HttpRequest, dict[str, Any]], str | None]


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter of the search; ``values`` reads a view, ``label(value, language tag)`` prints one.

    ``topics`` of the change feed, whose ids are those of entities, say that an entity's values may be different now.
    Where values lie in rows, ``many`` reads those of a batch of views at once (entity id → values) and is asked instead.
    """

    name: str
    title: str
    order: int
    values: Callable[[dict[str, Any]], Sequence[str]]
    label: Callable[[str, str], str]
    topics: tuple[str, ...] = ()
    many: Callable[[Sequence[dict[str, Any]]], Mapping[str, Sequence[str]]] | None = None


@dataclass(frozen=True, slots=True)
class HomeBlock:
    """A part of the front page, as HTML; ``data`` is what the front page's `.json` says of it, where it says anything."""

    name: str
    order: int
    render: Callable[[HttpRequest], str]
    data: Callable[[HttpRequest], Any] | None = None


class Deferred:
    """A follower of the feed whose module is imported when there is something for it to handle.

    ``Deferred("resolve", "commonweal.resolve.services.ResolveConsumer")``: what it computes with can take half a second to
    load, which a process that follows nothing should not pay.
    """

    def __init__(self, name: str, path: str) -> None:
        self.name = name
        self._path = path

    @cached_property
    def _consumer(self) -> Consumer:
        made: Consumer = import_string(self._path)()
        return made

    @property
    def topics(self) -> tuple[str, ...]:
        return self._consumer.topics

    @property
    def batch_size(self) -> int:
        return self._consumer.batch_size

    def handle(self, changes: Sequence[Stored]) -> None:
        self._consumer.handle(changes)


panels: Registry[Panel] = Registry("panel")
facets: Registry[Facet] = Registry("facet")
consumers: Registry[Consumer] = Registry("consumer")
home_blocks: Registry[HomeBlock] = Registry("home block")
