"""Doors for other catalogues and search engines: OAI-PMH at ``/oai``, the sitemap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from commonweal.base.config import setting
from commonweal.catalogue import words
from commonweal.catalogue.core.kinds import KINDS
from commonweal.catalogue.exports import oai, presentable
from commonweal.catalogue.exports.oai import Entry, Fault, Window
from commonweal.catalogue.exports.site import Site
from commonweal.catalogue.models import Entity, Retired

#: The first characters of ids: one part of the sitemap each, so that a million entries stay within 50,000 a part.
PARTS: Final = "abcdefghijklmnopqrstuvwxyz234567"
CHUNK: Final = 1_000
#: verb → arguments it may have.
VERBS: Final = {
    "Identify": set(),
    "ListMetadataFormats": {"identifier"},
    "ListSets": {"resumptionToken"},
    "ListIdentifiers": {"from", "until", "set", "metadataPrefix", "resumptionToken"},
    "ListRecords": {"from", "until", "set", "metadataPrefix", "resumptionToken"},
    "GetRecord": {"identifier", "metadataPrefix"},
}


def site() -> Site:
    """This node as exports name it."""
    return Site(str(setting("server.address")).rstrip("/"), str(setting("node.name")))


@csrf_exempt  # the protocol allows POST, and nothing is written
def oai_pmh(request: HttpRequest) -> HttpResponse:
    """The OAI-PMH provider: Dublin Core, sets by kind, deletions kept for ever, tokens that never expire."""
    given = request.POST if request.method == "POST" else request.GET
    arguments = {name: str(given[name]) for name in given}
    here, now = site(), timezone.now()
    try:
        if arguments.get("verb") not in VERBS or len(given.getlist("verb")) != 1:
            raise Fault("badVerb", f"The verb is one of {', '.join(VERBS)}.")
        body = oai.answer(here, arguments, now, _content(arguments, given, here))
    except Fault as fault:
        body = oai.answer(here, arguments, now, [], fault)
    return HttpResponse(body, content_type="text/xml; charset=utf-8")


def _content(arguments: dict[str, str], given: Any, here: Site) -> list[Any]:
    verb, said = arguments["verb"], arguments.keys() - {"verb"}
    if wrong := sorted(said - VERBS[verb]) or sorted(name for name in said if len(given.getlist(name)) > 1):
        raise Fault("badArgument", f"{verb} does not take {', '.join(wrong)}, or takes it once.")
    if verb == "Identify":
        first = Entity.objects.order_by("updated").values_list("updated", flat=True).first()
        return oai.identify(here, first or timezone.now(), f"postmaster@{urlsplit(here.address).hostname}")
    if verb == "ListMetadataFormats":
        if "identifier" in arguments:
            _one(arguments["identifier"], here)
        return oai.formats()
    if verb == "ListSets":
        if "resumptionToken" in arguments:
            raise Fault("badResumptionToken", "The sets are one page.")
        return oai.sets({kind: words.kind_name(kind, many=True) for kind in KINDS})
    if verb == "GetRecord":
        if "identifier" not in arguments:
            raise Fault("badArgument", "GetRecord needs an identifier.")
        _prefix(arguments)
        return [oai.item(_one(arguments["identifier"], here), here, metadata=True)]
    window = _window(arguments)
    entries, further = _page(window)
    if not entries:
        raise Fault("noRecordsMatch", "Nothing changed in that time.")
    found = [oai.item(entry, here, metadata=verb == "ListRecords") for entry in entries]
    return [*found, oai.resumption(further)] if further or "resumptionToken" in arguments else found


def _prefix(arguments: dict[str, str]) -> None:
    if "metadataPrefix" not in arguments:
        raise Fault("badArgument", "metadataPrefix is missing.")
    if arguments["metadataPrefix"] != "oai_dc":
        raise Fault("cannotDisseminateFormat", "Only oai_dc is given.")


def _window(arguments: dict[str, str]) -> Window:
    if token := arguments.get("resumptionToken"):
        if arguments.keys() - {"verb", "resumptionToken"}:
            raise Fault("badArgument", "resumptionToken stands alone.")
        return Window.of(token)
    _prefix(arguments)
    start, until = arguments.get("from", ""), arguments.get("until", "")
    if start and until and len(start) != len(until):
        raise Fault("badArgument", "from and until must be equally precise.")
    window = Window(oai.moment(start), oai.moment(until, end=True), arguments.get("set", ""))
    if window.start and window.until and window.start > window.until:
        raise Fault("badArgument", "from is later than until.")
    return window


def _page(window: Window) -> tuple[list[Entry], Window | None]:
    """The next entries of a walk: first those that are, by when they changed, then those that are no more."""
    found: list[Entry] = []
    if not window.gone:
        rows = _within(Entity.objects.all(), "updated", window).values_list("id", "updated", "kind", "view")[: oai.PAGE + 1]
        found = [Entry(pk, at, kind, presentable(orjson.loads(view))) for pk, at, kind, view in rows]
        if len(found) > oai.PAGE:
            return found[: oai.PAGE], _further(window, found[oai.PAGE - 1])
        window = window._replace(gone=True, after=("", ""))
    room = oai.PAGE - len(found)
    rows = _within(Retired.objects.all(), "at", window).values_list("id", "at", "kind")[: room + 1]
    gone = [Entry(pk, at, kind, None) for pk, at, kind in rows]
    if len(gone) > room:
        return [*found, *gone[:room]], _further(window, gone[room - 1]) if room else window
    return [*found, *gone], None


def _within(rows: Any, stamp: str, window: Window) -> Any:
    """Rows of a window from after the last one given, in order. Times are asked to the second, inclusive at both ends."""
    if window.kind:
        rows = rows.filter(kind=window.kind)
    if window.start:
        rows = rows.filter(**{f"{stamp}__gte": datetime.fromisoformat(window.start)})
    if window.until:
        rows = rows.filter(**{f"{stamp}__lt": datetime.fromisoformat(window.until) + timedelta(seconds=1)})
    at, pk = window.after
    if at:
        last = datetime.fromisoformat(at)
        rows = rows.filter(Q(**{f"{stamp}__gt": last}) | Q(**{stamp: last}, id__gt=pk))
    return rows.order_by(stamp, "id")


def _further(window: Window, last: Entry) -> Window:
    return window._replace(after=(last.stamp.astimezone(UTC).isoformat(), last.id))


def _one(identifier: str, here: Site) -> Entry:
    entity = identifier.rpartition(":")[2]
    if identifier == oai.identifier(entity, here):
        if row := Entity.objects.filter(pk=entity).values_list("updated", "kind", "view").first():
            return Entry(entity, row[0], row[1], presentable(orjson.loads(row[2])))
        if gone := Retired.objects.filter(pk=entity).values_list("at", "kind").first():
            return Entry(entity, *gone, None)
    raise Fault("idDoesNotExist", "Nothing here answers to that identifier.")


def sitemap(request: HttpRequest) -> HttpResponse:
    """The index of the sitemap's parts."""
    address = site().address
    parts = "".join(f"<sitemap><loc>{address}/sitemap-{part}.xml</loc></sitemap>\n" for part in PARTS)
    namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{namespace}">\n{parts}</sitemapindex>\n'
    return HttpResponse(body, content_type="application/xml")


def sitemap_part(request: HttpRequest, part: str) -> StreamingHttpResponse:
    """The addresses of the entries whose id begins with a letter, streaming."""
    if len(part) != 1 or part not in PARTS:
        raise Http404
    return StreamingHttpResponse(_addresses(part), content_type="application/xml")


def _addresses(part: str) -> Iterator[bytes]:
    here, after = site(), part
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    while True:
        rows = Entity.objects.filter(id__gt=after, id__startswith=part).order_by("id").values_list("id", "updated")[:CHUNK]
        batch = list(rows)
        lines = (f"<url><loc>{here.entity(pk)}</loc><lastmod>{at.date().isoformat()}</lastmod></url>\n" for pk, at in batch)
        yield "".join(lines).encode()
        if len(batch) < CHUNK:
            break
        after = batch[-1][0]
    yield b"</urlset>\n"
