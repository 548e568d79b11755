"""The environment, read once: one frozen value with the location of everything and the limits.

Each function is given only the variables it needs (``chalicelib/grants.py``). Every value has a name in the
environment: ``table_register`` is ``LRS_TABLE_REGISTER``. A function names what it ``needs`` when it starts; everything
that is missing or malformed is reported together, at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, dataclass, field, fields
from re import fullmatch
from typing import Any, Final

from chalicelib.domain.contacts import Contacts
from chalicelib.grants import RESOURCES


class SettingsError(Exception):
    """The environment is incomplete or malformed; ``problems`` has one for each variable, without its value."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class _OutOfRange(ValueError):
    """Its text may be shown: it does not repeat the value."""


def _number(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = float(text)
        if not least <= value <= most:
            raise _OutOfRange(f"is not from {least:g} to {most:g}")
        return value

    return read


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise _OutOfRange(f"is not from {least} to {most}")
        return value

    return read


def _pace(text: str) -> tuple[float, int]:
    rate, _, burst = text.partition("/")
    found = float(rate), int(burst)
    if not (0.01 <= found[0] <= 10_000 and 1 <= found[1] <= 100_000):
        raise _OutOfRange("is not from 0.01/1 to 10000/100000")
    return found


def _origin(text: str) -> str:
    if not fullmatch(r"https?://[^/]+", text):
        raise _OutOfRange("is not http(s)://HOST, without a slash at the end")
    return text


def _flag(text: str) -> bool:
    return {"true": True, "false": False}[text]


def _environment(text: str) -> str:
    return {name: name for name in ("live", "compatibility")}[text]


def _level(text: str) -> str:
    return {level: level for level in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")}[text]


def _read(reader: Callable[[str], Any], default: Any) -> Any:
    """A setting, and the function that reads its value from text."""
    return field(default=default, metadata={"read": reader})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings in the environment."""

    region: str = ""
    """The AWS region of everything."""
    endpoint: str = ""
    """The address of the AWS services, if it is not their own."""
    ca_bundle: str = ""
    """The file with the root certificates of the AWS services, in place of Amazon's own."""

    resources: Mapping[str, str] = field(default_factory=dict)
    """The resources that the function may use, by variable: the names of tables, buckets and secrets, the addresses of
    queues and of the sender of emails.
    """
    service_desk_email: str = ""
    """The service desk's address, for emails about new challenges."""
    service_manager_email: str = ""
    """The service manager's address, for the monthly report of service levels."""
    service_owner_email: str = ""
    """The address of the person who answers for the service: the last point of escalation."""
    service_desk_telephone: str = ""
    """The service desk's telephone number, for pages; ``service_desk_hours`` says when it is answered."""
    service_desk_hours: str = ""
    portal_url: str = _read(_origin, "")
    """The address where people sign in, as browsers send it in ``Origin``; emails contain it."""
    probe_url: str = ""
    """The address of the service that the probe calls, as a caller would."""

    chunk_records: int = _read(_whole(1, 10_000), 500)
    """Approximate number of records in a chunk."""
    scan_uploads: bool = _read(_flag, default=False)
    """Whether a submitted file is only read when a malware scan has found it clean."""
    welsh_names: bool = _read(_flag, default=False)
    """Whether names may contain the accented letters of Welsh (AO18 App. B does not allow them)."""
    environment: str = _read(_environment, "live")
    """The environment whose maintenance windows close this service: ``live`` or ``compatibility``."""
    alarm_prefix: str = ""
    """What the names of the environment's alarms begin with; empty where there are none."""
    lists_prefix: str = "lists/"
    """The prefix of the operator's own reference lists in the catalogue bucket."""

    inbox_days: int = _read(_whole(7, 3_650), 30)
    """How long submitted files are kept; ``result_days`` is for output and error files, ``job_days`` for jobs, with the
    digests of their contents, and for pending matches after their decision.
    """
    result_days: int = _read(_whole(7, 3_650), 365)
    job_days: int = _read(_whole(7, 3_650), 365)

    connect_timeout: float = _read(_number(0.1, 60), 1.0)
    """Seconds to wait for a connection to AWS; ``read_timeout`` is for a response."""
    read_timeout: float = _read(_number(0.1, 120), 2.0)
    tries: int = _read(_whole(1, 10), 3)
    """How often a call to AWS is tried in total."""

    token_issuer: str = "urn:learning-records"  # noqa: S105 - a name, not a secret
    """The name of this service and its environment in the tokens it issues; ``token_audience`` is the name of their
    recipient.
    """
    token_audience: str = "urn:learning-records:api"  # noqa: S105 - likewise
    token_minutes: int = _read(_whole(1, 60), 15)
    """How long an access token is valid."""
    require_client_cert: bool = _read(_flag, default=False)
    """Whether a caller must present a client certificate of its organisation, as reported by API Gateway."""
    pace_single: tuple[float, int] = _read(_pace, (50.0, 500))
    """How often a credential may call: calls per second in the long run, and calls at once after a pause."""
    pace_batches: tuple[float, int] = _read(_pace, (5.0, 50))
    pace_tokens: tuple[float, int] = _read(_pace, (1.0, 20))
    pace_sources: tuple[float, int] = _read(_pace, (5.0, 100))
    """The same for requests for tokens and calls that are refused before their credential is counted, from one address
    or, of IPv6, from one network of 64 bits.
    """
    pace_sign_ins: tuple[float, int] = _read(_pace, (0.02, 20))
    """The same for passwords and secret answers that are entered for one user name."""
    wrong_entries: int = _read(_whole(3, 100), 10)
    """Wrong passwords that lock a portal user's account (AO18 3.5.6.1), and wrong secret answers that close the way to
    a new password.
    """
    password_days: int = _read(_whole(1, 3_650), 44)
    """How long a password can be used (AO18 2.3.1); ``one_time_days`` is for one that somebody else knows."""
    one_time_days: int = _read(_whole(1, 90), 14)
    link_minutes: int = _read(_whole(5, 1_440), 60)
    """How long the link in an email about a forgotten password can be used."""
    idle_minutes: int = _read(_whole(5, 240), 30)
    """A session in the portal ends after this time without a request, and in any case after ``session_hours``."""
    session_hours: int = _read(_whole(1, 24), 12)
    log_level: str = _read(_level, "INFO")
    """The lowest level that is logged."""

    @classmethod
    def from_environment(cls, env: Mapping[str, str], needs: Iterable[str] = ()) -> Settings:
        """Read the environment; ``needs`` are the variables that must be given, in addition to the region.

        Raises :class:`SettingsError` naming every variable that is missing or malformed.
        """
        resources = {name: text.strip() for name, text in env.items() if name.startswith(RESOURCES) and text.strip()}
        values: dict[str, Any] = {}
        problems: dict[str, str] = {}
        for spec in settable():
            text = _text(env, spec)
            try:
                if text:
                    values[spec.name] = spec.metadata.get("read", str)(text)
            except _OutOfRange as fault:
                problems[variable(spec.name)] = str(fault)
            except (ValueError, KeyError):
                problems[variable(spec.name)] = "cannot be read"
        given = resources.keys() | {variable(name) for name in values}
        for name in (variable("region"), *needs):
            if name not in given:
                problems.setdefault(name, "is missing")
        if problems:
            raise SettingsError(f"{name} {why}" for name, why in problems.items())
        return cls(resources=resources, **values)

    def need(self, name: str) -> str:
        """The text of a required setting; raises :class:`SettingsError` naming it if it is missing."""
        value = self.resources.get(variable(name)) or str(getattr(self, name, ""))
        if not value:
            raise SettingsError([f"{variable(name)} is missing"])
        return value

    @property
    def contacts(self) -> Contacts:
        """How to reach the service desk and the further points of escalation."""
        return Contacts(
            self.service_desk_email,
            self.service_desk_telephone,
            self.service_desk_hours,
            self.service_manager_email,
            self.service_owner_email,
        )

    def bucket(self, logical: str) -> str:
        """The physical name of a bucket: ``inbox``, ``work``, ``results`` or ``catalogue``."""
        return self.need(f"bucket_{logical}")

    def queue(self, logical: str) -> str:
        """The address of a queue: ``intake``, ``chunks``, ``finish`` or ``notices``."""
        return self.need(f"queue_{logical}")


def settable() -> tuple[Field[Any], ...]:
    """The settings with a variable of their own; the resources of a function have one variable each."""
    return tuple(spec for spec in fields(Settings) if spec.name != "resources")


def variable(name: str) -> str:
    """The variable of one setting."""
    return _AWS_NAMES.get(name) or f"LRS_{name.upper()}"


_AWS_NAMES: Final = {"region": "AWS_REGION", "endpoint": "AWS_ENDPOINT_URL", "ca_bundle": "AWS_CA_BUNDLE"}


def _text(env: Mapping[str, str], spec: Field[Any]) -> str:
    text = env.get(variable(spec.name), "").strip()
    if not text and spec.name == "region":
        return env.get("AWS_DEFAULT_REGION", "").strip()
    return text
