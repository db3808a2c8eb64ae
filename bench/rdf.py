"""Bench: DCAT and Croissant in RDF, read to items by the `rdf` format and by a reader on rdflib, on the same file in one run.

    python bench/rdf.py FILE.ttl [--class schema:Dataset] [--peer PYTHON]

The peer needs rdflib, which the program does not: name a Python that has it (`python -m venv x && x/bin/pip install rdflib`).
Both readers make the same thing: one nested object for each thing of the class, keys compact, to the same depth,
the insides of Croissant's record sets left alone.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

PEER = """
import json, sys, time
from rdflib import BNode, Graph, Literal, RDF, URIRef

def read(path, wanted):
    graph = Graph()
    graph.parse(path, format={formats}.get(path.rpartition(".")[2], "turtle"))
    def made(node, above):
        said = {{"@id": str(node)}} if isinstance(node, URIRef) else {{}}
        for predicate, value in graph.predicate_objects(node):
            if isinstance(value, Literal):
                one = str(value)
            elif len(above) <= {depth} and str(predicate) != {unopened!r} and value not in above and (value, None, None) in graph:
                one = made(value, (*above, value))
            else:
                one = str(value)
            said.setdefault(str(predicate), []).append(one)
        return said
    return [made(node, (node,)) for name in wanted for node in graph.subjects(RDF.type, URIRef(name))]

best, count = float("inf"), 0
for _ in range({rounds}):
    start = time.perf_counter()
    count = len(read(sys.argv[1], sys.argv[2].split()))
    best = min(best, time.perf_counter() - start)
print(json.dumps({{"seconds": best, "things": count}}))
"""
FORMATS = {"ttl": "turtle", "nt": "nt", "rdf": "xml", "xml": "xml", "jsonld": "json-ld"}


def ours(path: Path, name: str, rounds: int) -> tuple[float, int]:
    """Best seconds and number of things of our own reader."""
    from commonweal.catalogue.sources.graph import read_graph

    best, count = float("inf"), 0
    for _ in range(rounds):
        start = time.perf_counter()
        count = len(list(read_graph(path.read_bytes(), "https://bench.example/").of_class(name)))
        best = min(best, time.perf_counter() - start)
    return best, count


def theirs(path: Path, name: str, rounds: int, python: str) -> tuple[float, int]:
    """The same of the reader on rdflib, in a process of its own Python."""
    from commonweal.catalogue.sources.graph import MAX_LEVELS, PREFIXES

    prefix, _, rest = name.partition(":")
    iri = PREFIXES[prefix] + rest
    classes = " ".join({iri, iri.replace("https://schema.org", "http://schema.org")})
    code = PEER.format(formats=FORMATS, depth=MAX_LEVELS, unopened=PREFIXES["cr"] + "recordSet", rounds=rounds)
    done = subprocess.run([python, "-c", code, str(path), classes], capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    return said["seconds"], said["things"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--class", dest="name", default="schema:Dataset")
    parser.add_argument("--peer", default=sys.executable, help="a Python that has rdflib")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    seconds, things = ours(given.file, given.name, given.rounds)
    peer_seconds, peer_things = theirs(given.file, given.name, given.rounds, given.peer)
    print(f"commonweal {seconds:.3f} s, {things} things; rdflib {peer_seconds:.3f} s, {peer_things} things")
    print(f"ratio {peer_seconds / seconds:.1f}x")


if __name__ == "__main__":
    main()
