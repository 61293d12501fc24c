"""Coming in through an identity provider: OpenID Connect's authorization code flow with PKCE.

https://openid.net/specs/openid-connect-core-1_0.html, RFC 7636. What has to be remembered between the two
requests (state, nonce, verifier, where to go) lies in a short-lived signed cookie. Needs the extra ``oidc``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from broadsheet.errors import InputError, NotFoundError, SourceError
from broadsheet.serve import guard
from broadsheet.serve.door import Provider, visitor_of
from broadsheet.serve.people.entrance import let_in
from broadsheet.serve.site import Site

_COOKIE: Final = "provider"
_LASTS: Final = 600  # seconds to log in over there
_ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")  # never "none", nor one with a shared key
_TIMEOUT: Final = 10.0
_LEEWAY: Final = 60  # seconds that the two clocks may differ


def begin(site: Site, request: Request) -> Response:
    """Send the visitor to the provider."""
    provider = _provider(site)
    metadata = _metadata(provider)
    kept = {
        "state": secrets.token_urlsafe(24),
        "nonce": secrets.token_urlsafe(24),
        "verifier": secrets.token_urlsafe(48),
        "back": guard.local_path(request.query_params.get("back", ""), otherwise="/"),
        "until": int(site.now().timestamp()) + _LASTS,
    }
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": _own_address(site, request),
        "scope": "openid profile email",
        "state": kept["state"],
        "nonce": kept["nonce"],
        "code_challenge": _challenge(str(kept["verifier"])),
        "code_challenge_method": "S256",
    }
    answer = RedirectResponse(f"{metadata['authorization_endpoint']}?{urlencode(asked)}", status_code=303)
    answer.set_cookie(
        _COOKIE,
        _seal(kept, site.library.signing_key("provider")),
        max_age=_LASTS,
        path="/login/provider",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",  # it must come along when the provider sends the visitor back
    )
    return answer


def finish(site: Site, request: Request) -> Response:
    """The visitor is back: find out who it is, and let them in."""
    provider = _provider(site)
    kept = _unseal(request.cookies.get(_COOKIE, ""), site.library.signing_key("provider"))
    if not kept or kept["until"] < site.now().timestamp():
        raise InputError("this log-in took too long or began in another browser; begin again")
    if not hmac.compare_digest(request.query_params.get("state", ""), kept["state"]):
        raise InputError("this answer belongs to another log-in; begin again")
    if error := request.query_params.get("error"):
        raise InputError(f"{provider.name} did not let you in: {error[:200]}")
    metadata = _metadata(provider)
    token = _token(
        provider, metadata, request.query_params.get("code", ""), kept, _own_address(site, request)
    )
    claims = _claims(provider, metadata, token, nonce=kept["nonce"], now=site.now().timestamp())
    accounts, visitor = site.accounts(), visitor_of(request)
    if visitor.account is not None:  # somebody logged in joins the two
        accounts.join(visitor.account, provider.issuer, claims["sub"])
        return RedirectResponse("/account", status_code=303)
    account = accounts.by_provider(
        provider.issuer,
        claims["sub"],
        name=str(claims.get("name") or claims.get("preferred_username") or "reader"),
        email=str(claims.get("email") or ""),
        verified=claims.get("email_verified") is True,
    )
    secret = accounts.open(account, agent=request.headers.get("user-agent", ""))
    answer = let_in(request, secret, kept["back"])
    answer.delete_cookie(_COOKIE, path="/login/provider")
    return answer


def _provider(site: Site) -> Provider:
    if site.door.provider is None:
        raise NotFoundError("this paper has no identity provider")
    return site.door.provider


def _own_address(site: Site, request: Request) -> str:
    return site.absolute(request, "/login/provider/back")


def _metadata(provider: Provider) -> Mapping[str, Any]:
    """What the provider says of itself (OpenID Connect Discovery 1.0). Asked anew, as log-ins are rare."""
    found = _ask("GET", provider.issuer.rstrip("/") + "/.well-known/openid-configuration", provider)
    if found.get("issuer") != provider.issuer:
        raise SourceError(
            f"{provider.name} calls itself {found.get('issuer')!r}; expected {provider.issuer!r}, as the settings say"
        )
    return found


def _token(
    provider: Provider, metadata: Mapping[str, Any], code: str, kept: Mapping[str, Any], address: str
) -> str:
    if not code:
        raise InputError("the answer has no code; begin again")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": address,
        "code_verifier": kept["verifier"],
    }
    answer = _ask(
        "POST",
        metadata["token_endpoint"],
        provider,
        data=form,
        auth=(provider.client_id, provider.client_secret),
    )
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise SourceError(f"{provider.name} gave no id_token")
    return token


def _claims(
    provider: Provider, metadata: Mapping[str, Any], token: str, *, nonce: str, now: float
) -> Mapping[str, Any]:
    """What the provider's token says, checked as OpenID Connect Core 3.1.3.7 asks."""
    try:
        from joserfc import jwt  # noqa: PLC0415  an optional extra
        from joserfc.errors import JoseError  # noqa: PLC0415
        from joserfc.jwk import KeySet  # noqa: PLC0415
    except ImportError as error:
        raise SourceError("an identity provider needs the extra: pip install 'broadsheet[oidc]'") from error
    keys = _ask("GET", metadata["jwks_uri"], provider)
    try:
        decoded = jwt.decode(
            token, KeySet.import_key_set({"keys": keys["keys"]}), algorithms=list(_ALGORITHMS)
        )
        registry = jwt.JWTClaimsRegistry(
            now=int(now),
            leeway=_LEEWAY,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": provider.client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        registry.validate(decoded.claims)
    except (JoseError, KeyError, ValueError, TypeError) as error:
        raise SourceError(f"{provider.name} gave a token that cannot be believed: {error}") from error
    claims: Mapping[str, Any] = decoded.claims
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != provider.client_id:
        raise SourceError(f"{provider.name} gave a token that was made for another")
    return claims


def _ask(method: str, url: str, provider: Provider, **more: Any) -> dict[str, Any]:
    try:
        answer = httpx.request(method, url, timeout=_TIMEOUT, headers={"Accept": "application/json"}, **more)
        answer.raise_for_status()
        found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise SourceError(f"{provider.name} did not answer as it should: {error}") from error
    if not isinstance(found, dict):
        raise SourceError(f"{provider.name} answered with something else than an object")
    return found


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _seal(value: Mapping[str, Any], key: bytes) -> str:
    text = base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
    return f"{text}.{hmac.new(key, text.encode(), 'sha256').hexdigest()}"


def _unseal(sealed: str, key: bytes) -> dict[str, Any]:
    """What was sealed; empty where this key did not seal it."""
    text, _, mark = sealed.partition(".")
    if not hmac.compare_digest(mark, hmac.new(key, text.encode(), "sha256").hexdigest()):
        return {}
    value: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text))
    return value
