"""An OpenID Connect provider: where it is asked, and whom it vouches for.

The authorization code flow with PKCE (RFC 7636) and a nonce; the token's signature, issuer, audience
and times are checked by Authlib. Not here: who may come in (`usecases.welcome_subject`).
"""

import asyncio
import time
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from fairlead.domain.errors import FairleadError, NotPermitted, Unavailable
from fairlead.settings import Settings
from fairlead.web.errands import Errand, Vouched

_PATIENCE_S: Final = 10
_KNOWN_FOR_S: Final = 600
_LEEWAY_S: Final = 60
_SIGNATURES: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")


class Provider:
    """The provider that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[str, Any] = {}
        self._known_until = 0.0
        self._asking = asyncio.Lock()

    async def address(self, errand: Errand, return_to: str) -> str:
        """Return where the browser is sent.

        Raises:
            Unavailable: the provider does not answer.
        """
        # Few servers have a provider, and Authlib takes more memory than all that is ours.
        from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415 — as said above.

        known = await self._description()
        asked = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": return_to,
            "scope": "openid email profile",
            "state": errand.state,
            "nonce": errand.nonce,
            "code_challenge": create_s256_code_challenge(errand.verifier),
            "code_challenge_method": "S256",
        }
        begin = known["authorization_endpoint"]
        return f"{begin}{'&' if '?' in begin else '?'}{urlencode(asked)}"

    async def vouched(self, errand: Errand, code: str, return_to: str) -> Vouched:
        """Return whom the provider vouches for with a code.

        Raises:
            NotPermitted: what it says is not right.
            Unavailable: it does not answer.
        """
        known = await self._description()
        async with httpx.AsyncClient(timeout=_PATIENCE_S) as http:
            told = await _told(
                http.post(
                    known["token_endpoint"],
                    data={
                        "grant_type": "authorization_code",
                        "code": code,
                        "redirect_uri": return_to,
                        "code_verifier": errand.verifier,
                    },
                    auth=(self._settings.oidc_client_id, self._settings.oidc_client_secret),
                )
            )
            claims = await self._claims(http, told, errand.nonce)
            if "email" not in claims and "userinfo_endpoint" in known:
                headers = {"Authorization": f"Bearer {told.get('access_token', '')}"}
                about = await _told(http.get(known["userinfo_endpoint"], headers=headers))
                if about.get("sub") == claims["sub"]:
                    claims = {**about, **claims}
        return _vouched(claims)

    async def _claims(self, http: httpx.AsyncClient, told: dict[str, Any], nonce: str) -> dict[str, Any]:
        from authlib.oidc.core import CodeIDToken  # noqa: PLC0415 — as in `address`.
        from joserfc import jwt  # noqa: PLC0415 — as in `address`.
        from joserfc.errors import JoseError  # noqa: PLC0415 — as in `address`.
        from joserfc.jwk import KeySet  # noqa: PLC0415 — as in `address`.

        known = await self._description()
        listed: Any = await _told(http.get(known["jwks_uri"]))
        keys = KeySet.import_key_set(listed)
        options = {
            "iss": {"essential": True, "value": known["issuer"]},
            "aud": {"essential": True, "value": self._settings.oidc_client_id},
        }
        expected = {"nonce": nonce, "client_id": self._settings.oidc_client_id}
        try:
            token = jwt.decode(str(told.get("id_token", "")), keys, algorithms=_SIGNATURES)
            claims = CodeIDToken(token.claims, token.header, options, expected)
            claims.validate(leeway=_LEEWAY_S)
        except (JoseError, ValueError) as error:
            raise NotPermitted(f"what the provider says cannot be believed: {error}") from error
        return dict(claims)

    async def _description(self) -> dict[str, Any]:
        """Return how the provider describes itself, asked anew every ten minutes."""
        async with self._asking:
            if time.monotonic() > self._known_until:
                address = f"{self._settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration"
                async with httpx.AsyncClient(timeout=_PATIENCE_S) as http:
                    found = await _told(http.get(address))
                if found.get("issuer") != self._settings.oidc_issuer:
                    raise NotPermitted("the provider calls itself by another name than FAIRLEAD_OIDC_ISSUER")
                self._known, self._known_until = found, time.monotonic() + _KNOWN_FOR_S
            return self._known


async def _told(asked: Any) -> dict[str, Any]:
    """Return the JSON object of an answer.

    Raises:
        NotPermitted: the provider refused.
        Unavailable: it did not answer, or with something else.
    """
    try:
        answer: httpx.Response = await asked
        if answer.is_client_error:
            raise NotPermitted("the provider refused this sign-in; try again")
        answer.raise_for_status()
        told = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Unavailable("the provider does not answer just now; try again in a moment") from error
    if not isinstance(told, dict):
        raise FairleadError("the provider answers with something unexpected")
    return told


def _vouched(claims: dict[str, Any]) -> Vouched:
    email = claims.get("email")
    if not isinstance(email, str) or not email:
        raise NotPermitted("the provider tells no e-mail address; let it tell the claim email")
    name = claims.get("name") or claims.get("preferred_username") or email.partition("@")[0]
    return Vouched(
        name_there=f"{claims['iss']} {claims['sub']}",
        email=email,
        email_is_verified=claims.get("email_verified") is True,
        name=str(name),
    )
