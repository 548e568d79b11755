"""What is logged and measured."""

from __future__ import annotations

import json
import logging
import re
import traceback
from types import SimpleNamespace

import pytest

from chalicelib import observability
from chalicelib.observability import (
    FIELDS,
    Code,
    Failed,
    Metric,
    Unloggable,
    elapsed,
    fault,
    flush,
    log,
    measure,
    measure_requests,
    observed,
    serving,
)
from chalicelib.settings import SettingsError
from tests.structure.sources import ROOT

CONTEXT = SimpleNamespace(aws_request_id="11111111-2222-3333-4444-555555555555")


@pytest.fixture(autouse=True)
def fresh():
    """A logger writes to the standard output that it found when it was made."""
    observability._logger.cache_clear()
    logging.Logger.manager.loggerDict.pop(observability.SERVICE, None)
    yield
    observability._measured.clear()


@pytest.fixture
def in_the_cloud(monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "lrs-apply_chunk")


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.req("SEC-02")
def test_a_line_has_code_level_sentence_and_fields(capsys):
    log(Code.CHUNK_APPLIED, job="J1", chunk=3, attempt=1, milliseconds=12.5, counts={"created": 500})
    (line,) = lines(capsys)
    assert line["code"] == "CHUNK_APPLIED"
    assert line["message"] == "The chunk was applied."
    assert line["level"] == "INFO"
    assert (line["job"], line["chunk"], line["counts"]) == ("J1", 3, {"created": 500})
    assert re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z", line["timestamp"])


@pytest.mark.req("SEC-02")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("given_name", "Siân"),
        ("uln", "1000000027"),
        ("ukprn", "1000000027"),
        ("job", "Siân O'Brien"),
        ("job", "a b"),
        ("reasons", ["It was Siân"]),
        ("reasons", "ACB007"),
        ("records", "12"),
        ("records", True),
        ("counts", {"Siân": 1}),
        ("counts", {"refused": "Siân"}),
        ("ukprn", 10000001),
        ("ukprn", "10000001\n"),
        ("job", "1000000027"),
    ],
)
def test_unknown_or_malformed_values_are_refused_by_name_only(name, value):
    with pytest.raises(Unloggable) as refused:
        log(Code.JOB_REFUSED, **{name: value})
    assert name in str(refused.value)
    assert str(value) not in str(refused.value).replace(name, "")


@pytest.mark.req("SEC-02")
def test_in_the_cloud_it_is_left_out_and_the_line_is_written(in_the_cloud, capsys):
    log(Code.JOB_REFUSED, job="J1", given_name="Siân", reasons=["ACB007"])
    (line,) = lines(capsys)
    assert (line["job"], line["reasons"], line["left_out"]) == ("J1", ["ACB007"], 1)
    assert "Siân" not in json.dumps(line, ensure_ascii=False)


@pytest.mark.req("SEC-02")
def test_a_fault_is_logged_with_its_kind_and_place_but_not_its_text(capsys):
    def failing():
        raise ValueError("no such learner: Siân O'Brien, 2008-05-17")

    try:
        failing()
    except ValueError as error:
        fault(error, Code.RECORD_FAULT, job="J1", chunk=2)
    text = capsys.readouterr().out
    (line,) = [json.loads(part) for part in text.splitlines()]
    assert line["kind"] == "ValueError"
    assert line["places"][-1].startswith("test_observability.py:")
    assert line["places"][-1].endswith(" failing")
    assert "Siân" not in text
    assert "O'Brien" not in text


def test_a_field_without_a_value_is_left_out(capsys):
    log(Code.JOB_SPLIT, job="J1", format=None)
    (line,) = lines(capsys)
    assert "format" not in line
    assert "left_out" not in line


def test_the_metrics_of_an_event_are_one_line(capsys):
    @observed
    def handler(event, context):
        del event, context
        measure(Metric.RECORDS_ACCEPTED, 480)
        measure(Metric.RECORDS_ACCEPTED, 20)
        measure(Metric.CHUNK_MILLISECONDS, 12.5)
        return "done"

    assert handler({}, CONTEXT) == "done"
    (line,) = lines(capsys)
    assert line["RecordsAccepted"] == [480.0, 20.0]
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "LearningRecords"
    assert {metric["Name"]: metric["Unit"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]} == {
        "RecordsAccepted": "Count",
        "ChunkMilliseconds": "Milliseconds",
    }
    assert handler({}, CONTEXT) == "done"
    assert len(lines(capsys)) == 1


def dimensions(line):
    """The sets of dimensions of each metric of a line."""
    return {
        metric["Name"]: directive["Dimensions"]
        for directive in line["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]
    }


@pytest.mark.req("SLA-01")
def test_a_metric_is_for_the_service_for_the_function_and_for_the_route(in_the_cloud, capsys):
    with serving("create_achievement"):
        measure(Metric.FAULTS)
    (line,) = lines(capsys)
    assert (line["service"], line["function"], line["route"]) == ("lrs", "lrs-apply_chunk", "create_achievement")
    every = [["service"], ["service", "function"], ["service", "function", "route"]]
    assert dimensions(line) == {"Faults": every}
    measure(Metric.OPEN_JOBS, 3)
    flush()
    (line,) = lines(capsys)
    assert dimensions(line) == {"OpenJobs": every[:2]}


@pytest.mark.req("SLA-01", "SLA-02")
def test_requests_are_measured_by_function_of_the_catalogue_and_channel(capsys):
    measure_requests("ACH-01", "webservice", 12.5)
    measure_requests("ACH-06", "batch", 900, count=500, faults=2)
    flush()
    single, batch = lines(capsys)
    assert (single["catalogue_function"], single["channel"], single["lrs_request"]) == ("ACH-01", "webservice", [1.0])
    assert (batch["lrs_request"], batch["lrs_request_fault"], batch["lrs_request_duration"]) == (
        [500.0],
        [2.0],
        [900.0],
    )
    by = [["service", "catalogue_function", "channel"]]
    assert dimensions(batch) == {"lrs_request": by, "lrs_request_fault": by, "lrs_request_duration": by}


@pytest.mark.req("SLA-01")
def test_a_place_has_the_same_sets_of_dimensions_in_every_event(in_the_cloud, capsys):
    for _ in range(2):
        with serving("create_achievement"):
            measure_requests("ACH-01", "webservice", 12.5)
            measure(Metric.FAULTS)
    first, second, *again = lines(capsys)
    by = [["service", "catalogue_function", "channel"]]
    assert dimensions(first) == {"lrs_request": by, "lrs_request_fault": by, "lrs_request_duration": by}
    assert dimensions(second) == {"Faults": [["service"], ["service", "function"], ["service", "function", "route"]]}
    assert [line | {"_aws": 0} for line in again] == [line | {"_aws": 0} for line in (first, second)]
    assert [dimensions(line) for line in again] == [dimensions(line) for line in (first, second)]


@pytest.mark.parametrize(("values", "parts"), [(250, [100, 100, 50]), (200, [100, 100])])
def test_a_metric_with_more_values_than_a_line_may_have_is_printed_in_parts(capsys, values, parts):
    for _ in range(values):
        measure(Metric.OPEN_JOBS)
    flush()
    assert [len(line["OpenJobs"]) for line in lines(capsys)] == parts


@pytest.mark.parametrize("code", [code for code in Code if code.level >= logging.WARNING])
def test_every_warning_and_error_is_a_metric_of_its_code(capsys, code):
    log(code)
    flush()
    _, measured = lines(capsys)
    assert (measured["code"], measured["LogLines"]) == (code.name, [1.0])
    assert dimensions(measured) == {"LogLines": [["service", "code"]]}


def test_every_code_that_a_runbook_is_for_has_a_metric():
    found = set(re.findall(r"`([A-Z][A-Z_]+)`", (ROOT / "docs" / "runbooks" / "README.md").read_text("utf-8")))
    codes = {code.name: code.level for code in Code}
    assert found & codes.keys(), "the runbooks name codes"
    assert [name for name in found & codes.keys() if codes[name] < logging.WARNING] == []


def test_a_line_has_the_id_of_its_trace(monkeypatch, capsys):
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-67890abc-0123456789abcdef01234567;Parent=53995c3f42cd8ad8;Sampled=1")
    log(Code.JOB_REFUSED, job="J1")
    (line,) = lines(capsys)
    assert line["xray_trace_id"] == "1-67890abc-0123456789abcdef01234567"


def test_an_event_without_metrics_prints_none(capsys):
    observed(lambda event, context: None)({}, CONTEXT)
    assert capsys.readouterr().out == ""


def test_a_fault_of_an_entry_point_is_logged_counted_and_raised(capsys):
    @observed
    def handler(event, context):
        raise KeyError("Siân")

    with pytest.raises(Failed) as failed:
        handler({}, CONTEXT)
    assert "Siân" not in "".join(traceback.format_exception(failed.value))
    logged, measured, by_code = lines(capsys)
    assert (logged["code"], logged["kind"], logged["request_id"]) == ("FAULT", "KeyError", CONTEXT.aws_request_id)
    assert measured["Faults"] == [1.0]
    assert (by_code["code"], by_code["LogLines"]) == ("FAULT", [1.0])


def test_wrong_settings_are_reported_in_full_since_they_name_variables_and_lines_only(capsys):
    wrong = SettingsError(["LRS_TABLE_JOBS is missing", "prohibited postcodes, line 3: a full postcode is needed"])

    @observed
    def handler(event, context):
        raise wrong

    with pytest.raises(SettingsError):
        handler({}, CONTEXT)
    logged, _, _ = lines(capsys)
    assert (logged["code"], logged["problems"]) == ("NOT_STARTED", list(wrong.problems))


def test_the_time_of_an_event_runs_from_its_beginning(capsys):
    @observed
    def handler(event, context):
        return elapsed()

    assert 0 <= handler({}, CONTEXT) < 1000


def test_every_code_has_its_own_sentence_and_fields_with_forms():
    sentences = [code.sentence for code in Code]
    assert len(set(sentences)) == len(sentences)
    assert {name for code in Code for name in code.permitted} <= set(FIELDS)
    assert not set(FIELDS) & vars(logging.makeLogRecord({})).keys(), "a record of the log has its own of that name"
    assert all(sentence.endswith(".") for sentence in sentences)


def test_every_metric_has_its_own_name():
    assert len({metric.value[0] for metric in Metric}) == len(Metric)
