"""The composition root: settings, clients, adapters and use cases, each made once for a container on first use.

An entry point calls :func:`start` when it is loaded and :func:`services` for every event. A part that no event uses is
neither built nor imported, so each function loads only its own parts when it starts. Tests and benchmarks give
:class:`Services` adapters of their own.
"""

from __future__ import annotations

import os
import random
import re
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from chalicelib.settings import Settings, SettingsError, variable

if TYPE_CHECKING:
    import chalicelib.aws
    import chalicelib.cloud.access_logs
    import chalicelib.cloud.alarms
    import chalicelib.cloud.clock
    import chalicelib.cloud.files
    import chalicelib.cloud.functions
    import chalicelib.cloud.journal
    import chalicelib.cloud.mail
    import chalicelib.cloud.measurements
    import chalicelib.cloud.passwords
    import chalicelib.cloud.probes
    import chalicelib.cloud.queues
    import chalicelib.cloud.reports
    import chalicelib.cloud.secrets
    import chalicelib.cloud.token_keys
    import chalicelib.domain.accounts
    import chalicelib.domain.jobs
    import chalicelib.domain.maintenance
    import chalicelib.domain.monthly_levels
    import chalicelib.domain.throttles
    import chalicelib.formats.registers.catalogue_files
    import chalicelib.observability
    import chalicelib.reference.levels
    import chalicelib.services.achievement_lists
    import chalicelib.services.achievements
    import chalicelib.services.alarm_mutes
    import chalicelib.services.batches.apply
    import chalicelib.services.batches.apply_achievements
    import chalicelib.services.batches.apply_learners
    import chalicelib.services.batches.apply_verifications
    import chalicelib.services.batches.arrivals
    import chalicelib.services.batches.deadlines
    import chalicelib.services.batches.error_reports
    import chalicelib.services.batches.finish
    import chalicelib.services.batches.job_records
    import chalicelib.services.batches.line
    import chalicelib.services.batches.newest
    import chalicelib.services.batches.notices
    import chalicelib.services.batches.sent_files
    import chalicelib.services.batches.split
    import chalicelib.services.batches.stuck
    import chalicelib.services.batches.submit
    import chalicelib.services.batches.watch
    import chalicelib.services.breaches
    import chalicelib.services.challenges
    import chalicelib.services.closures
    import chalicelib.services.credentials
    import chalicelib.services.developers
    import chalicelib.services.downtime
    import chalicelib.services.imports.events
    import chalicelib.services.imports.loads
    import chalicelib.services.imports.operator_lists
    import chalicelib.services.imports.orders
    import chalicelib.services.imports.registers
    import chalicelib.services.kept_forms
    import chalicelib.services.known_callers
    import chalicelib.services.learner_links
    import chalicelib.services.learner_retrieval
    import chalicelib.services.learner_search
    import chalicelib.services.learners
    import chalicelib.services.looks
    import chalicelib.services.maintenance
    import chalicelib.services.maintenance_notices
    import chalicelib.services.organisation_activity
    import chalicelib.services.organisation_mail
    import chalicelib.services.organisation_register
    import chalicelib.services.organisations
    import chalicelib.services.own_organisation
    import chalicelib.services.pending_matches
    import chalicelib.services.portal_sessions
    import chalicelib.services.post
    import chalicelib.services.records
    import chalicelib.services.recoveries
    import chalicelib.services.reference_lists
    import chalicelib.services.refused_calls
    import chalicelib.services.registration
    import chalicelib.services.service_levels
    import chalicelib.services.service_status
    import chalicelib.services.sign_in
    import chalicelib.services.submission_terms
    import chalicelib.services.throttles
    import chalicelib.services.timeliness
    import chalicelib.services.tokens
    import chalicelib.services.user_mails
    import chalicelib.services.users
    import chalicelib.services.verify_learner
    import chalicelib.snapshots
    import chalicelib.storage.access_log
    import chalicelib.storage.accounts
    import chalicelib.storage.achievements
    import chalicelib.storage.audit
    import chalicelib.storage.casework
    import chalicelib.storage.catalogue
    import chalicelib.storage.conditions
    import chalicelib.storage.corrections
    import chalicelib.storage.credentials
    import chalicelib.storage.cursors
    import chalicelib.storage.developers
    import chalicelib.storage.jobs
    import chalicelib.storage.kept_forms
    import chalicelib.storage.learner_register
    import chalicelib.storage.learners
    import chalicelib.storage.ledgers
    import chalicelib.storage.levels
    import chalicelib.storage.pending_matches
    import chalicelib.storage.person_index
    import chalicelib.storage.portal_sessions
    import chalicelib.storage.records
    import chalicelib.storage.refused_calls
    import chalicelib.storage.sealing
    import chalicelib.storage.sessions
    import chalicelib.storage.submissions
    import chalicelib.storage.tables
    import chalicelib.storage.tallies
    import chalicelib.storage.timeliness
    import chalicelib.storage.turns
    import chalicelib.storage.users
    import chalicelib.storage.wire
    from chalicelib.ports.journal import Journal
    from chalicelib.reference import Lists
else:

    class _Package:
        """A package; each of its modules is loaded when a part first names it."""

        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, name: str) -> Any:
            module = import_module(f"{self._name}.{name}")
            found = _Package(module.__name__) if hasattr(module, "__path__") else module
            setattr(self, name, found)
            return found

    chalicelib = _Package("chalicelib")

cloud = chalicelib.cloud
storage = chalicelib.storage
use_cases = chalicelib.services
batches = use_cases.batches

CHUNK_LEASE: Final = timedelta(minutes=2)
"""How long a delivery holds a chunk: more than the function's time limit, less than the queue's visibility."""
ACCESS_LIFETIME: Final = timedelta(days=30)
"""How long a learner or a record can be looked at again without naming the learner."""

CLIENTS: Final = {
    "LRS_TABLE_": "dynamodb",
    "LRS_BUCKET_": "s3",
    "LRS_QUEUE_": "sqs",
    "LRS_SECRET_": "secretsmanager",
    "LRS_MAIL_": "ses",
    "LRS_LOGGROUP_": "logs",
    "LRS_METRIC_": "cloudwatch",
    "LRS_FUNCTION_": "lambda",
}
"""The AWS service of each kind of resource, by the prefix of its variables."""
IN_THE_CLOUD: Final = "AWS_LAMBDA_FUNCTION_NAME"
"""The variable that Lambda sets for every function."""

_LISTS: Final = "lists"
_KEY: Final = re.compile(r"([0-9a-fA-F]{2}){32,}")
_Made = TypeVar("_Made")
_Takes = ParamSpec("_Takes")


class Part(cached_property[_Made]):
    """A part of the services, made from other parts when it is first used."""

    def __init__(self, make: Callable[[Services], _Made]) -> None:
        super().__init__(make)


class Adapter(Part[_Made]):
    """The adapter of a port. :class:`Services` accepts another one by its name."""


class Services:
    """The adapters of the ports, and the use cases over them."""

    def __init__(self, settings: Settings, environ: Mapping[str, str], **adapters: Any) -> None:
        """Raises TypeError for a name that is not an adapter's: the use cases are always the real ones."""
        unknown = [name for name in adapters if not isinstance(vars(Services).get(name), Adapter)]
        if unknown:
            raise TypeError(f"no such adapters: {', '.join(unknown)}")
        self.settings = settings
        self.environ = environ
        self._read: dict[str, object] = {}
        """What was read once from outside: keys by their settings, and the versions of the operator's lists."""
        vars(self).update(adapters)

    def complete(self) -> None:
        """Make every part, except those for which a setting is missing: other functions' parts."""
        for name, part in vars(Services).items():
            if isinstance(part, Part):
                with suppress(Exception):
                    storage.tables.prepare(getattr(type(getattr(self, name)), "MODELS", {}))

    def adapters(self) -> dict[str, Any]:
        """The adapters that have been given or made, by their names."""
        return {name: part for name, part in vars(self).items() if isinstance(vars(Services).get(name), Adapter)}

    def is_current(self) -> bool:
        """Whether what was read once is still the same outside. Raises TemporaryFailure."""
        found = {name: self._versions() if name == _LISTS else self.secret(name) for name in self._read}
        return found == self._read

    # --- clients, clock, random values, lists -----------------------------------------------------------------------

    clients = Adapter(lambda my: chalicelib.aws.Clients(my.settings, my.environ, {"dynamodb": storage.wire.speed_up}))
    """The clients of AWS services; the one of DynamoDB has cheap batches."""
    clock = Adapter(lambda _: cloud.clock.now)
    """The current time in UTC, with its time zone."""
    new_id = Adapter(lambda _: cloud.clock.new_id)
    """A new random identifier."""
    new_secret = Adapter(lambda _: cloud.secrets.new_secret)
    """A new secret of a credential."""
    draw = Adapter(lambda _: secrets.randbelow)
    """An unpredictable whole number from 0 to n - 1."""
    patience = Adapter(lambda _: storage.conditions.Patience(time.sleep, random.random))
    """The retries for parts of a batch that DynamoDB did not process."""

    journal: Adapter[Journal] = Adapter(lambda _: cloud.journal.LogJournal())
    """The log that operators read."""

    @Adapter
    def lists(self) -> Lists:
        """The reference lists of this process, with the operator's own lists if there are any.

        Raises SettingsError naming the line of an operator's list that is malformed.
        """
        from chalicelib.reference import Lists, Sources, install, lists  # noqa: PLC0415 - see the module's docstring

        try:
            prefix = self.settings.lists_prefix
            stored = self._read[_LISTS] = self._versions()
            sources = use_cases.imports.operator_lists.read_sources(self.files, prefix, stored, self.journal)
            held = Lists(sources, welsh_names=self.settings.welsh_names)
            held.check()
        except ValueError as malformed:
            raise SettingsError([str(malformed)]) from None
        use_cases.imports.operator_lists.check_end(held, self.clock().date(), self.journal)
        install(held if held.welsh_names or sources != Sources() else None)
        return lists()

    def _versions(self) -> Mapping[str, str]:
        return use_cases.imports.operator_lists.stored_versions(self.files, self.settings.lists_prefix)

    # --- parts of adapters -----------------------------------------------------------------------------------------

    def need(self, setting: str) -> str:
        """A required setting."""
        return self.settings.need(setting)

    def dynamodb(self) -> Any:
        return self.clients["dynamodb"]

    def bound(self, adapter: Callable[_Takes, _Made], *given: _Takes.args, **named: _Takes.kwargs) -> _Made:
        """An adapter whose ``MODELS`` have their tables and our client."""
        models: chalicelib.storage.tables.Models = vars(adapter)["MODELS"]
        for table, items in models.items():
            for item in items:
                storage.tables.bind(item, self.need(f"table_{table}"), self.settings.region, self.dynamodb)
        return adapter(*given, **named)

    @property
    def token_lifetime(self) -> timedelta:
        return timedelta(minutes=self.settings.token_minutes)

    digests = Adapter(lambda my: storage.learner_register.IdentityDigests(lambda: my.secret_key("secret_identity_key")))
    sealing = Part(lambda my: storage.sealing.Sealing(my.secret_key("secret_cursor_key")))

    def secret_key(self, setting: str) -> bytes:
        """The key in the secret of a setting; raises SettingsError when there is none."""
        text = self._read[setting] = self.secret(setting)
        if not _KEY.fullmatch(text):
            raise SettingsError([f"{variable(setting)} names a secret without 64 hexadecimal digits or more"])
        return bytes.fromhex(text)

    def secret(self, setting: str) -> str:
        """The text of the secret that a setting names."""
        name = self.need(setting)
        return cloud.secrets.read_secret(lambda: self.clients["secretsmanager"], name)

    # --- buckets, queues, mail, keys -------------------------------------------------------------------------------

    files = Adapter(lambda my: cloud.files.S3Files(lambda: my.clients["s3"], my.settings.bucket))
    """Objects in buckets."""
    queues = Adapter(lambda my: cloud.queues.SqsQueues(lambda: my.clients["sqs"], my.settings.queue))
    """Messages to queues."""
    alarms = Adapter(
        lambda my: cloud.alarms.CloudWatchAlarms(lambda: my.clients["cloudwatch"], my.need("alarm_prefix"))
    )
    """The alarms of the environment, and what mutes them."""
    mail = Adapter(lambda my: cloud.mail.SesMail(lambda: my.clients["ses"], my.need("mail_sender")))
    """Mail from the service's own address."""
    reports = Adapter(
        lambda my: cloud.reports.ReportFunction(lambda: my.clients["lambda"], my.need("function_make_report"))
    )
    """Reports as PDF."""
    functions = Adapter(
        lambda my: cloud.functions.LambdaFunctions(
            lambda: my.clients["lambda"], lambda name: my.need(f"function_{name}")
        )
    )
    """Functions that are started and not waited for."""
    token_keys = Adapter(
        lambda my: cloud.token_keys.TokenKeys(lambda: my.secret("secret_token_keys"), my.clock, my.token_lifetime)
    )
    """The keys of tokens."""
    access_logs = Adapter(
        lambda my: cloud.access_logs.CloudWatchAccessLogs(
            lambda: my.clients["logs"], lambda surface: my.need(f"loggroup_access_{surface}")
        )
    )
    """The gateway's access logs."""
    measurements = Adapter(
        lambda my: cloud.measurements.CloudWatchMeasurements(
            lambda: my.clients["cloudwatch"], my.need("metric_namespace"), my.clock
        )
    )
    """What functions measure of requests and files."""
    probe = Adapter(
        lambda my: cloud.probes.Probe(
            my.need("probe_url"),
            lambda: my.secret("secret_probe_certificate"),
            my.settings.ca_bundle or str(chalicelib.aws.ROOTS),
        )
    )
    """A call of the service from outside."""
    page_tokens = Adapter(lambda my: storage.cursors.Cursors(my.secret_key("secret_cursor_key"), my.clock))
    """Page cursors of listings."""

    # --- tables ----------------------------------------------------------------------------------------------------

    accounts = Adapter(lambda my: my.bound(storage.accounts.AccountTable, my.patience))
    """Organisations."""
    credential_table = Adapter(lambda my: my.bound(storage.credentials.CredentialTable, my.patience))
    """Credentials, with their organisations."""
    user_table = Adapter(lambda my: my.bound(storage.users.UserTable, my.patience))
    """Accounts of portal users."""
    portal_session_table = Adapter(lambda my: my.bound(storage.portal_sessions.PortalSessionTable, my.patience))
    """Sessions of the portal."""
    kept_form_table = Adapter(lambda my: my.bound(storage.kept_forms.KeptFormTable, lambda: my.sealing))
    """Forms that wait for their senders."""
    paces = Adapter(lambda my: my.bound(storage.sessions.PaceTable))
    """The buckets of callers' calls."""
    refused_call_counts = Adapter(lambda my: my.bound(storage.refused_calls.RefusedCallTable))
    """Refused calls that are not in the audit log yet."""
    answers = Adapter(lambda my: my.bound(storage.sessions.AnswerTable, lambda: my.sealing))
    """Answers to requests with an idempotency key."""
    audit = Adapter(lambda my: my.bound(storage.audit.AuditTable, my.patience))
    """The append-only log."""
    access_log = Adapter(lambda my: my.bound(storage.access_log.AccessLogTable, lambda: my.page_tokens))
    """The list of who looked at a record."""
    learners = Adapter(lambda my: my.bound(storage.learners.LearnerTable, my.patience))
    """The learners that records are matched with."""

    @Adapter
    def learner_register(self) -> chalicelib.storage.learner_register.LearnerRegisterTable:
        """Learners, with everything the register holds about them."""
        _ = self.lists
        return self.bound(storage.learner_register.LearnerRegisterTable, self.patience, self.digests)

    person_index = Adapter(lambda my: my.bound(storage.person_index.PersonIndexTable, my.patience))
    """Search entries."""
    pending_matches = Adapter(
        lambda my: my.bound(
            storage.pending_matches.PendingMatchTable,
            my.patience,
            my.digests,
            lambda: my.page_tokens,
            timedelta(days=my.settings.job_days),
        )
    )
    """Registrations that wait for a decision."""
    ledgers = Adapter(lambda my: my.bound(storage.ledgers.LedgerTable))
    """What chunks of learner batches have written."""
    achievements = Adapter(lambda my: my.bound(storage.achievements.AchievementTable, my.patience))
    """Stored achievements."""
    submissions = Adapter(lambda my: my.bound(storage.submissions.SubmissionTable, my.patience))
    """Changes submitted by each organisation, by day."""
    records = Adapter(lambda my: my.bound(storage.records.RecordTable))
    """Everything that the register holds under a ULN."""
    participation_events = Adapter(lambda my: my.bound(storage.records.EventTable, my.patience))
    """Events from feeds."""
    casework = Adapter(lambda my: my.bound(storage.casework.CaseworkTable, my.patience))
    """Challenges."""

    @Adapter
    def catalogues(self) -> chalicelib.storage.catalogue.CatalogueStore:
        """Versions of the catalogue of aims and providers."""
        read = chalicelib.formats.registers.catalogue_files.read_snapshot
        return self.bound(storage.catalogue.CatalogueStore, self.files, read, self.clock)

    environment = Part(lambda my: chalicelib.domain.maintenance.Environment(my.settings.environment))
    """The environment whose maintenance windows close this service."""
    schedules = Adapter(lambda my: my.bound(storage.levels.ScheduleTable))
    """The maintenance schedule."""
    outages = Adapter(lambda my: my.bound(storage.levels.OutageTable, my.clock, my.environment))
    """Times when the service was not available."""
    levels = Adapter(lambda my: my.bound(storage.tallies.LevelTable, my.patience))
    """Tallies of requests and files, and monthly reports."""
    jobs = Adapter(
        lambda my: my.bound(
            storage.jobs.JobTable,
            my.new_id,
            my.patience,
            lambda: my.page_tokens,
            timedelta(days=my.settings.job_days),
        )
    )
    """Batch jobs."""
    corrections = Adapter(
        lambda my: my.bound(storage.corrections.CorrectionTable, timedelta(days=my.settings.job_days))
    )
    """Corrected records of jobs."""
    turns = Adapter(lambda my: my.bound(storage.turns.TurnTable))
    """The lines of organisations' files."""

    looks = Part(lambda my: use_cases.looks.Looks(my.audit, my.clock, my.new_id))
    """The writer of the audit log."""

    # --- learners --------------------------------------------------------------------------------------------------

    @Part
    def learner_ports(self) -> chalicelib.services.learner_search.LearnerPorts:
        _ = self.lists
        return use_cases.learner_search.LearnerPorts(
            register=self.learner_register,
            index=self.person_index,
            pending=self.pending_matches,
            looks=self.looks,
            clock=self.clock,
            new_id=self.new_id,
            draw=self.draw,
        )

    registration = Part(lambda my: use_cases.registration.Registration(my.learner_ports))
    """Learners written to the register."""
    learner_services = Part(lambda my: use_cases.learners.LearnerServices(my.learner_ports, my.registration))
    """Finding, registering and updating learners."""
    learner_links = Part(lambda my: use_cases.learner_links.LearnerLinks(my.learner_ports))
    """Links between two ULNs of one person."""
    learner_retrieval = Part(
        lambda my: use_cases.learner_retrieval.LearnerRetrieval(
            my.learner_register, my.looks, my.page_tokens.lasting(ACCESS_LIFETIME)
        )
    )
    """Reading learners again, and checking ULNs."""
    pending_decisions = Part(lambda my: use_cases.pending_matches.PendingDecisions(my.learner_ports, my.registration))
    """Decisions on registrations that found possible matches."""

    @Part
    def verify_learner(self) -> chalicelib.services.verify_learner.VerifyLearner:
        """Verifying single learners."""
        _ = self.lists
        ports = use_cases.verify_learner.VerifyPorts(self.learners, self.looks)
        return use_cases.verify_learner.VerifyLearner(ports)

    # --- batches ---------------------------------------------------------------------------------------------------

    batch_line = Part(lambda my: batches.line.BatchLine(my.jobs, my.turns, my.queues, my.clock))
    """Starts the next file of an organisation when its turn comes."""
    submit_ports = Part(
        lambda my: batches.submit.SubmitPorts(
            my.jobs, my.files, my.accounts, my.looks, my.batch_line, my.clock, my.new_id, my.journal
        )
    )
    batch_submit = Part(lambda my: batches.submit.BatchJobs(my.submit_ports))
    """Submission and lists of batch jobs, for their organisation."""
    newest_jobs = Part(lambda my: batches.newest.NewestJobs(my.jobs))
    """The newest of each person's own."""

    @Part
    def sent_files(self) -> chalicelib.services.batches.sent_files.SentFiles:
        """Files that people send through the portal."""
        _ = self.lists
        return batches.sent_files.SentFiles(self.submit_ports, self.batch_submit)

    @Part
    def error_reports(self) -> chalicelib.services.batches.error_reports.ErrorReports:
        """What failed in jobs, and its corrections."""
        _ = self.lists
        made = batches.error_reports
        ports = made.ReportPorts(self.files, self.jobs, self.corrections, self.looks, self.clock)
        return made.ErrorReports(ports, self.batch_submit)

    job_records = Part(
        lambda my: batches.job_records.JobRecords(
            batches.job_records.JobRecordPorts(my.files, my.looks, my.page_tokens), my.batch_submit
        )
    )
    """The records of jobs with their results."""

    @Part
    def batch_split(self) -> chalicelib.services.batches.split.BatchSplit:
        """The first step of the pipeline."""
        ports = batches.split.SplitPorts(
            jobs=self.jobs,
            files=self.files,
            accounts=self.accounts,
            catalogues=self.catalogues,
            outages=self.outages,
            line=self.batch_line,
            clock=self.clock,
            bank_holidays=self.lists.bank_holidays,
            journal=self.journal,
        )
        return batches.split.BatchSplit(ports, self.settings.chunk_records, scans=self.settings.scan_uploads)

    @Part
    def batch_apply(self) -> chalicelib.services.batches.apply.BatchApply:
        """The middle step of the pipeline."""
        _ = self.lists
        ports = batches.apply.ApplyPorts(
            jobs=self.jobs,
            files=self.files,
            accounts=self.accounts,
            looks=self.looks,
            queues=self.queues,
            clock=self.clock,
            journal=self.journal,
        )
        # Each is loaded at the first chunk of its kind: most containers see one kind only.
        kinds: dict[str, chalicelib.services.batches.apply.Work] = {
            chalicelib.domain.jobs.ACHIEVEMENTS: lambda ports, delivery: batches.apply_achievements.AchievementWork(
                ports, delivery, self._achievement_work_ports
            ),
            chalicelib.domain.jobs.LEARNERS: lambda ports, delivery: batches.apply_learners.LearnerWork(
                ports, delivery, self._learner_work_ports
            ),
            chalicelib.domain.jobs.VERIFICATIONS: lambda ports, delivery: batches.apply_verifications.VerificationWork(
                ports, delivery, self.learners
            ),
        }
        return batches.apply.BatchApply(ports, CHUNK_LEASE, kinds, self.batch_finish.at_once)

    _achievement_work_ports = Part(
        lambda my: batches.apply_achievements.AchievementWorkPorts(my.learners, my.achievements, my.catalogues)
    )
    _learner_work_ports = Part(
        lambda my: batches.apply_learners.LearnerWorkPorts(my.learners, my.ledgers, my.registration, my.draw)
    )
    batch_finish = Part(
        lambda my: batches.finish.BatchFinish(
            batches.finish.FinishPorts(my.jobs, my.files, my.batch_line, my.clock, my.journal)
        )
    )
    """The last step of the pipeline."""

    @Part
    def batch_watch(self) -> chalicelib.services.batches.watch.BatchWatch:
        """The watch run of the pipeline."""
        ports = batches.watch.WatchPorts(
            jobs=self.jobs,
            files=self.files,
            queues=self.queues,
            line=self.batch_line,
            arrivals=batches.arrivals.Arrivals(self.jobs, self.files, self.queues, self.clock),
            split=self.batch_split,
            apply=self.batch_apply,
            clock=self.clock,
            journal=self.journal,
        )
        return batches.watch.BatchWatch(ports)

    batch_deadlines = Part(lambda my: batches.deadlines.BatchDeadlines(my.jobs, my.queues, my.clock))
    """Files near their deadline, and messages that were given up."""
    stuck_work = Part(
        lambda my: batches.stuck.StuckWork(batches.stuck.StuckPorts(my.jobs, my.queues, my.looks, my.clock))
    )
    """What administrators do about it."""
    post = Part(lambda my: use_cases.post.Post(my.mail, my.settings.portal_url))
    """Every email."""
    organisation_mail = Part(lambda my: use_cases.organisation_mail.OrganisationMail(my.accounts, my.user_table))
    """Who gets the emails to an organisation."""
    notices = Part(
        lambda my: batches.notices.Notices(my.jobs, my.user_table, my.organisation_mail, my.post, my.journal)
    )
    """Notices of jobs that have ended."""

    # --- achievements, registers, feeds ----------------------------------------------------------------------------

    @Part
    def achievement_services(self) -> chalicelib.services.achievements.AchievementServices:
        """Single achievements."""
        terms = use_cases.submission_terms.TermsPorts(
            self.known_callers, self.catalogues, self.outages, self.clock, self.lists.bank_holidays
        )
        return use_cases.achievements.AchievementServices(
            use_cases.achievements.AchievementPorts(
                self.learners,
                self.achievements,
                self.looks,
                use_cases.submission_terms.SubmissionTerms(terms),
                self.clock,
                self.new_id,
            )
        )

    @Part
    def achievement_lists(self) -> chalicelib.services.achievement_lists.AchievementLists:
        """Submission history."""
        ports = use_cases.achievement_lists.ListPorts(
            achievements=self.achievements,
            submissions=self.submissions,
            looks=self.looks,
            tokens=self.page_tokens,
            clock=self.clock,
        )
        return use_cases.achievement_lists.AchievementLists(ports)

    import_register = Part(lambda my: use_cases.imports.registers.ImportRegister(my.catalogues, my.files, my.clock))
    """The import of the regulators' registers."""
    import_events = Part(
        lambda my: use_cases.imports.events.ImportEvents(my.participation_events, my.learners, my.files, my.clock)
    )
    """The import of feeds of events."""

    # --- personal learning records ---------------------------------------------------------------------------------

    record_lookup = Part(lambda my: use_cases.records.RecordLookup(my.records))
    """Finds and verifies a learner."""

    @Part
    def known_names(self) -> chalicelib.services.records.KnownNames:
        """Names of organisations and aims."""
        load: Any = (
            self.catalogues.load
        )  # a stored snapshot holds providers too, which the port of the rules leaves out
        versions = use_cases.records.Versions(self.catalogues.current_version, load)
        return use_cases.records.KnownNames(versions, self.accounts, self.clock)

    @Part
    def personal_records(self) -> chalicelib.services.records.PersonalRecords:
        """Personal learning records."""
        ports = use_cases.records.RecordPorts(
            lookup=self.record_lookup,
            looks=self.looks,
            records=self.records,
            access_log=self.access_log,
            names=self.known_names,
            seals=self.page_tokens.lasting(ACCESS_LIFETIME),
            clock=self.clock,
        )
        return use_cases.records.PersonalRecords(ports)

    challenges = Part(
        lambda my: use_cases.challenges.Challenges(
            use_cases.challenges.ChallengePorts(
                my.record_lookup, my.looks, my.casework, my.known_names, my.queues, my.clock, my.new_id
            )
        )
    )
    """Raising challenges."""
    challenge_notices = Part(
        lambda my: use_cases.challenges.ChallengeNotices(my.casework, my.post, my.need("service_desk_email"))
    )
    """Notices of new challenges to the service desk."""

    # --- maintenance -----------------------------------------------------------------------------------------------

    closures = Part(lambda my: use_cases.closures.Closures(my.schedules, my.clock, my.environment))
    """Whether the service is closed for maintenance, remembered for some seconds."""

    @Part
    def maintenance(self) -> chalicelib.services.maintenance.MaintenanceSchedule:
        """The maintenance schedule."""
        ports = use_cases.maintenance.MaintenancePorts(
            schedules=self.schedules,
            looks=self.looks,
            queues=self.queues,
            clock=self.clock,
            new_id=self.new_id,
            bank_holidays=self.lists.bank_holidays,
            key_dates=self.lists.key_dates,
        )
        return use_cases.maintenance.MaintenanceSchedule(ports, self.environment)

    recovery_store = Adapter(lambda my: my.bound(storage.levels.RecoveryTable))
    """Recoveries from disaster."""
    recoveries = Part(
        lambda my: use_cases.recoveries.Recoveries(
            use_cases.recoveries.RecoveryPorts(my.recovery_store, my.looks, my.clock, my.lists.bank_holidays)
        )
    )
    """Recoveries with their clocks."""

    @Part
    def alarm_mutes(self) -> chalicelib.services.alarm_mutes.AlarmMutes | None:
        """The mute rules of the schedule; None where there are no alarms."""
        if not self.settings.alarm_prefix:
            return None
        return use_cases.alarm_mutes.AlarmMutes(self.schedules, self.alarms, self.clock, self.environment)

    downtime = Part(lambda my: use_cases.downtime.Downtime(my.outages, my.looks, my.clock))
    """Outages, for the people who record them."""
    maintenance_notices = Part(
        lambda my: use_cases.maintenance_notices.MaintenanceNotices(
            my.schedules, my.accounts, my.queues, my.organisation_mail, my.post
        )
    )
    """Notices of maintenance to organisations."""

    service_status = Part(
        lambda my: use_cases.service_status.ServiceStatus(my.maintenance, my.recovery_store, my.clock, my.environment)
    )
    """How the service is now, for everybody."""

    # --- service levels --------------------------------------------------------------------------------------------

    described_levels = Part(
        lambda _: chalicelib.domain.monthly_levels.read_described(chalicelib.reference.levels.described_levels())
    )
    """What is agreed for each function."""
    service_levels = Part(lambda my: use_cases.service_levels.ServiceLevels(my.levels, my.described_levels, my.clock))
    """The service levels, for service managers."""

    breaches = Part(
        lambda my: use_cases.breaches.Breaches(
            use_cases.breaches.BreachPorts(my.outages, my.recovery_store, my.clock, my.lists.bank_holidays)
        )
    )
    """The causes of breaches."""

    @Part
    def level_reporter(self) -> chalicelib.services.service_levels.LevelReporter:
        """Counts the service levels and sends the monthly report."""
        ports = use_cases.service_levels.ReporterPorts(
            access_logs=self.access_logs,
            measurements=self.measurements,
            store=self.levels,
            post=self.post,
            schedules=self.schedules,
            recoveries=self.recovery_store,
            clock=self.clock,
            bank_holidays=self.lists.bank_holidays,
        )
        return use_cases.service_levels.LevelReporter(
            ports, self.described_levels, self.environment, self.need("service_manager_email")
        )

    # --- timeliness ------------------------------------------------------------------------------------------------

    timeliness = Adapter(lambda my: my.bound(storage.timeliness.TimelinessTable, my.patience))
    """What awarding organisations submitted in time and late."""

    @Part
    def timeliness_ports(self) -> chalicelib.services.timeliness.TimelinessPorts:
        return use_cases.timeliness.TimelinessPorts(
            accounts=self.accounts,
            submissions=self.submissions,
            outages=self.outages,
            store=self.timeliness,
            clock=self.clock,
            bank_holidays=self.lists.bank_holidays,
        )

    timeliness_count = Part(lambda my: use_cases.timeliness.TimelinessCount(my.timeliness_ports))
    """Counts it."""
    timeliness_reports = Part(lambda my: use_cases.timeliness.TimelinessReports(my.timeliness_ports))
    """Reports it."""

    # --- identity of callers ---------------------------------------------------------------------------------------

    known_callers = Part(lambda my: use_cases.known_callers.KnownCallers(my.credential_table, my.accounts, my.clock))
    """Credentials and organisations, remembered for a few seconds."""
    organisations = Part(lambda my: use_cases.organisations.Organisations(my.known_callers))
    """How organisations are set up."""
    organisation_register = Part(
        lambda my: use_cases.organisation_register.OrganisationRegister(
            use_cases.organisation_register.RegisterPorts(my.accounts, my.looks, my.clock)
        )
    )
    """All organisations, for the service desk and administrators."""
    developer_table = Adapter(lambda my: my.bound(storage.developers.DeveloperTable))
    """Registered developers."""
    developers = Part(
        lambda my: use_cases.developers.Developers(
            use_cases.developers.DeveloperPorts(my.developer_table, my.looks, my.clock, my.new_id)
        )
    )
    """The same, for the service desk."""
    own_organisation = Part(
        lambda my: use_cases.own_organisation.OwnOrganisation(
            use_cases.own_organisation.OwnPorts(my.accounts, my.jobs, my.organisation_mail, my.looks, my.clock)
        )
    )
    """Their own settings, for their super users."""
    reference_lists = Part(
        lambda my: use_cases.reference_lists.ReferenceLists(my.files, my.looks, my.settings.lists_prefix)
    )
    """The operator's lists, for administrators."""
    load_orders = Part(lambda my: use_cases.imports.orders.LoadOrders(my.files, my.clock))
    """Loads that administrators order."""

    @Part
    def loads(self) -> chalicelib.services.imports.loads.Loads:
        """What the imports of registers and feeds did, and how they are done again."""
        made = use_cases.imports.loads
        return made.Loads(
            made.LoadPorts(self.files, self.functions, self.load_orders, self.catalogues.current_version, self.looks)
        )

    organisation_setup = Part(lambda my: use_cases.organisations.OrganisationSetup(my.accounts, my.looks))
    """Setting them up, for those who run the service."""

    @Part
    def tokens(self) -> chalicelib.services.tokens.Tokens:
        """Access tokens."""
        made = use_cases.tokens
        given = self.settings
        rules = made.TokenRules(
            given.token_issuer, given.token_audience, self.token_lifetime, given.require_client_cert
        )
        return made.Tokens(
            made.TokenPorts(self.credential_table, self.known_callers, self.token_keys, self.clock, self.new_id), rules
        )

    credentials = Part(
        lambda my: use_cases.credentials.Credentials(
            use_cases.credentials.CredentialPorts(
                my.credential_table, my.accounts, my.looks, my.clock, my.new_id, my.new_secret
            )
        )
    )
    """Credentials, for the people responsible for them."""

    refused_calls = Part(lambda my: use_cases.refused_calls.RefusedCallLog(my.refused_call_counts, my.looks, my.clock))
    """Calls of strangers, counted and recorded."""

    @Part
    def account_rules(self) -> chalicelib.domain.accounts.AccountRules:
        """The limits of portal users' accounts and sessions."""
        given = self.settings
        return chalicelib.domain.accounts.AccountRules(
            wrong_entries=given.wrong_entries,
            password_lifetime=timedelta(days=given.password_days),
            one_time_lifetime=timedelta(days=given.one_time_days),
            link_lifetime=timedelta(minutes=given.link_minutes),
            idle=timedelta(minutes=given.idle_minutes),
            longest=timedelta(hours=given.session_hours),
        )

    password_hasher = Adapter(lambda _: cloud.passwords.Argon2Hasher())
    """Hashes of passwords and secret answers."""
    user_mails = Part(lambda my: use_cases.user_mails.UserMails(my.post))
    """Emails to portal users."""

    @Part
    def sign_in(self) -> chalicelib.services.sign_in.SignIn:
        """Sign-in to the portal."""
        ports = use_cases.sign_in.SignInPorts(
            users=self.user_table,
            accounts=self.accounts,
            sessions=self.portal_sessions,
            hasher=self.password_hasher,
            throttles=self.throttles,
            looks=self.looks,
            mails=self.user_mails,
            clock=self.clock,
            new_secret=self.new_secret,
            key=self.question_key,
            rules=self.account_rules,
        )
        return use_cases.sign_in.SignIn(ports)

    @Part
    def users(self) -> chalicelib.services.users.Users:
        """The management of portal users."""
        _ = self.lists
        ports = use_cases.users.UserPorts(
            users=self.user_table,
            accounts=self.accounts,
            hasher=self.password_hasher,
            throttles=self.throttles,
            looks=self.looks,
            audit=self.audit,
            mails=self.user_mails,
            clock=self.clock,
            new_id=self.new_id,
            draw=self.draw,
            rules=self.account_rules,
        )
        return use_cases.users.Users(ports)

    organisation_activity = Part(
        lambda my: use_cases.organisation_activity.OrganisationActivity(my.user_table, my.audit, my.looks)
    )
    """What an organisation's people did."""
    question_key = Adapter(lambda my: cache(lambda: my.secret_key("secret_identity_key")))
    """The key that chooses the secret question shown for a user name that nobody has."""
    portal_sessions = Part(
        lambda my: use_cases.portal_sessions.PortalSessions(
            my.portal_session_table, my.clock, my.new_secret, my.account_rules
        )
    )
    """Sessions of people in the portal."""
    kept_forms = Part(lambda my: use_cases.kept_forms.KeptForms(my.kept_form_table, my.clock, my.new_secret))
    """What was entered when a session was over."""

    @Part
    def throttles(self) -> chalicelib.services.throttles.Throttles:
        """Limits how often callers may call."""
        pace, classes = chalicelib.domain.throttles.Pace, chalicelib.domain.throttles.PaceClass
        allowed = {one: pace(*getattr(self.settings, f"pace_{one}")) for one in classes}
        return use_cases.throttles.Throttles(self.paces, allowed, self.clock)


_container: dict[str, Services] = {}


def start(
    needs: tuple[str, ...],
    use: Callable[[Services], object],
    rest: Callable[[Services], object] = lambda _: None,
    first: Collection[str] = tuple(CLIENTS.values()),
) -> None:
    """Make a function's clients of the services ``first``, and the parts that ``use`` names, while Lambda loads the
    code.

    No caller waits for that, and Lambda lends a whole processor. Elsewhere modules are loaded for other reasons, and
    nothing is made. What cannot be made yet is tried again, and reported, at the first event. For a snapshot every
    client and part is made, and ``rest`` loads what else an event may need.
    """
    if IN_THE_CLOUD not in os.environ:
        return
    with suppress(Exception):
        chalicelib.observability.prepare()
        made = services(needs=needs)
        for service in _services_of(needs):
            if service in first:
                _ = made.clients[service]
        use(made)
    chalicelib.snapshots.hook(os.environ, lambda: _complete(needs, rest), lambda: _restored(needs, use))


def _services_of(needs: tuple[str, ...]) -> list[str]:
    """The AWS services that a function calls."""
    return [one for prefix, one in CLIENTS.items() if any(name.startswith(prefix) for name in needs)]


def _complete(needs: tuple[str, ...], rest: Callable[[Services], object]) -> None:
    made = services(needs=needs)
    for service in _services_of(needs):
        _ = made.clients[service]
    made.complete()
    try:
        rest(made)
    finally:
        made.clients.disconnect()


@contextmanager
def rehearsal(made: Services, **adapters: Any) -> Iterator[Services]:
    """Inside, events are served by services that send nothing, with these adapters, and with keys of tokens and of
    identities that are used nowhere else. They are forgotten afterwards.
    """
    keys = cloud.token_keys.renewed("", made.clock())
    own: dict[str, Any] = {
        "token_keys": cloud.token_keys.TokenKeys(lambda: keys, made.clock, made.token_lifetime),
        "paces": made.bound(storage.sessions.PaceTable),
        "digests": storage.learner_register.IdentityDigests(lambda: bytes(32)),
        "question_key": lambda: bytes(32),
    }
    often: dict[str, Any] = dict.fromkeys(
        ("pace_single", "pace_batches", "pace_tokens", "pace_sources", "pace_sign_ins"), (1e6, 10**9)
    )
    # Those two keep the key of identities.
    held = {name: one for name, one in made.adapters().items() if name not in ("learner_register", "pending_matches")}
    played = Services(replace(made.settings, **often), made.environ, **{**held, **own, **adapters})
    _container["services"] = played
    try:
        with made.clients.unsent():
            yield played
    finally:
        _container["services"] = made


def _restored(needs: tuple[str, ...], use: Callable[[Services], object]) -> None:
    """Read again what is too old; if anything else has changed outside since the snapshot, make all parts again."""
    made = services(needs=needs)
    if not made.is_current():
        _container["services"] = made = Services(made.settings, os.environ, clients=made.clients)
    use(made)


def services(environ: Mapping[str, str] | None = None, needs: tuple[str, ...] = (), **adapters: Any) -> Services:
    """The services of this container, made at the first call; ``environ`` makes others, with adapters of their own.

    Raises SettingsError when the environment is malformed, or lacks one of ``needs`` (names of settings).
    """
    if environ is not None:
        return Services(Settings.from_environment(environ, needs), environ, **adapters)
    if not _container:
        _container["services"] = Services(Settings.from_environment(os.environ, needs), os.environ)
    return _container["services"]
