"""Every word of the interface is there in every language, with the same placeholders and all plural forms."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from babel.messages.catalog import Message

from commonweal.locale import update

PACKAGE = update.PACKAGE
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
LANGUAGES = ("en", *update.PLURALS)


@pytest.fixture(scope="module")
def template():
    return {(message.context, _key(message.id)): message for message in update.extract() if message.id}


def _key(text: str | tuple[str, ...]) -> str:
    return text if isinstance(text, str) else text[0]


def _forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


@pytest.mark.parametrize("language", update.PLURALS)
def test_catalogue_holds_exactly_the_messages_of_the_code(language, template):
    catalogue = {(message.context, _key(message.id)) for message in update.read(language) if message.id}
    assert template.keys() - catalogue == set(), "run python -m commonweal.locale.update and translate"
    assert catalogue - template.keys() == set(), "run python -m commonweal.locale.update"


@pytest.mark.parametrize("language", update.PLURALS)
def test_every_message_is_translated(language):
    catalogue = update.read(language)
    assert [message.id for message in catalogue if message.id and (message.fuzzy or not update.translated(message))] == []


@pytest.mark.parametrize("language", update.PLURALS)
def test_placeholders_are_those_of_the_english(language):
    for message in update.read(language):
        if not message.id:
            continue
        english = set(PLACEHOLDER.findall(" ".join([message.id] if isinstance(message.id, str) else message.id)))
        forms = [set(PLACEHOLDER.findall(form)) for form in _forms(message)]
        assert all(form <= english for form in forms), message.id
        # Arabic says "one" and "two" without a number, so those forms may leave it out; the general one may not.
        assert forms[-1] == english, message.id


@pytest.mark.parametrize(("language", "count"), [("fr", 2), ("ar", 6)])
def test_plural_forms_are_complete(language, count):
    catalogue = update.read(language)
    assert catalogue.num_plurals == count
    plurals = [message for message in catalogue if isinstance(message.id, tuple)]
    assert plurals
    assert all(len(message.string) == count for message in plurals)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "لا مصادر"),
        (1, "مصدر واحد"),
        (2, "مصدران"),
        (3, "3 مصادر"),
        (11, "11 مصدرًا"),
        (99, "99 مصدرًا"),
        (100, "100 مصدر"),
        (103, "103 مصادر"),
    ],
)
def test_arabic_counts_as_arabic_does(number, words):
    from django.utils import translation

    with translation.override("ar"):
        assert translation.ngettext("%(n)s source", "%(n)s sources", number) % {"n": number} == words


def _leaves(value, path=""):
    """Every mapping whose keys are languages, with where it stands."""
    if isinstance(value, dict):
        if "en" in value and isinstance(value["en"], str):
            yield path, value
        else:
            for key, item in value.items():
                yield from _leaves(item, f"{path}.{key}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, f"{path}[{number}]")


@pytest.mark.parametrize(
    "file",
    sorted([*PACKAGE.glob("*/glossary.yaml"), PACKAGE / "search/doors.yaml"]),
    ids=lambda file: f"{file.parent.name}/{file.name}",
)
def test_words_kept_as_data_are_in_every_language(file: Path):
    texts = list(_leaves(yaml.safe_load(file.read_text("utf-8"))))
    assert texts
    for where, text in texts:
        assert set(text) == set(LANGUAGES), where
        assert all(text.values()), where
