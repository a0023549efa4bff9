"""Short-lived rights that Slack hands out: triggers to open a form, and addresses to answer at."""

from __future__ import annotations

import secrets

from sandbox.workspace.clock import TransportClock
from sandbox.workspace.errors import SlackError
from sandbox.workspace.records import Message, ResponseUrl, Trigger

TRIGGER_LIFE = 3.0
ADDRESS_LIFE = 30 * 60.0
ADDRESS_USES = 5


class Permits:
    """Gives out triggers and response addresses, and says whether one still holds."""

    def __init__(self, transport: TransportClock) -> None:
        self._transport = transport
        self._triggers: dict[str, Trigger] = {}
        self._addresses: dict[str, ResponseUrl] = {}
        self._count = 0

    def trigger(self, user: str, view_id: str = "") -> Trigger:
        """A new trigger for what this person just did."""
        self._count += 1
        trigger_id = f"{7_000_000_000 + self._count}.{secrets.randbelow(10**12):012d}.{secrets.token_hex(16)}"
        trigger = Trigger(trigger_id, user, self._transport.now(), view_id)
        self._triggers[trigger_id] = trigger
        return trigger

    def exchange(self, trigger_id: str) -> Trigger:
        """Use up a trigger, or refuse as Slack does: unknown, used before, or older than three seconds."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._transport.now() - trigger.issued > TRIGGER_LIFE:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    def address(self, user: str, channel: str, message: Message | None = None, thread_ts: str = "") -> ResponseUrl:
        """A new address to answer at; `message` is the one that was acted on."""
        secret = secrets.token_urlsafe(18)
        self._addresses[secret] = ResponseUrl(
            secret, user, channel, self._transport.now(), message=message, thread_ts=thread_ts
        )
        return self._addresses[secret]

    def use_address(self, secret: str) -> ResponseUrl:
        """Count one use of an address, or refuse: unknown, older than thirty minutes, or the sixth use."""
        address = self._addresses.get(secret)
        if address is None:
            raise SlackError("invalid_url")
        if self._transport.now() - address.issued > ADDRESS_LIFE:
            raise SlackError("expired_url")
        if address.uses >= ADDRESS_USES:
            raise SlackError("used_url")
        address.uses += 1
        return address
