"""Who calls: a JWT checked against an issuer's keys, or, in development and on request, whoever the headers name.

Invariants: only the algorithms listed here, never one that the token alone chose; issuer, audience and expiry are
always checked, in real time; no role that a token does not carry. Verified tokens are remembered until they expire.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import jwt
import orjson
from pydantic import BaseModel, Field, ValidationError

from shared.contracts.types import Id
from shared.engine.message import SYSTEM, Actor
from shared.runtime.engine_port import Unavailable
from shared.runtime.problems import Problem
from shared.runtime.settings import Settings, SettingsError

ALGORITHMS = ("ES256", "EdDSA", "RS256")
ROLES = (
    "author",
    "receiver",
    "department",
    "rater",
    "chair",
    "award_officer",
    "panelist",
    "group_lead",
    "member",
    "union",
    "citizen",
    "auditor",
    "operator",
)
"""All roles of people (docs/architecture.md says what each may)."""

ROLE_HEADER = "X-Owlbus-Role"
LEEWAY_SECONDS = 5
MAX_REMEMBERED = 10_000
MAX_KEY_AGE_SECONDS = 300.0
MIN_RELOAD_SECONDS = 5.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a request comes from, and the roles it may act in."""

    person_id: str
    roles: frozenset[str]
    department: str = ""

    def acting(self, allowed: tuple[str, ...], chosen: str) -> Actor:
        """The actor, in the role `chosen` or else the first allowed one. Raises Problem("forbidden")."""
        role = next((r for r in allowed if r in self.roles and chosen in ("", r)), None)
        if role is None:
            raise Problem("forbidden", {"roles": list(allowed)})
        return Actor(self.person_id, role, self.department)


class Verifier(Protocol):
    """Tells who a request comes from by its headers."""

    async def identify(self, headers: Mapping[str, str]) -> Identity:
        """Raises Problem (401) or Unavailable."""
        ...


class _Claims(BaseModel):
    sub: Id
    roles: list[str] = Field(max_length=len(ROLES) * 2)
    dept: Id | None = None
    exp: int


class Keys:
    """The issuer's public keys by key id, from a JWKS file or URL; read again when they are old or one is missing.

    `generation` counts how often they changed.
    """

    def __init__(self, source: str) -> None:
        parts = urlsplit(source)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise SettingsError("OWLBUS_ISSUER_JWKS: keys are fetched over https, or from this machine")
        self._source = source
        self.generation = 0
        self._keys: dict[str, jwt.PyJWK] = {}
        self._read_at = -MAX_KEY_AGE_SECONDS
        self._reading = asyncio.Lock()

    async def refresh(self) -> None:
        """Read the keys again if they are old. Raises Unavailable where there are none."""
        await self._read(MAX_KEY_AGE_SECONDS if self._keys else MIN_RELOAD_SECONDS)
        if not self._keys:
            raise Unavailable("issuer_unavailable", MIN_RELOAD_SECONDS)

    async def find(self, key_id: str) -> jwt.PyJWK:
        """The key with this id. Raises KeyError."""
        if key_id not in self._keys:
            await self._read(MIN_RELOAD_SECONDS)
        return self._keys[key_id]

    async def _read(self, age: float) -> None:
        if time.monotonic() - self._read_at < age:
            return
        async with self._reading:
            if time.monotonic() - self._read_at < age:
                return
            self._read_at = time.monotonic()
            try:
                keys = _usable(orjson.loads(await self._fetch()))
            except (OSError, httpx.HTTPError, ValueError, KeyError, TypeError, jwt.PyJWTError):
                return
            if {k: v.key for k, v in keys.items()} != {k: v.key for k, v in self._keys.items()}:
                self._keys = keys
                self.generation += 1

    async def _fetch(self) -> bytes:
        if "://" not in self._source:
            return Path(self._source).read_bytes()
        async with httpx.AsyncClient(timeout=3.0, trust_env=False) as client:
            return (await client.get(self._source)).raise_for_status().content


def _usable(document: dict[str, Any]) -> dict[str, jwt.PyJWK]:
    keys: dict[str, jwt.PyJWK] = {}
    for raw in document["keys"]:
        # Symmetric keys are left out before anything is built from them: a published secret verifies nothing.
        if raw["kty"] in ("EC", "OKP", "RSA"):
            key = jwt.PyJWK.from_dict(raw)
            if key.algorithm_name in ALGORITHMS and key.key_id:
                keys[key.key_id] = key
    return keys


class TokenVerifier:
    """Checks bearer tokens against one issuer."""

    def __init__(self, keys: Keys, issuer: str, audience: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._generation = 0
        self._remembered: OrderedDict[str, tuple[float, Identity]] = OrderedDict()

    async def identify(self, headers: Mapping[str, str]) -> Identity:
        """Who the bearer token was issued to."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthenticated("token_missing")
        await self._keys.refresh()
        if self._generation != self._keys.generation:
            self._remembered.clear()
            self._generation = self._keys.generation
        known = self._remembered.get(token)
        if known is not None and known[0] > time.time():
            return known[1]
        claims = await self._claims(token)
        identity = Identity(claims.sub, frozenset(claims.roles) - {SYSTEM}, claims.dept or "")
        self._remembered[token] = (claims.exp + LEEWAY_SECONDS, identity)
        if len(self._remembered) > MAX_REMEMBERED:
            self._remembered.popitem(last=False)
        return identity

    async def _claims(self, token: str) -> _Claims:
        try:
            key = await self._keys.find(str(jwt.get_unverified_header(token).get("kid")))
            claims = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
            return _Claims.model_validate(claims)
        except jwt.ExpiredSignatureError:
            raise _unauthenticated("token_expired") from None
        except (jwt.PyJWTError, KeyError, ValidationError):
            raise _unauthenticated("token_invalid") from None


class UnverifiedVerifier:
    """Believes the headers `X-Owlbus-Person`, `X-Owlbus-Roles` and `X-Owlbus-Department`. For development only."""

    async def identify(self, headers: Mapping[str, str]) -> Identity:
        """Who the headers say it is."""
        person = headers.get("x-owlbus-person", "")
        if not person:
            raise _unauthenticated("token_missing")
        roles = headers.get("x-owlbus-roles", "").replace(",", " ").split()
        return Identity(person, frozenset(roles) - {SYSTEM}, headers.get("x-owlbus-department", ""))


def verifier_of(settings: Settings) -> Verifier:
    """The verifier that the settings ask for. Raises SettingsError where there is no issuer and nobody said so."""
    if settings.issuer_jwks:
        return TokenVerifier(Keys(settings.issuer_jwks), settings.issuer, settings.audience)
    if settings.insecure_no_issuer:
        return UnverifiedVerifier()
    raise SettingsError(
        "OWLBUS_ISSUER_JWKS must name the issuer's keys (in development, OWLBUS_INSECURE_NO_ISSUER=true does without)"
    )


def _unauthenticated(code: str) -> Problem:
    error = "" if code == "token_missing" else ' error="invalid_token"'
    return Problem(code, headers={"WWW-Authenticate": f"Bearer{error}"})
