"""Guarded downloads, against servers on loopback."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from commonweal.base.outbound import Downloaded, Limits, Outbound, is_public
from commonweal.kernel.errors import CommonwealError

Answer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A loopback server whose paths answer as told, and what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, {key.lower(): value for key, value in self.headers.items()}))
                answers = site.answers[self.path]
                (answers.pop(0) if len(answers) > 1 else answers[0])(self)

            def log_message(self, *args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def say(self, path: str, *answers: Answer) -> str:
        self.answers[path] = list(answers)
        return self.host + path


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()
    site.thread.join()


def reply(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def outbound(**limits: float) -> tuple[Outbound, list[float]]:
    waits: list[float] = []
    return Outbound(allow_hosts=["127.0.0.1"], limits=Limits(**limits), sleep=waits.append), waits  # type: ignore[arg-type]


def refused(client: Outbound, url: str, target: Path) -> str:
    with pytest.raises(CommonwealError) as caught:
        client.download(url, target)
    assert not target.exists()
    assert not list(target.parent.iterdir())
    return caught.value.code


def test_writes_the_body_and_reports_what_asks_for_news(site: Site, tmp_path: Path) -> None:
    url = site.say("/a", reply(200, b"body", ETag='"1"', Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT"))
    got = outbound()[0].download(url, tmp_path / "a")
    assert got == Downloaded(tmp_path / "a", url, '"1"', "Mon, 01 Jan 2024 00:00:00 GMT")
    assert (tmp_path / "a").read_bytes() == b"body"
    assert site.asked[0][1]["user-agent"].startswith("commonweal/")


def test_unchanged_leaves_the_file_alone(site: Site, tmp_path: Path) -> None:
    url = site.say("/a", reply(304))
    (tmp_path / "a").write_bytes(b"before")
    got = outbound()[0].download(url, tmp_path / "a", etag='"1"', modified="Mon, 01 Jan 2024 00:00:00 GMT")
    assert got.unchanged
    assert (tmp_path / "a").read_bytes() == b"before"
    assert site.asked[0][1]["if-none-match"] == '"1"'
    assert site.asked[0][1]["if-modified-since"] == "Mon, 01 Jan 2024 00:00:00 GMT"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/",
        "http://user:secret@example.org/",
        "http://",
        "nonsense",
        "http://127.0.0.1:1/",
        "http://[::1]:1/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://0x7f000001/",
        "http://localhost:1/",
    ],
)
def test_refuses_addresses_that_are_not_the_public_web(url: str, tmp_path: Path) -> None:
    client = Outbound(allow_hosts=[], sleep=lambda seconds: None)
    with pytest.raises(CommonwealError) as caught:
        client.download(url, tmp_path / "a")
    assert caught.value.code == "address-refused"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:7f00:1::", False),
        ("fd00:ec2::254", False),
        ("fe80::1%eth0", False),
        ("224.0.0.1", False),
        ("nonsense", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_a_name_is_checked_where_it_is_connected(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The name answers with a public address first and a private one after: whatever is connected to was checked."""
    asked: list[str] = []

    def resolve(host: str, port: int, **options: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert refused(Outbound(allow_hosts=[]), "http://rebinding.example/", tmp_path / "a") == "address-refused"
    assert asked == ["rebinding.example"]


def test_follows_redirects_and_checks_each(site: Site, tmp_path: Path) -> None:
    site.say("/b", reply(200, b"there"))
    good = site.say("/a", reply(302, Location="/b"))
    bad = site.say("/c", reply(302, Location="http://169.254.169.254/"))
    other = site.say("/d", reply(301, Location="file:///etc/passwd"))
    loop = site.say("/e", reply(307, Location="/e"))
    client, _ = outbound()
    for url in (bad, other, loop):
        assert refused(client, url, tmp_path / "a") == "address-refused"
    client.download(good, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"there"


def test_unpacks_gzip(site: Site, tmp_path: Path) -> None:
    url = site.say("/a", reply(200, gzip.compress(b"words " * 1000), Content_Encoding="gzip"))
    outbound()[0].download(url, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"words " * 1000


def test_refuses_what_is_too_large_or_unpacks_without_end(site: Site, tmp_path: Path) -> None:
    large = site.say("/large", reply(200, b"x" * 2000))
    bomb = site.say("/bomb", reply(200, gzip.compress(bytes(8_000_000)), Content_Encoding="gzip"))
    odd = site.say("/odd", reply(200, b"x", Content_Encoding="br"))
    assert refused(outbound(max_bytes=1000)[0], large, tmp_path / "a") == "outbound-too-large"
    assert refused(outbound()[0], bomb, tmp_path / "a") == "outbound-too-large"
    assert refused(outbound()[0], odd, tmp_path / "a") == "outbound-failed"


def test_counts_bytes_that_were_not_declared(site: Site, tmp_path: Path) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(100):
            request.wfile.write(b"x" * 1000)

    assert refused(outbound(max_bytes=5000)[0], site.say("/a", endless), tmp_path / "a") == "outbound-too-large"


def test_tries_again_after_what_the_server_asks(site: Site, tmp_path: Path) -> None:
    url = site.say("/a", reply(429, Retry_After="7"), reply(503), reply(200, b"at last"))
    client, waits = outbound()
    client.download(url, tmp_path / "a")
    assert waits[0] == 7
    assert 1 <= waits[1] <= 3
    assert (tmp_path / "a").read_bytes() == b"at last"


def test_does_not_wait_for_ever(site: Site, tmp_path: Path) -> None:
    url = site.say("/a", reply(429, Retry_After="86400"))
    client, waits = outbound()
    assert refused(client, url, tmp_path / "a") == "outbound-unavailable"
    assert waits == []


def test_a_refusal_is_final(site: Site, tmp_path: Path) -> None:
    url = site.say("/a?token=secret", reply(404))
    client, waits = outbound()
    with pytest.raises(CommonwealError) as caught:
        client.download(url, tmp_path / "a")
    assert caught.value.code == "outbound-failed"
    assert "secret" not in str(caught.value)
    assert waits == []


def test_leaves_a_failing_host_alone(site: Site, tmp_path: Path) -> None:
    url = site.say("/a", reply(500))
    now = 0.0
    client = Outbound(allow_hosts=["127.0.0.1"], sleep=lambda seconds: None, clock=lambda: now)
    for _ in range(3):
        assert refused(client, url, tmp_path / "a") == "outbound-unavailable"
    assert len(site.asked) == 5
    now = 61.0
    site.say("/a", reply(200, b"mended"))
    assert client.download(url, tmp_path / "a").path.read_bytes() == b"mended"


def test_a_slow_server_ends_at_the_deadline(site: Site, tmp_path: Path) -> None:
    """A byte of header now and then never idles, yet the whole may take only so long."""
    stop = threading.Event()

    def trickle(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not stop.wait(0.02):
            try:
                request.wfile.write(b"x")
            except OSError:
                return

    url = site.say("/a", trickle)
    try:
        assert refused(outbound(total_seconds=0.2, attempts=1)[0], url, tmp_path / "a") == "outbound-unavailable"
    finally:
        stop.set()


def test_a_body_that_ends_early_is_not_taken(site: Site, tmp_path: Path) -> None:
    def cut(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "100")
        request.end_headers()
        request.wfile.write(b"half")

    assert refused(outbound(attempts=1)[0], site.say("/a", cut), tmp_path / "a") == "outbound-unavailable"
