"""Identifiers: one printed form for every way people write them, None for everything else."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from commonweal.kernel.identifiers import SCHEMES, Identifier, normal_url, parse_identifier

FORMS = {
    "hf:meta-llama/llama-3.1-8b": [
        "https://huggingface.co/meta-llama/Llama-3.1-8B",
        "http://www.huggingface.co/meta-llama/Llama-3.1-8B/",
        "https://hf.co/meta-llama/Llama-3.1-8B/tree/main",
        "huggingface.co/meta-llama/Llama-3.1-8B?library=transformers",
        "https://huggingface.co/meta-llama/Llama-3.1-8B/blob/main/README.md",
        "https://huggingface.co/api/models/meta-llama/Llama-3.1-8B",
        "hf:meta-llama/Llama-3.1-8B",
        "hf://meta-llama/Llama-3.1-8B",
    ],
    "hf:datasets/masakhane/afriqa": [
        "https://huggingface.co/datasets/masakhane/afriqa",
        "https://huggingface.co/datasets/masakhane/afriqa/viewer/default/train",
        "https://huggingface.co/datasets/masakhane/afriqa/tree/main#files",
        "hf:datasets/masakhane/afriqa",
    ],
    "hf:datasets/squad": ["https://huggingface.co/datasets/squad", "https://huggingface.co/datasets/squad/tree/main"],
    "hf:spaces/mteb/leaderboard": ["https://huggingface.co/spaces/mteb/leaderboard?task=x"],
    "github:openai/gpt-oss": [
        "https://github.com/openai/gpt-oss",
        "http://www.github.com/OpenAI/GPT-OSS.git",
        "git@github.com:openai/gpt-oss.git",
        "ssh://git@github.com/openai/gpt-oss.git",
        "git+https://github.com/openai/gpt-oss.git",
        "github.com/openai/gpt-oss/",
        "https://github.com/openai/gpt-oss/tree/main",
        "https://github.com/openai/gpt-oss/issues",
        "https://github.com/openai/gpt-oss?tab=readme-ov-file#usage",
        "https://api.github.com/repos/openai/gpt-oss",
        "github:openai/gpt-oss",
    ],
    "gitlab:a/b/c": ["https://gitlab.com/A/b/c.git", "https://gitlab.com/a/b/c/-/tree/main", "git@gitlab.com:a/b/c.git"],
    "doi:10.1093/bioinformatics/btz682": [
        "https://doi.org/10.1093/bioinformatics/btz682",
        "http://dx.doi.org/10.1093/Bioinformatics/btz682",
        "doi:10.1093/bioinformatics/btz682",
        "DOI: 10.1093/bioinformatics/btz682.",
        "10.1093/bioinformatics/btz682",
        "info:doi/10.1093/bioinformatics/btz682",
        "https://www.doi.org/10.1093%2Fbioinformatics%2Fbtz682",
    ],
    "doi:10.1016/0370-2693(91)90001-a": ["https://doi.org/10.1016/0370-2693(91)90001-A"],
    "arxiv:2401.01234": [
        "https://arxiv.org/abs/2401.01234v3",
        "http://export.arxiv.org/pdf/2401.01234.pdf",
        "https://www.arxiv.org/pdf/2401.01234v1",
        "arXiv:2401.01234v2 [cs.CL]",
        "https://doi.org/10.48550/arXiv.2401.01234",
        "https://huggingface.co/papers/2401.01234",
    ],
    "arxiv:hep-th/9901001": ["https://arxiv.org/abs/hep-th/9901001", "arXiv:hep-th/9901001v2"],
    "arxiv:math/0309136": ["https://arxiv.org/abs/math.GT/0309136", "arxiv:math/0309136"],
    "ror:05dxps055": ["https://ror.org/05dxps055", "ror.org/05DXPS055", "https://api.ror.org/organizations/05dxps055"],
    "wikidata:Q42": ["https://www.wikidata.org/wiki/Q42", "http://www.wikidata.org/entity/q42", "wikidata:Q42"],
    "orcid:0000-0002-1694-233X": ["https://orcid.org/0000-0002-1694-233x", "0000-0002-1694-233X"],
    "openml:61": [
        "https://www.openml.org/d/61",
        "https://www.openml.org/search?type=data&sort=runs&id=61&status=active",
        "https://openml.org/api/v1/json/data/61",
    ],
    "zenodo:1234567": [
        "https://zenodo.org/record/1234567",
        "https://www.zenodo.org/records/1234567#files",
        "https://doi.org/10.5281/zenodo.1234567",
        "https://zenodo.org/doi/10.5281/zenodo.1234567",
        "10.5281/Zenodo.1234567",
    ],
    "url:https://example.org/b?q=1": [
        "HTTP://Example.ORG:80/a/../b/?utm_source=x&q=1&fbclid=z#top",
        "https://user:secret@example.org/b?q=1",
        "url:https://example.org/b?q=1",
    ],
    "url:https://xn--mnchen-3ya.de/%C3%A4": ["http://münchen.de/ä", "https://xn--mnchen-3ya.de/%c3%a4/"],
    # A part is not the whole, an owner is no repository.
    "url:https://github.com/openai": ["https://github.com/openai/"],
    "url:https://huggingface.co/openai": ["https://huggingface.co/openai"],
    "url:https://github.com/a/b/issues/4": ["https://github.com/a/b/issues/4#issuecomment-1"],
    "url:https://github.com/a/b/tree/main/packages/c": ["https://github.com/a/b/tree/main/packages/c"],
    "url:https://github.com/a/b/blob/main/LICENSE": ["https://github.com/a/b/blob/main/LICENSE"],
    "url:https://huggingface.co/a/b/blob/main/LICENSE": ["https://huggingface.co/a/b/blob/main/LICENSE"],
    "url:https://github.com/topics/nlp": ["https://github.com/topics/nlp"],
    "url:https://huggingface.co/docs/hub": ["https://huggingface.co/docs/hub"],
    "url:https://huggingface.co/collections/a/b-1": ["https://huggingface.co/collections/a/b-1"],
    "url:https://gitlab.com/group": ["https://gitlab.com/group"],
    "url:https://ror.org/05dxps056": ["https://ror.org/05dxps056"],  # check digits wrong
}


@pytest.mark.parametrize(("printed", "raw"), [(printed, raw) for printed, forms in FORMS.items() for raw in forms])
def test_every_form_prints_the_same(printed: str, raw: str) -> None:
    assert str(parse_identifier(raw)) == printed


@pytest.mark.parametrize("printed", FORMS)
def test_printed_form_and_address_lead_back(printed: str) -> None:
    identifier = parse_identifier(printed)
    assert identifier is not None
    assert parse_identifier(str(identifier)) == identifier
    assert parse_identifier(identifier.url) == identifier


@pytest.mark.parametrize(
    "raw",
    [
        "", " ", "not an id", "owner/name", "hf:openai", "Q42", "2401.01234", "example.org/x", "http://", "https:///x", "doi:",
        "mailto:a@example.org", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://localhost/x",
        "http://[::1]/x", "https://exa mple.org/x", "http://a\x00b.org/", "0000-0002-1825-0098", "orcid:0000-0002-1825-0098",
        "wikidata:P31", "wikidata:Q٤٢", "arxiv:٢٤٠١.01234", "zenodo:٧",
        "wikidata:", "zenodo:0", "arxiv:2413.00001", "doi:10.12/x", "hf:a/../b", "github:topics/nlp",
        "https://" + "a" * 3000 + ".org", "http://münchen..de/", "https://.", "\ud800",
    ],
)  # fmt: skip
def test_rubbish_is_none(raw: str) -> None:
    assert parse_identifier(raw) is None


def test_scheme_reads_a_bare_value_but_an_address_speaks_for_itself() -> None:
    assert str(parse_identifier("OpenAI/gpt-oss-20b", "hf")) == "hf:openai/gpt-oss-20b"
    assert str(parse_identifier("OpenAI/gpt-oss", "github")) == "github:openai/gpt-oss"
    assert str(parse_identifier("2401.01234", "arxiv")) == "arxiv:2401.01234"
    assert str(parse_identifier("61", "openml")) == "openml:61"
    assert str(parse_identifier("https://gitlab.com/a/b", "github")) == "gitlab:a/b"
    assert str(parse_identifier("10.5281/zenodo.7", "doi")) == "zenodo:7"
    assert parse_identifier("owner/name", "no-such-scheme") is None


def test_wrong_types_are_none() -> None:
    for rubbish in (None, 5, ["https://example.org"], b"https://example.org"):
        assert parse_identifier(rubbish) is None  # type: ignore[arg-type]


def test_normal_url() -> None:
    assert normal_url(" https://Example.org/a%7Eb/%2f ") == "https://example.org/a~b/%2F"
    assert normal_url("https://github.com/A/B") == "https://github.com/A/B"
    assert normal_url("ftp://example.org/x") is None
    assert normal_url("https://faß.de/") != normal_url("https://fass.de/")


name = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True)
addresses = st.builds(
    "{}://{}/{}{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(
        ["example.org", "github.com", "huggingface.co", "gitlab.com", "doi.org", "arxiv.org", "zenodo.org", "openml.org",
         "www.wikidata.org", "orcid.org", "ror.org", "bücher.example"]
    ),
    st.lists(st.one_of(name, st.text(max_size=8), st.sampled_from(["datasets", "tree", "main", "-", "..", "abs"]))).map("/".join),
    st.one_of(st.just(""), st.text(max_size=10).map("?{}".format), st.text(max_size=10).map("#{}".format)),
)  # fmt: skip


@given(st.one_of(st.text(), addresses, st.builds("{}:{}".format, st.sampled_from(SCHEMES), st.one_of(st.text(), addresses))))
@example("https://example.org/%25%32%35")
@example("https://github.com/a/b%2Fissues")
@example("https://doi.org/10.1234/a%20b")
def test_parse_after_print_is_the_same(raw: str) -> None:
    identifier = parse_identifier(raw)
    if identifier is not None:
        assert identifier.scheme in SCHEMES
        assert parse_identifier(str(identifier)) == identifier
        assert parse_identifier(identifier.url) == identifier


@given(st.sampled_from(["hf", "github", "gitlab"]), name, name)
def test_repositories_compare_without_case(scheme: str, owner: str, repository: str) -> None:
    value = f"{owner}/{repository}"
    assert parse_identifier(value, scheme) == parse_identifier(value.upper().lower(), scheme)


@given(st.from_regex(r"10\.[0-9]{4,9}/[!-~]{1,30}", fullmatch=True))
def test_dois(raw: str) -> None:
    identifier = parse_identifier(raw)
    if identifier is not None:
        assert parse_identifier(raw.upper()) == identifier
        assert parse_identifier(identifier.url) == identifier


def test_identifier_is_a_pair() -> None:
    assert parse_identifier("wikidata:Q42") == ("wikidata", "Q42") == Identifier("wikidata", "Q42")
