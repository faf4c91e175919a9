"""Certificates are always verified, and a company's proxy is used: a real TLS server, a real CONNECT proxy."""

from __future__ import annotations

import datetime
import ipaddress
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lumbre.core.errors import CertificateInvalid, DownloadFailed, HostUnreachable
from lumbre.core.models import HttpsSource, ModelFile
from lumbre.egress import https
from lumbre.egress.door import Door


def _certificate(folder: Path) -> Path:
    """A certificate for model.example and 127.0.0.1 that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "model.example")])
    names = [x509.DNSName("model.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@pytest.fixture
def certificate(tmp_path: Path, server: Any) -> Path:
    """The server's certificate; with this fixture the server speaks TLS."""
    path = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return path


class _Tunnel(StreamRequestHandler):
    """Answers CONNECT by joining the two ends."""

    server: Proxy

    def handle(self) -> None:
        self.server.asked.append(self.rfile.readline().decode().split()[1])
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self.server.leads_to)) as far:
            ends = {self.connection: far, far: self.connection}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    ends[end].sendall(data)


class Proxy(ThreadingTCPServer):
    """A proxy that leads every name to one port of this machine."""

    def __init__(self, leads_to: int) -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.leads_to = leads_to
        self.asked: list[str] = []


@pytest.fixture
def proxy(server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The proxy that the environment names."""
    with Proxy(server.server_port) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "https_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.server_address[1]}")
        yield proxy
        proxy.shutdown()
        thread.join()


def _fetch(door: Door, file: ModelFile, url: str, target: Path) -> None:
    source = HttpsSource(url)
    with door.cross(door.permit_download(file, source)) as crossing:
        https.download(source, file, target, crossing, lambda done, total: None, lambda: False, ())


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(
    door: Door, server: Any, certificate: Path, file: ModelFile, target: Path, ledger: Any
) -> None:
    with pytest.raises(CertificateInvalid):
        _fetch(door, file, f"https://127.0.0.1:{server.server_port}/f", target)
    assert server.seen == []
    assert server.connections == 1
    assert ledger[-1]["outcome"] == "door.certificate"


def test_a_certificate_of_the_systems_store_is_accepted(
    door: Door,
    server: Any,
    certificate: Path,
    file: ModelFile,
    target: Path,
    body: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server.script = [server.send(cut=100_000)]
    source = HttpsSource(f"https://127.0.0.1:{server.server_port}/f")
    with door.cross(door.permit_download(file, source)) as crossing:
        https.download(source, file, target, crossing, lambda done, total: None, lambda: False, (0.0,))
    assert target.read_bytes() == body
    assert server.ranges == [None, "bytes=100000-"]


def test_a_certificate_for_another_name_is_refused(
    door: Door, server: Any, certificate: Path, file: ModelFile, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(CertificateInvalid):
        _fetch(door, file, f"https://localhost:{server.server_port}/f", target)
    assert server.seen == []


def test_the_proxy_of_the_environment_is_used_and_the_ledger_names_the_host(
    door: Door,
    server: Any,
    certificate: Path,
    proxy: Proxy,
    file: ModelFile,
    target: Path,
    body: bytes,
    ledger: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    _fetch(door, file, "https://model.example/f", target)
    assert target.read_bytes() == body
    assert proxy.asked == ["model.example:443"]
    assert ledger[-1]["host"] == "model.example"


def test_a_proxy_that_is_not_there_is_told(
    door: Door, file: ModelFile, target: Path, monkeypatch: pytest.MonkeyPatch, server: Any
) -> None:
    server.shutdown()
    server.server_close()
    monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{server.server_port}")
    with pytest.raises(HostUnreachable):
        _fetch(door, file, "https://model.example/f", target)


def test_a_kind_of_proxy_that_is_not_supported_is_told(
    door: Door, file: ModelFile, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1")
    with pytest.raises(DownloadFailed):
        _fetch(door, file, "https://model.example/f", target)
