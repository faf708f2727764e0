"""An issuer for the embedded stack and for tests: a key pair in a directory, and tokens signed with it.

Not for production, where an issuer of the organisation's own has the keys.
"""

import hashlib
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from jwt.algorithms import ECAlgorithm

ALGORITHM = "ES256"


class Issuer:
    """Signs tokens with the key in `directory`; makes the key and its public half (`jwks`) where there is none yet."""

    def __init__(self, directory: Path, issuer: str = "owlbus", audience: str = "owlbus") -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.jwks = directory / "jwks.json"
        self._issuer = issuer
        self._audience = audience
        self._key = _load(directory / "issuer.pem")
        public = self._key.public_key()
        subject = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self._key_id = hashlib.sha256(subject).hexdigest()[:16]
        entry = ECAlgorithm.to_jwk(public, as_dict=True) | {"kid": self._key_id, "alg": ALGORITHM, "use": "sig"}
        _replace(self.jwks, orjson.dumps({"keys": [entry]}))

    def mint(self, person_id: str, roles: Iterable[str], dept: str = "", ttl: timedelta = timedelta(hours=12)) -> str:
        """A token for a person with these roles, in real time."""
        now = datetime.now(UTC)
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": person_id,
            "roles": list(roles),
            "iat": now,
            "exp": now + ttl,
        }
        if dept:
            claims["dept"] = dept
        return jwt.encode(claims, self._key, ALGORITHM, headers={"kid": self._key_id})


def _load(path: Path) -> ec.EllipticCurvePrivateKey:
    if not path.exists():
        fresh = ec.generate_private_key(ec.SECP256R1())
        _create(path, fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key = load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _create(path: Path, content: bytes) -> None:
    """Write a new file whole, readable by its owner alone; the one that is there first wins."""
    with NamedTemporaryFile(dir=path.parent) as fresh:
        fresh.write(content)
        fresh.flush()
        try:
            os.link(fresh.name, path)
        except FileExistsError:
            return


def _replace(path: Path, content: bytes) -> None:
    with NamedTemporaryFile(dir=path.parent, delete=False) as fresh:
        fresh.write(content)
    Path(fresh.name).replace(path)
