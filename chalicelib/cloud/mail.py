"""Email through SES, over TLS; SES itself requires TLS to the receiver if the identity's configuration says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.aws import error_code, is_temporary, temporary_failures
from chalicelib.ports.errors import MailRefused
from chalicelib.ports.messages import NOTHING_ATTACHED


class SesMail:
    """Plain-text email from the service's own address, ``sender``. ``client`` returns botocore's SES client."""

    def __init__(self, client: Callable[[], Any], sender: str) -> None:
        self._client = client
        self._sender = sender

    def send(self, to: str, subject: str, body: str, attached: Mapping[str, str] = NOTHING_ATTACHED) -> None:
        """Send one email to one address, with CSV files attached, by their names. Raises MailRefused or another
        TemporaryFailure, or ValueError for an address or subject of two lines.
        """
        if not to or any(mark in to + subject for mark in "\r\n"):
            raise ValueError("an email needs one address, and a subject of one line")
        with temporary_failures("mail.send"):
            try:
                if attached:
                    self._send_with_files(to, subject, body, attached)
                else:
                    self._send_text(to, subject, body)
            except ClientError as error:
                if is_temporary(error):
                    raise
                # An address, a message, or an account that may not send now: what was done before stands.
                raise MailRefused(f"mail.send: {error_code(error)}") from None

    def _send_text(self, to: str, subject: str, body: str) -> None:
        message = {
            "Subject": {"Data": subject, "Charset": "UTF-8"},
            "Body": {"Text": {"Data": body, "Charset": "UTF-8"}},
        }
        self._client().send_email(Source=self._sender, Destination={"ToAddresses": [to]}, Message=message)

    def _send_with_files(self, to: str, subject: str, body: str, attached: Mapping[str, str]) -> None:
        """Only a complete message can have attachments."""
        from email.message import EmailMessage  # noqa: PLC0415 - slow, and only needed for attachments

        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to, subject
        message.set_content(body)
        for name, text in attached.items():
            message.add_attachment(text.encode(), maintype="text", subtype="csv", filename=name)
        raw = {"Data": message.as_bytes()}
        self._client().send_raw_email(Source=self._sender, Destinations=[to], RawMessage=raw)
