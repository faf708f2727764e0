"""Every kind of wrong token at a real route of each service: 401 or 403, a code, how to authenticate, nothing done."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from owlbus.tokens import Issuer
from tests.support.house import House
from tests.unit.badinput.support import NAMES, entries, opened, operations, problem


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """One for all: nothing that is sent here changes anything."""
    return asyncio.run(opened(tmp_path_factory.mktemp("house")))


@dataclass(frozen=True)
class Forger:
    """Whoever makes tokens that should open nothing: has the public key, and an issuer and key of their own."""

    house: House
    directory: Path
    roles: tuple[str, ...]

    @property
    def public(self) -> dict[str, Any]:
        """The real issuer's published key."""
        return json.loads(self.house.issuer.jwks.read_bytes())["keys"][0]

    @property
    def pem(self) -> bytes:
        """The same as PEM, as it is often used for a secret by mistake."""
        return jwt.PyJWK.from_dict(self.public).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Claims that would do."""
        until = int((datetime.now(UTC) + timedelta(hours=1)).timestamp())
        whole = {"iss": "owlbus", "aud": "owlbus", "sub": "p-1", "roles": list(self.roles), "exp": until}
        return whole | changes

    def written(self, header: dict[str, Any], secret: bytes | None = None) -> str:
        """A token written by hand."""
        parts = [_base64(json.dumps(part).encode()) for part in (header, self.claims())]
        signed = b".".join(parts)
        signature = b"" if secret is None else _base64(hmac.digest(secret, signed, hashlib.sha256))
        return b".".join([signed, signature]).decode()

    def signed(self, **changes: Any) -> str:
        """A token that the real issuer signed, with other claims."""
        key = self.house.issuer._key  # pyright: ignore[reportPrivateUsage]
        return jwt.encode(self.claims(**changes), key, "ES256", headers={"kid": self.public["kid"]})

    def elsewhere(self, **headers: Any) -> str:
        """A token signed with another key; under the real key's id where `headers` say so."""
        key = Issuer(self.directory / "another")._key  # pyright: ignore[reportPrivateUsage]
        return jwt.encode(self.claims(), key, "ES256", headers=headers)


def _base64(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _in_seconds(seconds: int) -> int:
    return int(datetime.now(UTC).timestamp()) + seconds


INVALID = 'Bearer error="invalid_token"'
FORGED: dict[str, tuple[Callable[[Forger], str], str]] = {
    "expired": (lambda by: by.signed(exp=_in_seconds(-60)), "token_expired"),
    "not yet valid": (lambda by: by.signed(nbf=_in_seconds(600)), "token_invalid"),
    "issued in the future": (lambda by: by.signed(iat=_in_seconds(600)), "token_invalid"),
    "for another audience": (lambda by: by.signed(aud="payroll"), "token_invalid"),
    "of another issuer": (lambda by: by.signed(iss="elsewhere"), "token_invalid"),
    "of nobody": (lambda by: by.signed(sub=""), "token_invalid"),
    "signed with another key": (lambda by: by.elsewhere(kid=by.public["kid"]), "token_invalid"),
    "of a key nobody knows": (lambda by: by.elsewhere(kid="nobody-knows"), "token_invalid"),
    "of no key": (lambda by: by.elsewhere(), "token_invalid"),
    "alg none": (lambda by: by.written({"alg": "none", "kid": by.public["kid"]}), "token_invalid"),
    "alg nOnE": (lambda by: by.written({"alg": "nOnE", "kid": by.public["kid"]}), "token_invalid"),
    "HS256 with the public key": (
        lambda by: by.written({"alg": "HS256", "kid": by.public["kid"]}, by.pem),
        "token_invalid",
    ),
    "HS256 with the published document": (
        lambda by: by.written({"alg": "HS256", "kid": by.public["kid"]}, by.house.issuer.jwks.read_bytes()),
        "token_invalid",
    ),
    "changed on its way": (lambda by: by.signed()[:-8] + "AAAAAAAA", "token_invalid"),
    "garbage": (lambda _: "a.b.c", "token_invalid"),
    "long garbage": (lambda _: "ey" * 5_000, "token_invalid"),
}


async def send(house: House, name: str, method: str, path: str, authorization: str | None) -> httpx.Response:
    """A request with this header, or none."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": authorization} if authorization else {})
    transport = httpx.ASGITransport(house.apps[name])
    async with httpx.AsyncClient(transport=transport, base_url="http://house") as client:
        return await client.request(method, path, content=b"{}", headers=headers)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("what", FORGED)
async def test_a_token_that_is_not_good_opens_nothing(house: House, tmp_path: Path, name: str, what: str) -> None:
    make, code = FORGED[what]
    for operation in operations(name, house.apps[name]):
        forger = Forger(house, tmp_path, operation.roles)
        answer = await send(house, name, operation.method, operation.at("x-1"), f"Bearer {make(forger)}")
        problem(answer, 401, code)
        assert answer.headers["www-authenticate"] == INVALID, operation.label
    assert entries(house) == 0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("authorization", [None, "Bearer ", "Basic cDpx", "Token abc"])
async def test_no_token(house: House, name: str, authorization: str | None) -> None:
    for operation in operations(name, house.apps[name]):
        answer = await send(house, name, operation.method, operation.at("x-1"), authorization)
        problem(answer, 401, "token_missing")
        assert answer.headers["www-authenticate"] == "Bearer", operation.label


@pytest.mark.parametrize("name", NAMES)
async def test_a_token_of_another_role(house: House, name: str) -> None:
    for operation in operations(name, house.apps[name]):
        for roles in ((), ("operator" if "operator" not in operation.roles else "citizen",), ("system",), ("admin",)):
            token = house.issuer.mint("p-1", roles)
            answer = await send(house, name, operation.method, operation.at("x-1"), f"Bearer {token}")
            assert problem(answer, 403, "forbidden")["facts"] == {"roles": list(operation.roles)}
    assert entries(house) == 0


@pytest.mark.parametrize("name", NAMES)
async def test_the_forgers_claims_would_do_if_they_were_signed(house: House, tmp_path: Path, name: str) -> None:
    operation = next(iter(operations(name, house.apps[name])))
    token = Forger(house, tmp_path, operation.roles).signed()
    answer = await send(house, name, operation.method, operation.at("x-1"), f"Bearer {token}")
    assert answer.status_code not in (401, 403), answer.text
