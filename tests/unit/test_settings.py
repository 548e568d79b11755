"""The environment, read once."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from chalicelib.settings import Settings, SettingsError, settable, variable

REGION = {"AWS_REGION": "eu-west-2"}


def test_resources_are_read_from_the_variables_of_their_names():
    env = {"LRS_TABLE_REGISTER": "lrs-register", "LRS_BUCKET_INBOX": "lrs-inbox", "LRS_QUEUE_CHUNKS": "https://q/c"}
    settings = Settings.from_environment(REGION | env)
    assert settings.need("table_register") == "lrs-register"
    assert settings.bucket("inbox") == "lrs-inbox"
    assert settings.queue("chunks") == "https://q/c"


def test_limits_have_defaults_fit_for_the_cloud():
    settings = Settings.from_environment(REGION)
    assert (settings.chunk_records, settings.connect_timeout, settings.read_timeout, settings.tries) == (500, 1, 2, 3)


def test_an_emulator_may_be_given_more_time():
    settings = Settings.from_environment({**REGION, "LRS_READ_TIMEOUT": "30", "LRS_CHUNK_RECORDS": "20"})
    assert (settings.read_timeout, settings.chunk_records) == (30, 20)


def test_a_function_does_not_start_when_something_is_missing_and_names_all_of_it():
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(
            {"LRS_TABLE_JOBS": " "}, needs=("LRS_TABLE_JOBS", "LRS_QUEUE_FINISH", "LRS_TABLE_JOBS")
        )
    assert refused.value.problems == (
        "AWS_REGION is missing",
        "LRS_TABLE_JOBS is missing",
        "LRS_QUEUE_FINISH is missing",
    )


def test_malformed_values_are_reported_with_what_is_missing_but_never_repeated():
    env = {
        **REGION,
        "LRS_CHUNK_RECORDS": "many",
        "LRS_PORTAL_URL": "https://portal.example.org/",
        "LRS_READ_TIMEOUT": "0",
        "LRS_WELSH_NAMES": "maybe",
    }
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(env, needs=("LRS_MAIL_SENDER", "LRS_SECRET_CURSOR_KEY"))
    assert set(refused.value.problems) == {
        "LRS_CHUNK_RECORDS cannot be read",
        "LRS_PORTAL_URL is not http(s)://HOST, without a slash at the end",
        "LRS_READ_TIMEOUT is not from 0.1 to 120",
        "LRS_SECRET_CURSOR_KEY is missing",
        "LRS_WELSH_NAMES cannot be read",
        "LRS_MAIL_SENDER is missing",
    }
    assert "many" not in str(refused.value)


def test_a_missing_resource_is_named_when_it_is_requested():
    settings = Settings.from_environment(REGION)
    with pytest.raises(SettingsError, match="LRS_BUCKET_WORK is missing"):
        settings.bucket("work")


def test_settings_do_not_change():
    settings = Settings.from_environment(REGION)
    with pytest.raises(FrozenInstanceError):
        settings.tries = 1


def test_the_region_may_come_from_the_developers_variable():
    assert Settings.from_environment({"AWS_DEFAULT_REGION": "eu-west-1"}).region == "eu-west-1"


def test_every_variable_has_a_name_of_its_own():
    names = [variable(spec.name) for spec in settable()]
    assert len(set(names)) == len(names)
    assert all(name.startswith(("LRS_", "AWS_")) for name in names)
