"""The signed card of a rejected call (RFC 8688), checked as a network on the way back does."""

import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from pytest_django import Settings

from tests.given.api_requests import ask
from tests.given.visitors import Visitor

pytestmark = pytest.mark.django_db


def issue(folder: Path, key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """The files of a key and its certificate."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "score.example")])
    now = timezone.now()
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, SHA256())
    )
    pem = serialization.Encoding.PEM
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, *private))
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    return {"KEY": str(folder / "key.pem"), "CERTIFICATE": str(folder / "certificate.pem")}


def decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_the_card_is_signed_and_leads_to_redress(settings: Settings, tmp_path: Path):
    settings.PUBLIC_URL, settings.OPERATOR_CONTACT = "https://score.example", "us@score.example"
    redress = ask("GET", "/v1/numbers/%2B12025550143").json["redress_url"]
    path = f"{redress.removeprefix('https://score.example')}/card"
    network = Visitor()
    assert network.get(path).status_code == network.get("/redress-certificate").status_code == 404
    for name, file in issue(tmp_path, ec.generate_private_key(ec.SECP256R1())).items():
        setattr(settings, f"REDRESS_{name}_FILE", file)

    response = network.get(path)
    assert response["Content-Type"] == "application/jose"
    header, payload, signature = response.content.decode().split(".")
    told = json.loads(decoded(header))
    assert told == {
        "alg": "ES256",
        "typ": "vcard+json",
        "x5u": "https://score.example/redress-certificate",
    }
    fetched = network.get(told["x5u"].removeprefix("https://score.example"))
    public = x509.load_pem_x509_certificate(fetched.content).public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    raw = decoded(signature)
    proof = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public.verify(proof, f"{header}.{payload}".encode(), ec.ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        public.verify(proof, f"{header}.x{payload}".encode(), ec.ECDSA(SHA256()))
    card = json.loads(decoded(payload))
    kind, properties = card["jcard"]
    assert (kind, abs(card["iat"] - timezone.now().timestamp()) < 60) == ("vcard", True)
    values = {name: value for name, _options, _type, value in properties}
    assert (values["version"], values["url"]) == ("4.0", redress)
    assert values["email"] == "us@score.example"
    assert network.get("/numbers/nothing/dispute/card").status_code == 404


def test_a_key_of_another_curve_is_refused(settings: Settings, tmp_path: Path):
    for name, file in issue(tmp_path, ec.generate_private_key(ec.SECP384R1())).items():
        setattr(settings, f"REDRESS_{name}_FILE", file)
    with pytest.raises(ImproperlyConfigured, match="P-256"):
        Visitor().get("/numbers/+12025550143/dispute/card")
