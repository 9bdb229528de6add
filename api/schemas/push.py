"""What a browser sends that may be woken, and the key that it subscribes with."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from api.schemas.conventions import Body, View

Base64Url = StringConstraints(pattern=r"^[A-Za-z0-9_-]+={0,2}$")


class PushKeys(Body):
    p256dh: Annotated[str, StringConstraints(min_length=80, max_length=100), Base64Url]
    auth: Annotated[str, StringConstraints(min_length=16, max_length=32), Base64Url]


class Subscribe(Body):
    """As `PushSubscription.toJSON()` tells it. It takes the place of what this sign-in had."""

    endpoint: Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[!-~]+$")]
    keys: PushKeys


class PushKey(View):
    """The `applicationServerKey`, in URL-safe base64."""

    public_key: str
