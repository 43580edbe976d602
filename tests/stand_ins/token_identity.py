"""Somebody with a token of Google's, that must not go astray."""

from google.auth.credentials import Credentials
from google.oauth2.credentials import Credentials as TokenCredentials

from lib.providers.credentials import Identity


class TokenIdentity(Identity):
    """Has a token, and asks nobody for it."""

    def _find(self) -> Credentials:
        return TokenCredentials("a-token")  # type: ignore[no-untyped-call]
