"""From a :class:`~commonweal.search.core.query.Query` to tantivy's queries: what matches, and what ranks it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from tantivy import FieldType, Occur
from tantivy import Query as Clause

from commonweal.kernel.identifiers import parse_identifier
from commonweal.kernel.text import fold
from commonweal.search.core.analyse import alternatives, is_unspaced, split
from commonweal.search.core.query import Filter, Query, Range, Term
from commonweal.search.index import Snapshot

#: What a word in the title weighs beside one in the text, an identifier beside both.
TITLE_WEIGHT: Final = 2.5
PHRASE_WEIGHT: Final = 2.0
IDENTIFIER_WEIGHT: Final = 12.0
PREFIX_WEIGHT: Final = 0.3
TYPO_WEIGHTS: Final = {1: 0.15, 2: 0.05}
#: A word in fewer entries than this may be a typing error.
RARE: Final = 5
_MAX_PHRASE: Final = 48

_IDENTIFIER_LIKE: Final = re.compile(r"[^\W_][/:._@-]+[^\W_]")


@dataclass(frozen=True, slots=True)
class Matcher:
    """Compiles queries against one snapshot of the index.

    ``wide`` also accepts words that begin like the last one, and words a typing error away from rare ones.
    """

    snapshot: Snapshot
    offers: bool = False
    wide: bool = False

    def matching(self, query: Query, *, without: str = "") -> Clause:
        """Which entries match; scores mean nothing. ``without``: leave out the filters on this facet."""
        return self._boolean([], query, without)

    def ranking(self, query: Query) -> Clause:
        """The same entries, scored: as written before folded before stemmed, title before text, phrases first."""
        should: list[tuple[Any, Clause]] = []
        words: list[str] = []
        last = _last(query)
        for term in query.terms:
            if not term.negated:
                if (title := self._term("title", term, last=term is last)) is not None:
                    should.append((Occur.Should, Clause.boost_query(title, TITLE_WEIGHT)))
                words.append(term.text)
        if words:
            name = fold(" ".join(words))
            should.append((Occur.Should, Clause.boost_query(self._exactly("identifier", name), IDENTIFIER_WEIGHT)))
        pieces: list[Any] = [*split(fold(" ".join(words)))]
        if len(words) > 1 and 1 < len(pieces) <= _MAX_PHRASE:
            should.append(
                (Occur.Should, Clause.boost_query(Clause.phrase_query(self.snapshot.schema, "title", pieces), PHRASE_WEIGHT))
            )
        return self._boolean(should, query, "")

    def _boolean(self, should: list[tuple[Any, Clause]], query: Query, without: str) -> Clause:
        clauses = list(should)
        required = 0
        last = _last(query)
        for term in query.terms:
            found = self._term("text", term, last=term is last)
            if found is None:
                continue
            clauses.append((Occur.MustNot if term.negated else Occur.Must, found))
            required += not term.negated
        for clause in self._filters(query.filters, without):
            clauses.append(clause)
            required += clause[0] == Occur.Must
        for limit in query.ranges:
            clauses.append((Occur.Must, _unscored(self._range(limit))))
            required += 1
        if not self.offers and "offer" not in query.values("kind"):
            clauses.append((Occur.MustNot, self._exactly("facet_kind", "offer")))
        if not required:
            clauses.append((Occur.Must, _unscored(Clause.all_query())))
        return Clause.boolean_query(clauses)

    # Terms

    def _term(self, field: str, term: Term, *, last: bool = False) -> Clause | None:
        """Where a term stands in ``field``; None when it holds nothing that can be looked up."""
        words = split(fold(term.text))[:_MAX_PHRASE]
        found: list[Clause] = []
        if len(words) == 1 and not term.phrase:
            written = split(term.text.lower())
            found = list(self._word(field, written[0] if len(written) == 1 else words[0], prefix=term.prefix, last=last))
        elif words:
            found = [self._phrase(field, words, prefix=term.prefix)]
        if field == "text" and not term.phrase and _IDENTIFIER_LIKE.search(term.text):
            found += self._identifier(term.text, prefix=term.prefix or self.wide)
        if not found:
            return Clause.empty_query() if words else None
        return found[0] if len(found) == 1 else Clause.boolean_query([(Occur.Should, query) for query in found])

    def _word(self, field: str, word: str, *, prefix: bool, last: bool) -> Iterable[Clause]:
        schema, searcher = self.snapshot.schema, self.snapshot.searcher
        frequency = 0
        ceiling = math.inf
        for term, weight in alternatives(word):
            if count := searcher.doc_freq(field, term):
                # A rare form must not outrank the word as written for being rare.
                rarity = _rarity(count, searcher.num_docs)
                ceiling = min(ceiling, rarity)
                found = Clause.term_query(schema, field, term, index_option="freq")
                yield Clause.boost_query(found, weight * ceiling / rarity)
                frequency += count
        folded = fold(word)
        single = is_unspaced(folded) and len(folded) == 1
        if prefix or single or (self.wide and last and len(folded) >= 2):
            yield Clause.boost_query(Clause.fuzzy_term_query(schema, field, folded, 0, True, True), PREFIX_WEIGHT)
        if self.wide and frequency < RARE and not is_unspaced(folded):
            for distance in range(1, self._errors(folded) + 1):
                found = Clause.fuzzy_term_query(schema, field, folded, distance)
                yield Clause.boost_query(found, TYPO_WEIGHTS[distance])

    def _errors(self, word: str) -> int:
        """How many typing errors a word is granted: a second one, dear to look for, where the first explains little."""
        if len(word) < 8:
            return 1 if len(word) >= 4 else 0
        near = Clause.fuzzy_term_query(self.snapshot.schema, "text", word, 1)
        return 1 if self.snapshot.remember(("near", word), lambda: self.snapshot.count(near)) >= RARE else 2

    def _phrase(self, field: str, words: list[Any], *, prefix: bool) -> Clause:
        schema = self.snapshot.schema
        if len(words) > 1:
            return (Clause.phrase_prefix_query if prefix else Clause.phrase_query)(schema, field, words)
        return Clause.fuzzy_term_query(schema, field, words[0], 0, True, True) if prefix else self._exactly(field, words[0])

    def _identifier(self, text: str, *, prefix: bool) -> Iterable[Clause]:
        """The entries that go by this name or address, in whichever form it was pasted."""
        names = {fold(text): None, fold(text.rstrip("/")): None}
        if identifier := parse_identifier(text):
            names |= {fold(str(identifier)): None, fold(identifier.value): None}
        for name in names:
            yield Clause.boost_query(self._exactly("identifier", name), IDENTIFIER_WEIGHT)
        if prefix:
            yield Clause.fuzzy_term_query(self.snapshot.schema, "identifier", fold(text), 0, True, True)

    def _exactly(self, field: str, value: str) -> Clause:
        return Clause.term_query(self.snapshot.schema, field, value, index_option="basic")

    # Filters

    def _filters(self, filters: Iterable[Filter], without: str) -> Iterable[tuple[Any, Clause]]:
        """Values of one facet are alternatives, also when they come from two filters; facets must all hold."""
        wanted: dict[str, list[str]] = {}
        for item in filters:
            if item.negated:
                for value in item.values:
                    yield Occur.MustNot, self._exactly(f"facet_{item.field}", value.lower())
            elif item.field != without:
                wanted.setdefault(item.field, []).extend(item.values)
        for field, values in wanted.items():
            terms = [self._exactly(f"facet_{field}", value.lower()) for value in dict.fromkeys(values)]
            found = terms[0] if len(terms) == 1 else Clause.boolean_query([(Occur.Should, term) for term in terms])
            yield Occur.Must, _unscored(found)

    def _range(self, limit: Range) -> Clause:
        # Whole numbers: "more than" is "at least one more".
        bounds: dict[str, Any] = {
            ">": {"lower_bound": limit.value + 1},
            ">=": {"lower_bound": limit.value},
            "<": {"upper_bound": limit.value - 1},
            "<=": {"upper_bound": limit.value},
        }[limit.operator]
        return Clause.range_query(self.snapshot.schema, f"number_{limit.field}", FieldType.Integer, **bounds)


def _last(query: Query) -> Term | None:
    """The word a reader may still be typing."""
    return next((term for term in reversed(query.terms) if not term.negated), None)


def _unscored(query: Clause) -> Clause:
    return Clause.const_score_query(query, 0.0)


def _rarity(count: int, documents: int) -> float:
    """The inverse document frequency of BM25 as the index computes it."""
    return math.log(1 + (max(documents, count) - count + 0.5) / (count + 0.5))
