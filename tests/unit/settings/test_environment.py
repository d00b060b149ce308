"""The environment is read strictly: each wrong value and each unknown name is told with its remedy."""

from pathlib import Path

import pytest

from watchfloor.settings.environment import SettingsError, read_environment, settings


def test_nothing_set_gives_the_demo_in_var_of_the_working_directory(tmp_path: Path) -> None:
    environment = read_environment({}, directory=tmp_path)
    assert environment.data == tmp_path / "var"
    assert environment.facts_root == tmp_path / "var" / "facts"
    assert (environment.operation, environment.is_simulated) == ("demo", True)
    assert (environment.port, environment.live_port_in_use) == (8000, 8001)


def test_an_absolute_data_directory_stays_as_it_is(tmp_path: Path) -> None:
    environment = read_environment({"WATCHFLOOR_DATA": "/srv/floor"}, directory=tmp_path)
    assert environment.data == Path("/srv/floor")


def test_an_empty_variable_is_an_absent_one() -> None:
    assert read_environment({"WATCHFLOOR_PORT": "", "DATABASE_URL": " "}).port == 8000


def test_an_operation_of_ones_own_is_not_simulated_unless_said() -> None:
    assert not read_environment({"WATCHFLOOR_OPERATION": "safety"}).is_simulated
    assert read_environment({"WATCHFLOOR_OPERATION": "safety", "WATCHFLOOR_SIMULATED": "yes"}).is_simulated


def test_variables_of_others_are_left_alone() -> None:
    read_environment({"PATH": "/bin", "WATCHMAN": "1"})


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [("WATCHFLOOR_DAAT", "WATCHFLOOR_DATA"), ("WATCHFLOOR_PROT", "WATCHFLOOR_PORT")],
)
def test_a_misspelt_variable_is_refused_with_the_nearest(variable: str, nearest: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable} is not a setting.*Did you mean {nearest}"):
        read_environment({variable: "x"})


@pytest.mark.parametrize(
    ("variable", "written", "told"),
    [
        ("WATCHFLOOR_PORT", "0", "whole number from 1 to 65534"),
        ("WATCHFLOOR_PORT", "65535", "whole number from 1 to 65534"),
        ("WATCHFLOOR_PORT", "eight", "whole number from 1 to 65534"),
        ("WATCHFLOOR_PORT", "8e3", "whole number from 1 to 65534"),
        ("WATCHFLOOR_SIMULATED", "maybe", "yes or no"),
        ("WATCHFLOOR_OPERATION", "../up", "small letters"),
        ("WATCHFLOOR_OPERATION", "x" * 64, "1 to 63"),
        ("WATCHFLOOR_DATA", __file__, "is a file"),
        ("WATCHFLOOR_DATA", "a\tb", "control characters"),
        ("WATCHFLOOR_HOST", "a b", "host name"),
        ("WATCHFLOOR_HOST", "example.org:80", "host name"),
        ("WATCHFLOOR_ALLOWED_HOSTS", "good.example, bad/example", "host name"),
        ("WATCHFLOOR_LOG_LEVEL", "loud", "debug, info, warning, error"),
        ("WATCHFLOOR_LANGUAGE", "fr", "en, zh-hans"),
        ("WATCHFLOOR_ORIGIN", "ftp://floor.example", "http:// or https://"),
        ("WATCHFLOOR_SECRET_KEY", "short", "5 characters, fewer than 32"),
        ("WATCHFLOOR_OIDC_NAME", "n" * 61, "61 characters, more than 60"),
        ("DATABASE_URL", "mysql://db/floor", "begins with postgresql://"),
        ("DATABASE_URL", "postgresql://db", "ends with a database's name"),
        ("DATABASE_URL", "postgresql://db:99999/floor", "port"),
    ],
)
def test_a_wrong_value_names_the_variable_its_limit_and_a_remedy(
    variable: str, written: str, told: str
) -> None:
    with pytest.raises(SettingsError, match=variable) as caught:
        read_environment({variable: written})
    assert told in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize("variable", ["WATCHFLOOR_SECRET_KEY", "DATABASE_URL"])
def test_a_wrong_secret_is_not_printed(variable: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_environment({variable: "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_one_port_cannot_serve_two() -> None:
    with pytest.raises(SettingsError, match="both 8000"):
        read_environment({"WATCHFLOOR_LIVE_PORT": "8000"})


def test_a_provider_is_set_wholly_or_not_at_all() -> None:
    with pytest.raises(SettingsError, match=r"WATCHFLOOR_OIDC_CLIENT_ID.*beside WATCHFLOOR_OIDC_ISSUER"):
        read_environment({"WATCHFLOOR_OIDC_ISSUER": "https://id.example"})


def test_every_setting_says_what_it_means_and_allows() -> None:
    for setting in settings():
        assert setting.meaning.endswith(".")
        assert setting.limit
        assert setting.default
