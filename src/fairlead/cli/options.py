"""The options that commands share, made from the table of settings.

Every one arrives as text, or as None where it was not given, and is read by `Settings` together
with the environment, so that a wrong value gets the same sentence either way. Not here: options
that only one command has.
"""

from dataclasses import fields
from typing import Annotated, Any

import typer

from fairlead import logs
from fairlead.domain.access import DEFAULT_ORGANISATION
from fairlead.settings import Settings, variable


def _option(name: str, metavar: str) -> Any:
    """Return the option of the setting called `name`."""
    [setting] = [one for one in fields(Settings) if one.name == name]
    told = f"{setting.metadata['help']} (Also {variable(setting)}"
    default = "" if setting.default in ("", False) else f"; default {setting.default}"
    return typer.Option(f"--{name.replace('_', '-')}", metavar=metavar, help=f"{told}{default}.)")


def _flag(name: str) -> Any:
    option = _option(name, "")
    option.metavar = None
    return option


Database = Annotated[str | None, _option("database", "URL")]
DataDir = Annotated[str | None, _option("data_dir", "DIR")]
Host = Annotated[str | None, _option("host", "ADDRESS")]
Port = Annotated[str | None, _option("port", "NUMBER")]
Workers = Annotated[str | None, _option("workers", "NUMBER")]
TlsCert = Annotated[str | None, _option("tls_cert", "FILE")]
TlsKey = Annotated[str | None, _option("tls_key", "FILE")]
NoWorker = Annotated[bool, _flag("no_worker")]
Org = Annotated[str, typer.Option("--org", metavar="ORG", help="Name of the organisation.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

ORG_DEFAULT = DEFAULT_ORGANISATION


def settings_from(**options: Any) -> Settings:
    """Return the settings of this run and let its log lines follow them.

    Raises:
        WrongSetting: an option or a variable has a value it cannot have.
    """
    # A flag that was not given says nothing, so that its variable can.
    given = {name: value for name, value in options.items() if value is not False}
    settings = Settings.from_environment(**given)
    logs.configure(settings.log_format, settings.log_level)
    return settings
