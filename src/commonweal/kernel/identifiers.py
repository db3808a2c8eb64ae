"""Identifiers of things: read from any form people write, one printed form each.

Equal things print equal, so identifiers are compared as text. The printed form of each scheme:

========  =============================================================================================
hf        ``owner/name`` (model), ``datasets/owner/name``, ``spaces/owner/name``, ``datasets/name`` (before
          namespaces). Lower case: the Hub resolves names without regard to case, and registries differ in it.
github    ``owner/repository``, lower case
gitlab    ``group/…/project`` on gitlab.com, lower case
doi       ``10.prefix/suffix``, lower case; DOIs of arXiv and Zenodo become ``arxiv`` and ``zenodo``
arxiv     ``2401.01234`` or ``hep-th/9901001``, without version: all versions are one publication
ror       nine characters, checksum verified · orcid ``0000-0002-1825-0097``, checksum verified
wikidata  ``Q42`` · openml number of a dataset · zenodo number of a record
url       everything else on the web in normal form, see :func:`normal_url`
========  =============================================================================================

A part is not the whole: an owner's page, an issue, a file or a folder inside a repository is a ``url``, never the
repository (a monorepository holds hundreds of projects). The root of a branch, the readme and the lists that belong to
the whole repository (issues, releases, wiki) stand for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

RULES_VERSION = 1  # raise with every change of a rule: it moves which records match

SCHEMES = ("hf", "github", "gitlab", "doi", "arxiv", "ror", "wikidata", "orcid", "openml", "zenodo", "url")
MAX_CHARACTERS = 2048

_HOMES = {
    "hf": "https://huggingface.co/",
    "github": "https://github.com/",
    "gitlab": "https://gitlab.com/",
    "doi": "https://doi.org/",
    "arxiv": "https://arxiv.org/abs/",
    "ror": "https://ror.org/",
    "wikidata": "https://www.wikidata.org/wiki/",
    "orcid": "https://orcid.org/",
    "openml": "https://www.openml.org/d/",
    "zenodo": "https://zenodo.org/records/",
    "url": "",
}


class Identifier(NamedTuple):
    """A scheme and the one normal form of a value in it; ``str()`` prints ``scheme:value``."""

    scheme: str
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"

    @property
    def url(self) -> str:
        """Where the thing is found on the web."""
        value = quote(self.value, safe="/:;()._-~!$&'*+,=@") if self.scheme == "doi" else self.value
        return _HOMES[self.scheme] + value


def parse_identifier(raw: str, scheme: str | None = None) -> Identifier | None:
    """The identifier in ``raw``: a web address in any form, ``scheme:value``, a bare DOI or ORCID; None otherwise.

    ``scheme`` says how to read a bare value (``"owner/name"`` with ``"hf"``). An address speaks for itself, whatever
    ``scheme`` says. Never raises on rubbish.
    """
    if not isinstance(raw, str) or len(raw) > MAX_CHARACTERS:
        return None
    return _parse(raw, scheme)


@lru_cache(maxsize=16_384)
def _parse(raw: str, scheme: str | None) -> Identifier | None:
    raw = raw.strip().strip("<>")
    if not raw or not raw.isprintable():
        return None
    prefix, colon, rest = raw.partition(":")
    if colon:
        prefix = prefix.lower()
        if prefix in _READERS and not rest.startswith("//"):
            return _read(prefix, rest.strip())
        if prefix == "hf":  # hf://datasets/owner/name, as its libraries write
            return _read("hf", rest)
        if prefix == "info":
            return _read("doi", rest.removeprefix("doi/"))
    if (address := _ADDRESS.match(raw)) and (address["protocol"] or _is_known_host(address["host"])):
        return _from_address(address)
    if (copy := _SSH.match(raw)) is not None:
        return _read(copy[1].lower(), copy[2])
    if scheme in _READERS:
        return _read(scheme, raw)
    return _doi(raw) or _orcid(raw)


def _read(scheme: str, value: str) -> Identifier | None:
    if (address := _ADDRESS.match(value)) and (address["protocol"] or _is_known_host(address["host"])):
        return _from_address(address)
    return _READERS[scheme](value)


# -- web addresses ---------------------------------------------------------------------------------------------------

_ADDRESS = re.compile(
    r"(?:(?:git\+)?(?P<protocol>https?|ftp|git|ssh)://)?(?:[^\s/?#@]*@)?(?P<host>[^\s/?#@:\[\]]+)(?::(?P<port>[0-9]{0,5}))?"
    r"(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:#.*)?\Z",
    re.IGNORECASE,
)
_SSH = re.compile(r"(?:ssh://)?git@(github|gitlab)\.com[:/](.+)\Z", re.IGNORECASE)


def _is_known_host(host: str) -> bool:
    return host.lower() in _SITES or host[:4].lower() == "www."


def _from_address(address: re.Match[str]) -> Identifier | None:
    host = address["host"].lower().rstrip(".")
    site = _SITES.get(host) or _SITES.get(host.removeprefix("www."))
    if site is not None:
        path = unquote(address["path"]) if address["path"] and "%" in address["path"] else address["path"] or ""
        found = site(path, address["query"] or "")
        if found is not None:
            return found
    return _url_of(address)


def _segments(path: str) -> list[str]:
    """The path in its parts, empty and dot segments resolved."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    return segments


def _hf_site(address_path: str, query: str) -> Identifier | None:
    path = _segments(address_path)
    if path[:1] == ["api"]:
        path = path[1:]
        if path[:1] == ["models"]:
            path = path[1:]
    if path[:1] == ["papers"] and len(path) == 2:
        return _arxiv(path[1])
    kind = 1 if path and path[0].lower() in ("datasets", "spaces") else 0
    size = kind + 2
    if kind and len(path) > 2 and path[2] in _HF_VIEWS:
        size = 2  # a dataset from before namespaces
    if len(path) < 2 or not _is_whole(path[size:], _HF_VIEWS):
        return None
    return _hf("/".join(path[:size]))


def _github_site(address_path: str, query: str) -> Identifier | None:
    path = _segments(address_path)
    return _github("/".join(path[:2])) if _is_whole(path[2:], _REPOSITORY_VIEWS) else None


def _github_api(address_path: str, query: str) -> Identifier | None:
    path = _segments(address_path)
    return _github("/".join(path[1:])) if path[:1] == ["repos"] and len(path) == 3 else None


def _gitlab_site(address_path: str, query: str) -> Identifier | None:
    path = _segments(address_path)
    rest: list[str] = []
    if "-" in path:
        path, rest = path[: path.index("-")], path[path.index("-") + 1 :]
    return _gitlab("/".join(path)) if _is_whole(rest, _REPOSITORY_VIEWS) else None


_REPOSITORY_VIEWS = frozenset({"issues", "pulls", "releases", "wiki", "discussions", "merge_requests"})
_HF_VIEWS = frozenset({"tree", "blob", "resolve", "raw", "viewer", "discussions", "edit"})


def _is_whole(rest: list[str], views: frozenset[str]) -> bool:
    """Whether the path below a repository still stands for all of it."""
    if not rest:
        return True
    if rest[0] == "tree":
        return len(rest) <= 2
    if rest[0] in ("blob", "raw", "resolve"):
        return len(rest) == 3 and rest[2].lower().startswith("readme")
    return rest[0] in views and (len(rest) == 1 or rest[0] == "viewer")


def _doi_site(address_path: str, query: str) -> Identifier | None:
    return _doi(address_path.strip("/"))  # empty segments are part of a DOI


def _arxiv_site(address_path: str, query: str) -> Identifier | None:
    path = _segments(address_path)
    if path[:1] and path[0] in ("abs", "pdf", "html", "ps", "format", "e-print", "src"):
        return _arxiv("/".join(path[1:]))
    return None


def _ror_site(address_path: str, query: str) -> Identifier | None:
    path = _segments(address_path)
    return _ror(path[-1]) if path and path[:-1] in ([], ["organizations"], ["v2", "organizations"]) else None


def _wikidata_site(address_path: str, query: str) -> Identifier | None:
    path = _segments(address_path)
    if len(path) == 2 and path[0] in ("wiki", "entity"):
        return _wikidata(path[1])
    if path[:2] in (["wiki", "Special:EntityPage"], ["wiki", "Special:EntityData"]) and len(path) == 3:
        return _wikidata(path[2].partition(".")[0])
    return None


def _orcid_site(address_path: str, query: str) -> Identifier | None:
    path = _segments(address_path)
    return _orcid(path[0]) if len(path) == 1 else None


def _openml_site(address_path: str, query: str) -> Identifier | None:
    path = _segments(address_path)
    if len(path) == 2 and path[0] == "d":
        return _openml(path[1])
    if path == ["search"] and (number := re.search(r"(?:\A|&)id=(\d+)(?:&|\Z)", query)) and "type=data" in query:
        return _openml(number[1])
    if path[:2] == ["api", "v1"] and len(path) >= 4 and path[-2] == "data":
        return _openml(path[-1])
    return None


def _zenodo_site(address_path: str, query: str) -> Identifier | None:
    path = _segments(address_path)
    if path[:1] == ["api"]:
        path = path[1:]
    if len(path) == 2 and path[0] in ("record", "records"):
        return _zenodo(path[1])
    return _doi("/".join(path[1:])) if path[:1] == ["doi"] else None


_SITES: dict[str, Callable[[str, str], Identifier | None]] = {
    "huggingface.co": _hf_site,
    "hf.co": _hf_site,
    "github.com": _github_site,
    "api.github.com": _github_api,
    "gitlab.com": _gitlab_site,
    "doi.org": _doi_site,
    "dx.doi.org": _doi_site,
    "arxiv.org": _arxiv_site,
    "export.arxiv.org": _arxiv_site,
    "ar5iv.org": _arxiv_site,
    "ar5iv.labs.arxiv.org": _arxiv_site,
    "ror.org": _ror_site,
    "api.ror.org": _ror_site,
    "wikidata.org": _wikidata_site,
    "m.wikidata.org": _wikidata_site,
    "orcid.org": _orcid_site,
    "openml.org": _openml_site,
    "zenodo.org": _zenodo_site,
}

# -- bare values -----------------------------------------------------------------------------------------------------

_NAME = r"[a-z0-9_][a-z0-9_.-]{0,127}"
_HF = re.compile(rf"datasets/(?P<legacy>{_NAME})|(?:(?:datasets|spaces)/)?(?P<owner>{_NAME})/(?P<name>{_NAME})")
_HF_PAGES = frozenset(
    {
        "api", "blog", "changelog", "chat", "collections", "datasets", "docs", "enterprise", "inference",
        "join", "kernels", "learn", "login", "models", "new", "notifications", "oauth", "organizations",
        "papers", "posts", "pricing", "privacy", "search", "settings", "spaces", "storage", "support", "tasks",
        "terms-of-service"
    }
)  # fmt: skip
_GITHUB = re.compile(r"(?P<owner>[a-z0-9][a-z0-9-]{0,38})/(?P<name>[a-z0-9_.-]{1,100})")
_GITHUB_PAGES = frozenset(
    {
        "about", "account", "apps", "blog", "collections", "contact", "customer-stories", "enterprise",
        "events", "explore", "features", "issues", "join", "login", "marketplace", "new", "notifications",
        "organizations", "orgs", "pricing", "pulls", "readme", "search", "security", "sessions", "settings",
        "site", "signup", "sponsors", "stars", "topics", "trending", "users"
    }
)  # fmt: skip
_GITLAB = re.compile(rf"{_NAME}(?:/{_NAME}){{1,19}}")
_GITLAB_PAGES = frozenset(["admin", "api", "dashboard", "explore", "groups", "help", "projects", "search", "snippets", "users"])
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d{1,9})*/[^\s\"<>]+", re.ASCII)
_ARXIV = re.compile(
    r"(?P<new>\d\d(?:0[1-9]|1[0-2])\.\d{4,5})(?:v\d+)?|(?P<group>[a-z]+(?:-[a-z]+)?)(?:\.[a-z]{2})?/(?P<old>\d{7})(?:v\d+)?",
    re.ASCII,
)
_ROR = re.compile(r"0[a-hj-km-np-tv-z0-9]{6}\d\d", re.ASCII)
_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", re.ASCII)
_NUMBER = re.compile(r"0*([1-9]\d{0,14})", re.ASCII)


def _hf(value: str) -> Identifier | None:
    value = value.strip("/").lower()
    found = _HF.fullmatch(value)
    if not found or ".." in value:
        return None
    if found["legacy"]:
        return Identifier("hf", value)
    return None if found["owner"] in _HF_PAGES else Identifier("hf", value)


def _github(value: str) -> Identifier | None:
    value = value.strip("/").lower().removesuffix(".git")
    found = _GITHUB.fullmatch(value)
    if not found or found["owner"] in _GITHUB_PAGES or found["name"] in (".", ".."):
        return None
    return Identifier("github", value)


def _gitlab(value: str) -> Identifier | None:
    value = value.strip("/").lower().removesuffix(".git")
    if not _GITLAB.fullmatch(value) or value.partition("/")[0] in _GITLAB_PAGES:
        return None
    return Identifier("gitlab", value)


def _doi(value: str) -> Identifier | None:
    value = value.lower().rstrip(".,;/")
    if not value.startswith("10.") or not _DOI.fullmatch(value):
        return None
    if value.startswith("10.48550/arxiv."):
        return _arxiv(value[15:]) or Identifier("doi", value)
    if value.startswith("10.5281/zenodo."):
        return _zenodo(value[15:]) or Identifier("doi", value)
    return Identifier("doi", value)


def _arxiv(value: str) -> Identifier | None:
    value = value.lower().partition(" ")[0].removeprefix("arxiv:").removesuffix(".pdf")
    found = _ARXIV.fullmatch(value)
    if not found:
        return None
    return Identifier("arxiv", found["new"] or f"{found['group']}/{found['old']}")


def _ror(value: str) -> Identifier | None:
    """Nine characters: 0, six of Crockford's base 32, two check digits by ISO 7064 mod 97-10."""
    value = value.lower()
    if not _ROR.fullmatch(value):
        return None
    number = 0
    for character in value[:7]:
        number = number * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(character)
    return Identifier("ror", value) if 98 - number * 100 % 97 == int(value[7:]) else None


def _wikidata(value: str) -> Identifier | None:
    number = _NUMBER.fullmatch(value[1:])
    return Identifier("wikidata", f"Q{number[1]}") if number and value[0] in "Qq" else None


def _orcid(value: str) -> Identifier | None:
    """Sixteen digits, the last a check by ISO 7064 mod 11-2."""
    value = value.upper()
    if not _ORCID.fullmatch(value):
        return None
    total = 0
    for digit in value.replace("-", "")[:15]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return Identifier("orcid", value) if value[-1] == ("X" if check == 10 else str(check)) else None


def _openml(value: str) -> Identifier | None:
    number = _NUMBER.fullmatch(value)
    return Identifier("openml", number[1]) if number else None


def _zenodo(value: str) -> Identifier | None:
    number = _NUMBER.fullmatch(value)
    return Identifier("zenodo", number[1]) if number else None


# -- normal form of everything else ----------------------------------------------------------------------------------

_TRACKING = re.compile(r"(?:utm_[^=]*|fbclid|gclid|msclkid|mc_cid|mc_eid|igshid|_hsenc|_hsmi)(?:=.*)?", re.IGNORECASE)
_HOST = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
_PATH_SAFE = "/:;()._-~!$&'*+,=@%"


def normal_url(raw: str) -> str | None:
    """The web address in the form in which two spellings of it are equal; None when it is no public web address.

    Protocol ``https`` (the record's own ``url`` keeps what its source said), host in lower case and IDNA, no user, no
    default port, no fragment, no tracking parameters, no empty query, dot segments resolved, no slash at the end.
    """
    address = _ADDRESS.match(raw.strip())
    found = _url_of(address) if address else None
    return found.value if found else None


def _url(value: str) -> Identifier | None:
    return None  # a bare word is no address; addresses were read before


def _url_of(address: re.Match[str]) -> Identifier | None:
    protocol = (address["protocol"] or "https").lower()
    if protocol not in ("http", "https"):
        return None
    host = _ascii_host(address["host"])
    if host is None:
        return None
    port = address["port"]
    if port and (port := port.lstrip("0")) not in ("", "80", "443"):
        host = f"{host}:{port}"
    path = "".join(f"/{segment}" for segment in _segments(_quoted(address["path"] or "")))
    query = "&".join(pair for pair in (address["query"] or "").split("&") if pair and not _TRACKING.fullmatch(pair))
    value = f"https://{host}{path}" + (f"?{_quoted(query)}" if query else "")
    return Identifier("url", value) if len(value) <= MAX_CHARACTERS else None


def _ascii_host(host: str) -> str | None:
    host = host.lower().rstrip(".")
    if not host.isascii():
        import idna  # only for the few addresses that need it

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    return host if _HOST.fullmatch(host) else None


_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")


def _quoted(part: str) -> str:
    """Percent-encoding in one form: needless escapes undone, needed ones in capitals."""
    if "%" in part:
        part = _ESCAPE.sub(_one_escape, part)
        part = re.sub(r"%(?![0-9A-F]{2})", "%25", part)
    return part if part.isascii() and " " not in part else quote(part, safe=_PATH_SAFE + '?[]{}|\\^`"<>#')


def _one_escape(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in _UNRESERVED else found[0].upper()


_READERS: dict[str, Callable[[str], Identifier | None]] = {
    "hf": _hf,
    "github": _github,
    "gitlab": _gitlab,
    "doi": _doi,
    "arxiv": _arxiv,
    "ror": _ror,
    "wikidata": _wikidata,
    "orcid": _orcid,
    "openml": _openml,
    "zenodo": _zenodo,
    "url": _url,
}
