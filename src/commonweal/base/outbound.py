"""The one way out to the web: bounded downloads from public hosts, whatever address a person or a source typed.

Every connection is made to an address that was checked in the same step, so a name cannot point elsewhere between the
check and the use (DNS re-binding). Every redirect is checked as if it had been typed.
"""

from __future__ import annotations

import email.utils
import ipaddress
import logging
import os
import random
import socket
import ssl
import tempfile
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpcore
import httpx

from commonweal import __version__
from commonweal.base.config import setting
from commonweal.kernel.errors import CommonwealError

log = logging.getLogger(__name__)

USER_AGENT: Final = f"commonweal/{__version__} (public-interest AI catalogue)"
MAX_REDIRECTS: Final = 5
PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
CHUNK_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one download.

    Attributes:
        connect_seconds, idle_seconds: to connect, and between two arriving bytes.
        total_seconds: for one attempt, redirects included.
        max_bytes: unpacked.
        max_ratio: unpacked bytes for each packed one, once a megabyte is unpacked.
        attempts: tries for a passing failure.
        max_wait_seconds: longest wait between two tries; a server that asks for more ends the download.
    """

    connect_seconds: float = 10
    idle_seconds: float = 30
    total_seconds: float = 900
    max_bytes: int = 2 * 1024**3
    max_ratio: int = 200
    attempts: int = 4
    max_wait_seconds: float = 60


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A finished download, or the news that nothing changed (`unchanged`: `path` was not written).

    `headers` are the answer's, their names in lower case.
    """

    path: Path
    url: str
    etag: str | None
    modified: str | None
    unchanged: bool = False
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(slots=True)
class _Breaker:
    """Consecutive failures of a host; after the fifth it is left alone for a minute."""

    failures: int = 0
    open_until: float = 0

    THRESHOLD: Final = 5
    REST_SECONDS: Final = 60


class _Passing(Exception):  # noqa: N818 (leads to another try, not to the caller)
    """A failure that may be gone at the next try."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(slots=True)
class Outbound:
    """Downloads within limits from public hosts.

    Args:
        allow_hosts: host names or addresses that may be private (a mirror in the house, a replay, a test);
            the setting `outbound.allow_hosts` when not given.
        sleep, clock: replaced in tests.
    """

    allow_hosts: Collection[str] = field(default_factory=lambda: setting("outbound.allow_hosts"))
    limits: Limits = field(default_factory=Limits)
    user_agent: str = USER_AGENT
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _breakers: dict[str, _Breaker] = field(default_factory=dict)

    def download(
        self,
        url: str,
        target: Path,
        *,
        etag: str | None = None,
        modified: str | None = None,
        accept: str = "*/*",
        answers: Collection[int] = (),
    ) -> Downloaded:
        """Fetches `url` into the file `target`, which changes only when the whole body has arrived.

        Args:
            etag, modified: what the last download reported; the server may answer that nothing changed.
            accept: the media types wanted, as in HTTP.
            answers: HTTP statuses besides 200 whose body is an answer too: some protocols put their errors into one.

        Raises:
            CommonwealError: `address-refused` (scheme, credentials, private host, redirect),
                `outbound-failed` (the server says no), `outbound-unavailable` (no answer after all tries),
                `outbound-too-large`.
        """
        headers = {"User-Agent": self.user_agent, "Accept-Encoding": "gzip", "Accept": accept}
        if etag:
            headers["If-None-Match"] = etag
        if modified:
            headers["If-Modified-Since"] = modified
        host = _checked(url).host
        breaker = self._breakers.setdefault(host, _Breaker())
        if breaker.open_until > self.clock():
            raise _unavailable(url, "it failed several times in a row and is left alone for a minute")
        for attempt in range(1, self.limits.attempts + 1):
            try:
                got = self._attempt(url, target, headers, answers)
            except _Passing as failure:
                breaker.failures += 1
                if breaker.failures >= breaker.THRESHOLD:
                    breaker.open_until = self.clock() + breaker.REST_SECONDS
                wait = failure.wait if failure.wait is not None else 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311
                if attempt == self.limits.attempts or wait > self.limits.max_wait_seconds or breaker.open_until:
                    raise _unavailable(url, str(failure)) from failure
                log.info("%s: %s; next try in %.1f s", _shown(url), failure, wait)
                self.sleep(wait)
            else:
                self._breakers[host] = _Breaker()
                return got
        raise AssertionError("unreachable")

    def address_of(self, url: str) -> tuple[str, int, str]:
        """Host, port and checked IP address of `url`, for another program (git) that is to connect there and nowhere else.

        Raises:
            CommonwealError: `address-refused`, `outbound-unavailable` when the name is not known.
        """
        parsed = _checked(url)
        port = parsed.port or (443 if parsed.scheme == "https" else 80)
        try:
            return parsed.host, port, _Guard(self.allow_hosts, 0, self.clock).addresses(parsed.host, port)[0]
        except httpcore.ConnectError as error:
            raise _unavailable(url, str(error)) from error

    def _attempt(self, url: str, target: Path, headers: dict[str, str], answers: Collection[int]) -> Downloaded:
        deadline = self.clock() + self.limits.total_seconds
        seconds = httpx.Timeout(self.limits.idle_seconds, connect=self.limits.connect_seconds)
        with httpx.Client(
            transport=_Transport(_Guard(self.allow_hosts, deadline, self.clock)),
            timeout=seconds,
            trust_env=False,
            follow_redirects=False,
        ) as client:
            try:
                return self._follow(client, url, target, headers, answers)
            except (httpx.TransportError, httpx.InvalidURL, httpx.StreamError) as error:
                raise _Passing(f"{type(error).__name__}: {error}"[:200]) from error

    def _follow(
        self, client: httpx.Client, url: str, target: Path, headers: dict[str, str], answers: Collection[int]
    ) -> Downloaded:
        here = _checked(url)
        for _ in range(MAX_REDIRECTS + 1):
            with client.stream("GET", here, headers=headers) as answer:
                if answer.status_code not in REDIRECTS:
                    return self._receive(answer, target, answers)
                there = _checked(str(here.join(answer.headers.get("location", ""))))
            if here.scheme == "https" and there.scheme == "http":
                raise _refused(str(there), "leads from https to http")
            here = there
        raise _refused(url, f"redirects more than {MAX_REDIRECTS} times")

    def _receive(self, answer: httpx.Response, target: Path, answers: Collection[int]) -> Downloaded:
        url, status = str(answer.url), answer.status_code
        etag, modified = answer.headers.get("etag"), answer.headers.get("last-modified")
        if status == 304:
            return Downloaded(target, url, etag, modified, unchanged=True)
        if status in PASSING and status not in answers:
            raise _Passing(f"HTTP {status}", _retry_after(answer.headers.get("retry-after")))
        if status != 200 and status not in answers:
            raise CommonwealError("outbound-failed", f"{_shown(url)} answered HTTP {status}.", "Check the address.", status=502)
        declared = answer.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > self.limits.max_bytes:
            raise _too_large(url, self.limits.max_bytes)
        handle, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.")
        try:
            with os.fdopen(handle, "wb") as file:
                for part in self._body(answer):
                    file.write(part)
            Path(draft).replace(target)
        finally:
            Path(draft).unlink(missing_ok=True)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Downloaded(target, url, etag, modified, status=status, headers=headers)

    def _body(self, answer: httpx.Response) -> Iterator[bytes]:
        """The unpacked body, never more than a chunk beyond the limits."""
        packing = answer.headers.get("content-encoding", "identity").lower()
        if packing not in ("identity", "gzip", "x-gzip"):
            raise CommonwealError(
                "outbound-failed", f"{_shown(str(answer.url))} is packed as {packing!r}.", "Only gzip is read.", status=502
            )
        unpack = None if packing == "identity" else zlib.decompressobj(16 + zlib.MAX_WBITS)
        packed = unpacked = 0
        for raw in answer.iter_raw(CHUNK_BYTES):
            packed += len(raw)
            for part in _unpacked(raw, unpack):
                unpacked += len(part)
                if unpacked > self.limits.max_bytes:
                    raise _too_large(str(answer.url), self.limits.max_bytes)
                if unpacked > 1024**2 and unpacked > packed * self.limits.max_ratio:
                    raise CommonwealError(
                        "outbound-too-large",
                        f"{_shown(str(answer.url))} unpacks to more than {self.limits.max_ratio} times its size.",
                        status=502,
                    )
                yield part
        if unpack is not None and not unpack.eof:
            raise _Passing("the packed body ends too early")


def _unpacked(raw: bytes, unpack: Any) -> Iterator[bytes]:
    if unpack is None:
        yield raw
        return
    try:
        while raw and not unpack.eof:
            yield unpack.decompress(raw, CHUNK_BYTES * 16)
            raw = unpack.unconsumed_tail
    except zlib.error as error:
        raise _Passing(f"the packed body is damaged: {error}") from error


class _Transport(httpx.HTTPTransport):
    """httpx over a pool that connects through the guard. Proxies of the environment are not used: they would resolve
    the name a second time."""

    def __init__(self, guard: _Guard) -> None:
        self._pool = httpcore.ConnectionPool(ssl_context=_ssl_context(), network_backend=guard, max_connections=1)


@cache
def _ssl_context() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class _Guard(httpcore.NetworkBackend):
    """Resolves, checks and connects in one step, under a deadline for the whole attempt."""

    def __init__(self, allow_hosts: Collection[str], deadline: float, clock: Callable[[], float]) -> None:
        self._allow = {host.lower().strip("[]") for host in allow_hosts}
        self._deadline = deadline
        self._clock = clock
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """Connects to the first checked address that answers.

        Raises:
            CommonwealError: `address-refused` when any address of the name is not public.
        """
        addresses = self.addresses(host, port)
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                stream = self._plain.connect_tcp(address, port, self._left(timeout), local_address, socket_options)
                return _Timed(stream, self._left)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a name, when every one of them may be connected to.

        Raises:
            CommonwealError: `address-refused` when any of them is not public.
            httpcore.ConnectError: the name is not known.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} is not known") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if host.lower() not in self._allow and (private := [one for one in addresses if not is_public(one)]):
            raise _refused(host, f"is a private address ({private[0]})", "An operator can allow it: outbound.allow_hosts.")
        return addresses

    def _left(self, timeout: float | None) -> float:
        """Seconds an operation may still take."""
        left = self._deadline - self._clock()
        if left <= 0:
            raise httpcore.ReadTimeout("the whole download took too long")
        return left if timeout is None else min(timeout, left)


class _Timed(httpcore.NetworkStream):
    """A stream whose every operation also ends at the deadline: a byte now and then does not keep it alive."""

    def __init__(self, stream: httpcore.NetworkStream, left: Callable[[float | None], float]) -> None:
        self._stream = stream
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, self._left(timeout)), self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, also when it wraps an IPv4 address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        wrapped = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _NAT64:
            wrapped = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(str(wrapped))
    return found.is_global and not found.is_multicast


_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


def _checked(url: str) -> httpx.URL:
    """The address, when it is one that may be asked at all. Host addresses are checked on connecting."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise _refused(url[:200], f"is not a web address: {error}") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise _refused(_shown(url), "is not an http or https address")
    if parsed.userinfo:
        raise _refused(_shown(url), "holds a user name or password")
    return parsed


def _shown(url: str) -> str:
    """An address fit for logs and messages: no credentials, no query."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return "the address"
    return f"{parsed.scheme}://{parsed.host}{f':{parsed.port}' if parsed.port else ''}{parsed.path}"[:300]


def _retry_after(said: str | None) -> float | None:
    """Seconds a server asks to wait, given as seconds or as an HTTP date."""
    if not said:
        return None
    if said.strip().isdigit():
        return float(said)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(said).timestamp() - time.time())
    except ValueError:
        return None


def _refused(what: str, why: str, hint: str = "Use the public address of the source.") -> CommonwealError:
    return CommonwealError("address-refused", f"{what} {why}.", hint, status=422)


def _unavailable(url: str, why: str) -> CommonwealError:
    return CommonwealError("outbound-unavailable", f"{_shown(url)} could not be read: {why}.", "Try again later.", status=502)


def _too_large(url: str, limit: int) -> CommonwealError:
    return CommonwealError("outbound-too-large", f"{_shown(url)} is larger than {limit} bytes.", status=502)
