"""`rempart console` as a process: where it listens, what it refuses, and what it tells systemd."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from controller.connections import MOST
from tests.system.field import PATIENCE_S, ROOT, Process, wait_for

Console = Callable[..., str]
READY = "ready: console "


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    """`console("--port", "0")`: a console of a controller that does not run; where its pages are."""
    started: list[Process] = []

    def start(*options: str | Path, **environment: str) -> str:
        log = tmp_path / f"console-{len(started)}.log"
        words = ("console", "--runtime", tmp_path / "runtime", *options)
        process = Process("controller.cli", *words, log=log, **environment)
        started.append(process)
        wait_for("the console", lambda: process.alive() and READY in process.output)
        return process.output.partition(READY)[2].splitlines()[0]

    yield start
    for process in started:
        assert process.stop() == 0, process.output


def refused(*words: str | Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "controller.cli", "console", *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


def test_without_a_controller_it_serves_and_says_that_nothing_is_known(console: Console) -> None:
    url = console("--port", "0")
    assert httpx.get(f"{url}healthz").text == "ok"
    cookie = {"Cookie": f"rempart-session-{httpx.URL(url).port}=anything"}
    answer = httpx.get(url, headers=cookie)
    assert answer.status_code == 503
    assert "The controller does not answer" in answer.text


def test_every_answer_says_what_a_browser_may_do_with_it(console: Console) -> None:
    headers = httpx.get(f"{console('--port', '0')}login").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")
    assert "server" not in headers


def test_a_form_of_another_site_is_turned_away(console: Console) -> None:
    url = console("--port", "0")
    given = {"user": "olga", "password": "x"}
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = httpx.post(f"{url}login", data=given, headers=headers)
        assert (answer.status_code, answer.text) == (403, "this form comes from another site")


def test_it_serves_tls_with_a_certificate(console: Console, tmp_path: Path) -> None:
    certificate, key = own_certificate(tmp_path)
    url = console("--port", "0", "--certificate", certificate, "--key", key)
    assert url.startswith("https://127.0.0.1:")
    answer = httpx.get(f"{url}login", verify=ssl.create_default_context(cafile=str(certificate)))
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_systemd_hears_when_it_is_ready_and_that_it_lives(console: Console, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("")
        systemd.settimeout(PATIENCE_S)
        name = "@" + systemd.getsockname()[1:].decode()
        console("--port", "0", NOTIFY_SOCKET=name, WATCHDOG_USEC="200000")
        assert systemd.recv(4096) == b"READY=1\nSTATUS=0 pages are open"
        heard = {systemd.recv(4096) for _ in range(3)}
        assert b"WATCHDOG=1" in heard


@contextmanager
def silent(url: str, count: int, begun: bytes = b"") -> Iterator[list[socket.socket]]:
    """Connections to a console that send `begun` and then nothing more."""
    where = httpx.URL(url)
    with ExitStack() as stack:
        made = [stack.enter_context(socket.create_connection((where.host, where.port or 0))) for _ in range(count)]
        for one in made:
            one.settimeout(PATIENCE_S)
            one.sendall(begun)
        yield made


def test_a_connection_that_sends_no_whole_request_is_closed(console: Console) -> None:
    url = console("--port", "0")
    form = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nuser="
    with silent(url, 1) as nothing, silent(url, 1, b"GET /log") as half_a_head, silent(url, 1, form) as half_a_form:
        for one in (*nothing, *half_a_head, *half_a_form):
            assert b"200 OK" not in one.recv(4096)


def test_a_connection_that_begins_no_tls_is_closed_as_soon(console: Console, tmp_path: Path) -> None:
    certificate, key = own_certificate(tmp_path)
    url = console("--port", "0", "--certificate", certificate, "--key", key)
    with silent(url, 1) as nothing, silent(url, 1, b"\x16\x03\x01") as half_a_hello:
        for one in (*nothing, *half_a_hello):
            assert one.recv(1) == b""


def test_more_connections_than_it_holds_that_say_nothing_keep_nobody_out(console: Console) -> None:
    url = console("--port", "0")
    with silent(url, MOST) as waiting:
        assert httpx.get(f"{url}login").status_code == 200
        assert waiting[0].recv(1) == b""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--host", "0.0.0.0"], "passwords would cross the network in clear"),
        (["--certificate", "chain.pem"], "--certificate and --key belong together"),
        (["--certificate", "none.pem", "--key", "none.pem"], "No such file"),
        (["--url", "nowhere"], "expected http://HOST:PORT or unix:/PATH"),
    ],
)
def test_what_it_cannot_serve_safely_is_refused(words: list[str], told: str) -> None:
    code, said = refused(*words, *([] if "--url" in words else ["--url", "unix:/nowhere"]), "--port", "0")
    assert code != 0
    assert told in said


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = refused("--url", "unix:/nowhere", "--port", str(port))
    assert code == 1
    assert f"127.0.0.1:{port}" in said


def own_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate of 127.0.0.1 that it has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "console")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return chain, private
