"""Who may call: every forged, foreign or stale token is refused, and no role comes from nowhere."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

from owlbus.tokens import Issuer
from shared.engine.message import Actor
from shared.runtime import auth
from shared.runtime.auth import Identity, Keys, TokenVerifier, UnverifiedVerifier, verifier_of
from shared.runtime.engine_port import Unavailable
from shared.runtime.problems import Problem
from shared.runtime.settings import Settings, SettingsError


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path / "issuer")


@pytest.fixture
def verifier(issuer: Issuer) -> TokenVerifier:
    return TokenVerifier(Keys(str(issuer.jwks)), "owlbus", "owlbus")


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def key_of(issuer: Issuer) -> dict[str, Any]:
    return json.loads(issuer.jwks.read_bytes())["keys"][0]


def forge(header: dict[str, Any], claims: dict[str, Any], secret: bytes | None = None) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=") for p in (header, claims)]
    signature = b"" if secret is None else hmac.digest(secret, b".".join(parts), hashlib.sha256)
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def claims(**changes: Any) -> dict[str, Any]:
    whole = {
        "iss": "owlbus",
        "aud": "owlbus",
        "sub": "p-1",
        "roles": ["operator"],
        "exp": int(datetime.now(UTC).timestamp()) + 600,
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


async def refused(verifier: TokenVerifier, headers: dict[str, str]) -> Problem:
    with pytest.raises(Problem) as problem:
        await verifier.identify(headers)
    assert problem.value.headers["WWW-Authenticate"].startswith("Bearer")
    return problem.value


async def test_a_good_token_says_who_it_is(issuer: Issuer, verifier: TokenVerifier) -> None:
    token = issuer.mint("p-1", ["author", "rater"], "d-7")
    expected = Identity("p-1", frozenset({"author", "rater"}), "d-7")
    assert await verifier.identify(bearer(token)) == expected
    assert await verifier.identify({"authorization": f"bearer {token}"}) == expected


async def test_no_token(verifier: TokenVerifier) -> None:
    for headers in ({}, {"authorization": "Basic cDpx"}, {"authorization": "Bearer "}):
        assert (await refused(verifier, headers)).code == "token_missing"


async def test_expired(issuer: Issuer, verifier: TokenVerifier) -> None:
    problem = await refused(verifier, bearer(issuer.mint("p-1", ["author"], ttl=timedelta(minutes=-1))))
    assert problem.code == "token_expired"


async def test_expires_although_it_was_verified_before(
    issuer: Issuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "LEEWAY_SECONDS", 0)
    token = issuer.mint("p-1", ["author"], ttl=timedelta(seconds=60))
    await verifier.identify(bearer(token))
    later = datetime.now(UTC).timestamp() + 61
    monkeypatch.setattr(auth.time, "time", lambda: later)
    monkeypatch.setattr(jwt.api_jwt, "datetime", _Later)
    assert (await refused(verifier, bearer(token))).code == "token_expired"


class _Later(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return datetime.now(tz) + timedelta(seconds=61)


async def test_tokens_of_others(tmp_path: Path, issuer: Issuer, verifier: TokenVerifier) -> None:
    directory = tmp_path / "issuer"
    for foreign in (
        Issuer(tmp_path / "another"),
        Issuer(directory, audience="payroll"),
        Issuer(directory, issuer="elsewhere"),
    ):
        assert (await refused(verifier, bearer(foreign.mint("p-1", ["author"])))).code == "token_invalid"


async def test_same_key_id_but_another_key(tmp_path: Path, issuer: Issuer, verifier: TokenVerifier) -> None:
    other = Issuer(tmp_path / "another").mint("p-1", ["operator"])
    header = forge({"alg": "ES256", "kid": key_of(issuer)["kid"]}, {}).split(".")[0]
    token = ".".join([header, *other.split(".")[1:]])
    assert (await refused(verifier, bearer(token))).code == "token_invalid"


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", ""])
async def test_alg_none(issuer: Issuer, verifier: TokenVerifier, algorithm: str) -> None:
    token = forge({"alg": algorithm, "kid": key_of(issuer)["kid"]}, claims())
    assert (await refused(verifier, bearer(token))).code == "token_invalid"


async def test_hs256_with_the_public_key(issuer: Issuer, verifier: TokenVerifier) -> None:
    public = jwt.PyJWK.from_dict(key_of(issuer)).key
    for secret in (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        issuer.jwks.read_bytes(),
    ):
        token = forge({"alg": "HS256", "kid": key_of(issuer)["kid"]}, claims(), secret)
        assert (await refused(verifier, bearer(token))).code == "token_invalid"


async def test_a_published_secret_verifies_nothing(issuer: Issuer, verifier: TokenVerifier) -> None:
    shared = {"kty": "oct", "k": base64.urlsafe_b64encode(b"s" * 32).decode(), "kid": "s", "alg": "HS256"}
    issuer.jwks.write_text(json.dumps({"keys": [shared, key_of(issuer)]}))
    token = forge({"alg": "HS256", "kid": "s"}, claims(), b"s" * 32)
    assert (await refused(verifier, bearer(token))).code == "token_invalid"
    assert await verifier.identify(bearer(issuer.mint("p-1", ["author"])))


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": None},
        {"sub": ""},
        {"sub": "a/b"},
        {"sub": 7},
        {"roles": None},
        {"roles": "operator"},
        {"roles": ["author"] * 100},
        {"exp": None},
        {"aud": None},
        {"iss": None},
        {"dept": "a b"},
        {"nbf": int(datetime.now(UTC).timestamp()) + 86_400},  # made when collected: a slow run may take its time
    ],
)
async def test_claims_must_be_whole(tmp_path: Path, changes: dict[str, Any]) -> None:
    key = rsa.generate_private_key(65537, 2048)
    _publish(tmp_path, RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "RS256")
    verifier = TokenVerifier(Keys(str(tmp_path / "jwks.json")), "owlbus", "owlbus")
    # Written by hand: the library refuses to sign some of these.
    good = jwt.encode(claims(), key, "RS256", headers={"kid": "k"})
    assert (await verifier.identify(bearer(good))).person_id == "p-1"
    bad = jwt.PyJWS().encode(json.dumps(claims(**changes)).encode(), key, "RS256", headers={"kid": "k"})
    assert (await refused(verifier, bearer(bad))).code == "token_invalid"


async def test_an_edwards_key_works_too(tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    _publish(tmp_path, OKPAlgorithm.to_jwk(key.public_key(), as_dict=True), "EdDSA")
    verifier = TokenVerifier(Keys(str(tmp_path / "jwks.json")), "owlbus", "owlbus")
    token = jwt.encode(claims(), key, "EdDSA", headers={"kid": "k"})
    assert (await verifier.identify(bearer(token))).person_id == "p-1"


def _publish(directory: Path, key: dict[str, Any], algorithm: str) -> None:
    document = {"keys": [key | {"kid": "k", "alg": algorithm}]}
    (directory / "jwks.json").write_text(json.dumps(document))


@pytest.mark.parametrize("token", ["x", "a.b.c", "....", "é", "ey" * 5_000])
async def test_rubbish(verifier: TokenVerifier, token: str) -> None:
    assert (await refused(verifier, bearer(token))).code == "token_invalid"


async def test_nobody_is_the_system(issuer: Issuer, verifier: TokenVerifier) -> None:
    identity = await verifier.identify(bearer(issuer.mint("p-1", ["system", "author"])))
    assert identity.roles == {"author"}


def test_the_acting_role() -> None:
    identity = Identity("p-1", frozenset({"author", "citizen"}), "d-1")
    assert identity.acting(("citizen", "author"), "") == Actor("p-1", "citizen", "d-1")
    assert identity.acting(("citizen", "author"), "author") == Actor("p-1", "author", "d-1")
    for allowed, chosen in ((("chair",), ""), (("author",), "citizen"), (("chair", "author"), "chair")):
        with pytest.raises(Problem) as problem:
            identity.acting(allowed, chosen)
        assert problem.value.code == "forbidden" and problem.value.facts == {"roles": list(allowed)}


async def test_a_new_key_is_found_and_an_old_one_forgotten(
    tmp_path: Path, issuer: Issuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = issuer.mint("p-1", ["author"])
    await verifier.identify(bearer(old))
    fresh = Issuer(tmp_path / "another")
    issuer.jwks.write_bytes(fresh.jwks.read_bytes())
    assert await verifier.identify(bearer(old)), "keys are not read again for every request"
    monkeypatch.setattr(auth, "MIN_RELOAD_SECONDS", 0.0)
    assert await verifier.identify(bearer(fresh.mint("p-2", ["author"])))
    monkeypatch.setattr(auth, "MAX_KEY_AGE_SECONDS", 0.0)
    assert (await refused(verifier, bearer(old))).code == "token_invalid"


async def test_keys_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "jwks.json").write_text("{}")
    for source in (tmp_path / "none.json", tmp_path / "jwks.json", "http://127.0.0.1:9/jwks"):
        with pytest.raises(Unavailable, match="issuer_unavailable"):
            await TokenVerifier(Keys(str(source)), "owlbus", "owlbus").identify(bearer("x"))


@pytest.fixture
def server(issuer: Issuer) -> Iterator[str]:
    handler = partial(SimpleHTTPRequestHandler, directory=str(issuer.jwks.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}/jwks.json"
        http.shutdown()
        thread.join()


async def test_keys_from_a_url(issuer: Issuer, server: str) -> None:
    verifier = TokenVerifier(Keys(server), "owlbus", "owlbus")
    assert await verifier.identify(bearer(issuer.mint("p-1", ["author"])))


def test_keys_do_not_travel_in_the_clear() -> None:
    with pytest.raises(SettingsError, match="https"):
        Keys("http://issuer.example/jwks")


async def test_without_an_issuer_only_where_development_says_so() -> None:
    with pytest.raises(SettingsError, match="OWLBUS_ISSUER_JWKS"):
        verifier_of(Settings.read({"OWLBUS_ENVIRONMENT": "development"}))
    settings = Settings.read({"OWLBUS_ENVIRONMENT": "development", "OWLBUS_INSECURE_NO_ISSUER": "true"})
    verifier = verifier_of(settings)
    assert isinstance(verifier, UnverifiedVerifier)
    headers = {"x-owlbus-person": "p-1", "x-owlbus-roles": "author, system", "x-owlbus-department": "d"}
    assert await verifier.identify(headers) == Identity("p-1", frozenset({"author"}), "d")
    with pytest.raises(Problem, match="token_missing"):
        await verifier.identify({})
    assert isinstance(verifier_of(Settings.read({"OWLBUS_ISSUER_JWKS": "jwks.json"})), TokenVerifier)


async def test_only_so_many_tokens_are_remembered(
    issuer: Issuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "MAX_REMEMBERED", 2)
    for number in range(4):
        await verifier.identify(bearer(issuer.mint(f"p-{number}", ["author"])))
    assert len(verifier._remembered) == 2  # pyright: ignore[reportPrivateUsage]


def test_the_key_is_private_and_stays(tmp_path: Path) -> None:
    first = Issuer(tmp_path / "issuer")
    assert (tmp_path / "issuer" / "issuer.pem").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "issuer").stat().st_mode & 0o777 == 0o700
    assert key_of(Issuer(tmp_path / "issuer")) == key_of(first)
    assert "d" not in key_of(first)
