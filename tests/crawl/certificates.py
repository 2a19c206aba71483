"""Certificates with one fault each, made anew for each run of the tests."""

import ssl
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Certificates:
    """Contexts for servers, by fault; `ca_file` is the authority that a client should trust."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self._stranger = trustme.CA()
        self._folder = folder
        self.ca_file = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(self.ca_file)

    def open_context(self, fault: str, host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if fault == "self-signed":
            certificate, key = self._sign_alone(host)
            context.load_cert_chain(certificate, key)
            return context
        authority = self._stranger if fault == "unknown-ca" else self._authority
        name = "un-autre-site.test" if fault == "wrong-host" else host
        now = datetime.now(UTC)
        moments = (
            {"not_before": now - timedelta(days=9), "not_after": now - timedelta(days=2)}
            if fault == "expired"
            else {}
        )
        authority.issue_cert(name, **moments).configure_cert(context)
        if fault == "old-protocol":
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
                context.maximum_version = ssl.TLSVersion.TLSv1_1
            context.set_ciphers("DEFAULT@SECLEVEL=0")
        if fault == "name-refused":
            context.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        return context

    def _sign_alone(self, host: str) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .sign(key, hashes.SHA256())
        )
        paths = self._folder / "alone.pem", self._folder / "alone.key"
        paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        paths[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return paths
