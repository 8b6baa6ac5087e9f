"""The channels of this installation: which there are, and the one place that sends by any of them."""

from collections.abc import Mapping
from datetime import datetime

from app.config import Settings
from app.domain.words import ChannelKind
from app.outbound import Outbound
from app.paging.channels.channel import Channel, Message, To
from app.paging.channels.chat import CHATS, ChatChannel
from app.paging.channels.email import EmailChannel
from app.paging.channels.outcome import Outcome, Refused
from app.paging.channels.push import PushChannel
from app.paging.channels.signed_webhook import DEADLINE, SignedWebhookChannel
from app.paging.channels.telephone import SmsChannel, VoiceChannel
from app.paging.channels.twilio import Twilio
from app.paging.webpush import WebPush
from app.smtp import MailServer


class Channels:
    """One per process. Safe to use from many threads."""

    def __init__(self, by_kind: Mapping[ChannelKind, Channel]) -> None:
        self._by_kind = by_kind

    @classmethod
    def from_settings(cls, settings: Settings) -> "Channels":
        """Those that the operator's settings make possible; Web Push and what goes to web addresses always."""
        found: dict[ChannelKind, Channel] = {ChannelKind.PUSH: PushChannel(WebPush.from_settings(settings))}
        server = MailServer.from_settings(settings)
        if server is not None:
            found[ChannelKind.EMAIL] = EmailChannel(server)
        provider = Twilio.from_settings(settings)
        if provider is not None:
            found |= {ChannelKind.SMS: SmsChannel(provider), ChannelKind.VOICE: VoiceChannel(provider)}
        near = settings.private_hosts  # by the operator's own word alone (SEC-3)
        chat = ChatChannel(Outbound(named_hosts=near, private=True))
        found |= dict.fromkeys(CHATS, chat)
        found[ChannelKind.SIGNED_WEBHOOK] = SignedWebhookChannel(
            Outbound(named_hosts=near, private=True, deadline=DEADLINE)
        )
        return cls(found)

    def send(self, message: Message, to: To, at: datetime) -> Outcome:
        """Send by the channel that `to` names; refused where this installation has none of that kind."""
        channel = self._by_kind.get(to.channel)
        if channel is None:
            return Refused(f"{to.channel.label} is not set up here.")
        return channel.send(message, to, at)

    def close(self) -> None:
        for channel in set(self._by_kind.values()):
            channel.close()
