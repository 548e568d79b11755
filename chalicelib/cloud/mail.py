"""Email through SES, over TLS; SES itself requires TLS to the receiver if the identity's configuration says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import ClientError

from chalicelib.aws import error_code, temporary_failures
from chalicelib.ports.errors import MailRefused

_REFUSED: Final = frozenset({"InvalidParameterValue", "MailFromDomainNotVerifiedException", "MessageRejected"})
"""SES's codes for an address or a message that it does not accept, now or ever."""


class SesMail:
    """Plain-text email from the service's own address, ``sender``. ``client`` returns botocore's SES client."""

    def __init__(self, client: Callable[[], Any], sender: str) -> None:
        self._client = client
        self._sender = sender

    def send(self, to: str, subject: str, body: str) -> None:
        """Send one email to one address. Raises MailRefused or another TemporaryFailure, or ValueError for an address
        or subject of two lines.
        """
        if not to or any(mark in to + subject for mark in "\r\n"):
            raise ValueError("an email needs one address, and a subject of one line")
        message = {
            "Subject": {"Data": subject, "Charset": "UTF-8"},
            "Body": {"Text": {"Data": body, "Charset": "UTF-8"}},
        }
        with temporary_failures("mail.send"):
            try:
                self._client().send_email(Source=self._sender, Destination={"ToAddresses": [to]}, Message=message)
            except ClientError as error:
                if error_code(error) in _REFUSED:
                    raise MailRefused(f"mail.send: {error_code(error)}") from None
                raise
