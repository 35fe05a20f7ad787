"""The platform's register of batteries, asked over HTTP: `GET` and `PUT /api/v1/batteries[/{asset_id}[/secret]]`.

A secret is neither asked for nor sent where it could be read on its way: LinkDown, and nothing leaves this machine.
"""

from urllib.parse import urlencode

from kiosk.domain.battery.binding import Binding, BindingChange, ToldBindings
from kiosk.domain.errors import BadInput, LinkDown
from kiosk.domain.language import tr
from kiosk.station.adapters.http.client import PlatformClient, quoted_asset
from kiosk.wire.battery_documents import binding_of, change_to_document, secret_of, told_of

PATH = "/api/v1/batteries"
PAGE = 200
SECRET_SECONDS = 3.0


class HttpBindings:
    """The `BindingChannel` of the ports."""

    def __init__(self, client: PlatformClient, page: int = PAGE) -> None:
        self._client, self._page = client, page

    @property
    def keeps_secrets(self) -> bool:
        return self._client.address.is_private

    async def changes(self, after: str) -> ToldBindings:
        """The platform refuses nothing of this question but its cursor."""
        asked = {"limit": self._page, "after": after} if after else {"limit": self._page}
        try:
            document = await self._client.get(f"{PATH}?{urlencode(asked)}")
        except BadInput as refusal:
            raise BadInput("cursor" if after else refusal.where, refusal.reason) from refusal
        return told_of(document)

    async def send(self, change: BindingChange, secret: str) -> Binding | None:
        if secret:
            self._check_safe()
        document = change_to_document(change) | ({"secret": secret} if secret else {})
        return binding_of(await self._client.put(f"{PATH}/{quoted_asset(change.battery_id)}", document))

    async def secret(self, battery_id: str) -> str:
        self._check_safe()
        return secret_of(await self._client.get(f"{PATH}/{quoted_asset(battery_id)}/secret", timeout_seconds=SECRET_SECONDS))

    def _check_safe(self) -> None:
        if not self.keeps_secrets:
            raise LinkDown(tr("{address} is not https: a battery's secret could be read on its way", address=self._client.address.url))
