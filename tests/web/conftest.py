"""Pages are tested on a small node of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import transaction
from pytest_django import DjangoDbBlocker

from commonweal.base.home import VARIABLE
from fixture_node import populate


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Path]:
    """The fixture node, harvested, resolved and indexed once for the module; the database forgets it afterwards."""
    folder = tmp_path_factory.mktemp("node")
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setenv(VARIABLE, str(folder))
        populate()
        with django_db_blocker.block():
            yield folder
        transaction.set_rollback(True)


@pytest.fixture
def node(filled: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[Path]:
    """The filled node, for tests that change nothing in it."""
    monkeypatch.setenv(VARIABLE, str(filled))
    cache.clear()
    yield filled
    cache.clear()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home of the test's own."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    cache.clear()
    yield tmp_path
    cache.clear()
