"""Mutual TLS 1.3 between partners: each node is its own authority, and its card carries the authority's certificate.

Invariant: a connection is used only when the other side's certificate was issued by the authority on that partner's
card and names that partner. RFC 8446, RFC 5280; the name is the URI `amana:node:<name>` in subjectAltName.
"""

from __future__ import annotations

import ssl
from base64 import b64decode, b64encode
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from amana.domain.errors import BadInput, NotAllowed, gettext_noop

LEAF_DAYS = 90
CA_DAYS = 3_653
_URI = "amana:node:"
# All that the library says of a certificate that it cannot read, does not know the kind of, or that was not signed so.
_UNFIT = (
    ValueError,
    TypeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


class CertificateMalformed(BadInput):
    """A certificate is none, or does not name exactly one node."""

    code = "identity-certificate"
    sentence = gettext_noop("This is not a certificate of exactly one node.")


class PeerUnknown(NotAllowed):
    """The other side of a connection is not the partner it should be."""

    code = "exchange-peer"
    sentence = gettext_noop("The other side of the connection is not the partner it should be; nothing was sent.")


def make_ca(node: str, now: datetime) -> tuple[bytes, bytes]:
    """A new authority of a node: (certificate, private key) as PEM; P-256, ten years."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"{node} authority")
    builder = _builder((name, name), key.public_key(), node, (now, CA_DAYS))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(authority=True), critical=True)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM), _key_pem(key)


def make_leaf(node: str, ca_cert: bytes, ca_key: bytes, now: datetime) -> tuple[bytes, bytes]:
    """A new certificate for a node's connections: (certificate, private key) as PEM; P-256, 90 days."""
    authority = x509.load_pem_x509_certificate(ca_cert)
    signer = load_pem_private_key(ca_key, password=None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise CertificateMalformed
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder((_name(node), authority.subject), key.public_key(), node, (now, LEAF_DAYS))
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(authority=False), critical=True)
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    builder = builder.add_extension(purposes, critical=False)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    builder = builder.add_extension(identifier, critical=False)
    return builder.sign(signer, SHA256()).public_bytes(Encoding.PEM), _key_pem(key)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    names: tuple[x509.Name, x509.Name],
    public: ec.EllipticCurvePublicKey,
    node: str,
    valid: tuple[datetime, int],
) -> x509.CertificateBuilder:
    (subject, issuer), (now, days) = names, valid
    alternatives = [x509.UniformResourceIdentifier(_URI + node), x509.DNSName(f"{node}.amana.invalid")]
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def text_from_pem(pem: bytes) -> str:
    """A PEM certificate as the card writes it: DER in base64."""
    return b64encode(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)).decode("ascii")


def der_from_text(text: str) -> bytes:
    """The DER certificate from a card's text; raises CertificateMalformed."""
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise CertificateMalformed from error


def _der(authority: str | bytes) -> bytes:
    return der_from_text(authority) if isinstance(authority, str) else authority


def _load(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except _UNFIT as error:
        raise CertificateMalformed from error


def peer_node(der: bytes) -> str:
    """The one node that a DER certificate names; proof is `check_peer`'s. Raises CertificateMalformed."""
    return _named(_load(der))


def _named(certificate: x509.Certificate) -> str:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except _UNFIT as error:
        raise CertificateMalformed from error
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    if len(uris) != 1 or not uris[0].startswith(_URI) or uris[0] == _URI:
        raise CertificateMalformed
    return uris[0].removeprefix(_URI)


def ca_node(der: bytes) -> str:
    """The node whose authority a DER certificate is; raises CertificateMalformed."""
    certificate = _load(der)
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.verify_directly_issued_by(certificate)
    except _UNFIT as error:
        raise CertificateMalformed from error
    if not constraints.ca:
        raise CertificateMalformed
    return _named(certificate)


def check_peer(der: bytes, authority: str | bytes) -> str:
    """The node at the other end, proved: its certificate names the node of this authority and was issued by it.

    `authority` is the certificate on the partner's card, as the card writes it or in DER. The TLS library has checked
    the chain to one of all partners' authorities; this keeps one partner's authority from vouching for another. Raises
    PeerUnknown, CertificateMalformed.
    """
    certificate, issuer = _load(der), _der(authority)
    node = _named(certificate)
    try:
        certificate.verify_directly_issued_by(_load(issuer))
    except _UNFIT as error:
        raise PeerUnknown from error
    if node != ca_node(issuer):
        raise PeerUnknown
    return node


class _ClientContext(ssl.SSLContext):
    """A context that looks at the other side's name before the first byte of a request."""

    partner_ca: bytes = b""

    def wrap_socket(self, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        connection = super().wrap_socket(*arguments, **options)
        try:
            check_peer(connection.getpeercert(binary_form=True) or b"", self.partner_ca)
        except (PeerUnknown, CertificateMalformed) as error:
            connection.close()
            raise ssl.SSLCertVerificationError(str(error)) from error
        return connection


def server_context(folder: Path, partner_cas: Iterable[str | bytes]) -> ssl.SSLContext:
    """What the partners' door listens with: TLS 1.3 only, a client certificate of a known partner required.

    `folder` holds `tls.pem`; `partner_cas` are the certificates of partners' cards (text or DER). The door still calls
    `check_peer` on each connection.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    return _restrict(context, folder, b"".join(map(_der, partner_cas)))


def client_context(folder: Path, partner_ca: str | bytes) -> ssl.SSLContext:
    """What this node calls one partner with: TLS 1.3 only, and nobody but the node of this authority answers."""
    context = _ClientContext(ssl.PROTOCOL_TLS_CLIENT)
    context.partner_ca = _der(partner_ca)
    return _restrict(context, folder, context.partner_ca)


def _restrict(context: ssl.SSLContext, folder: Path, authorities: bytes) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.maximum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(folder / "tls.pem")
    if authorities:
        context.load_verify_locations(cadata=authorities)
    return context
