"""Bring the catalogues in line with the code: ``python -m commonweal.locale.update``, after any change of words.

New messages are added without a translation, removed ones are dropped; nothing is guessed ("fuzzy"). Then translate what
is empty and run the tests in ``tests/i18n``. The build compiles the catalogues.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

LOCALE: Final = Path(__file__).parent
PACKAGE: Final = LOCALE.parent
#: Language → its plural forms as gettext writes them (CLDR's rules; Babel's own for Arabic swap "many" and "other").
PLURALS: Final = {
    "fr": "nplurals=2; plural=(n > 1);",
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5);",
}
_HEADER: Final = """\
# commonweal in {language}. Not yet read by a speaker of the language.
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""

_METHODS: Final = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
_OPTIONS: Final = {"**/templates/**.html": {"trimmed": "true", "newstyle_gettext": "true"}}
_KEYWORDS: Final = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def extract() -> Catalog:
    """Every message in the code and templates of the package, with where it stands."""
    catalogue = Catalog(project="commonweal", charset="utf-8")
    found = extract_from_dir(
        PACKAGE,
        _METHODS,
        _OPTIONS,
        keywords=_KEYWORDS,
        comment_tags=("Translators:",),
        strip_comment_tags=True,
        directory_filter=lambda path: Path(path).name not in ("__pycache__", "migrations", "node_modules"),
    )
    for filename, line, message, comments, context in found:
        catalogue.add(message, locations=[(filename, line)], auto_comments=comments, context=context)
    return catalogue


def path(language: str) -> Path:
    """Where a language's catalogue lies."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """A language's catalogue; begun empty when there is none yet."""
    file = path(language)
    if not file.exists():
        write(language, Catalog(locale=language, fuzzy=False))
    with file.open("rb") as stream:
        return read_po(stream, locale=language, abort_invalid=True)


def update(language: str, template: Catalog) -> Catalog:
    """Write the language's catalogue with exactly the messages of ``template``; returns it."""
    catalogue = read(language)
    catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    write(language, catalogue)
    return catalogue


def write(language: str, catalogue: Catalog) -> None:
    """Write a catalogue so that only changed words change the file: sorted, without dates and line numbers."""
    file = path(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        stream.write(_HEADER.format(language=language, plurals=PLURALS[language]).encode())
        write_po(stream, catalogue, width=120, sort_output=True, include_lineno=False, omit_header=True)


def main() -> None:
    template = extract()
    for language in PLURALS:
        catalogue = update(language, template)
        empty = sum(1 for message in catalogue if message.id and not translated(message))
        print(f"{language}: {len(catalogue)} messages, {empty} without a translation")  # noqa: T201


def translated(message: Message) -> bool:
    """Whether a message has its words, in every plural form."""
    words = message.string or ""
    return bool(words) and (isinstance(words, str) or all(words))


if __name__ == "__main__":
    main()
