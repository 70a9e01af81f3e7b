"""Settings: everything that can be set, with its default, unit and help, in one table.

The option `--some-thing`, the variable `FAIRLEAD_SOME_THING` and the row in `docs/settings.md` all
follow from the field `some_thing`. This is the only module that reads the environment. Not here:
what a setting does.
"""

import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from fairlead.domain.errors import Rejected
from fairlead.domain.rates import rate_from
from fairlead.domain.traffic import Caps

PREFIX = "FAIRLEAD_"
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_MIB = 1_048_576


class WrongSetting(ValueError):
    """A setting has a value it cannot have. The message is one line and names the variable."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something wrong or risky about how this server is set up."""

    code: str
    """`E…` for what cannot work, `W…` for what should be known."""
    text: str
    hint: str
    """What to do about it."""

    @property
    def is_error(self) -> bool:
        """True when the server must not start like this."""
        return self.code.startswith("E")


def _setting(
    default: Any,
    help: str,  # noqa: A002 — the name it has in the table.
    *,
    unit: str = "",
    allowed: tuple[str, ...] = (),
    least: int = 0,
    most: int = 2**31,
    option: bool = False,
) -> Any:
    """Return a field. `option` says that commands take it as `--name` too."""
    about = {"help": help, "unit": unit, "allowed": allowed, "least": least, "most": most, "option": option}
    return field(default=default, metadata=about)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one server is to run. Texts are empty where nothing is set.

    Raises:
        WrongSetting: a value is not acceptable by itself. What is wrong about values together
            is said by `check`.
    """

    database: str = _setting(
        "",
        "Where everything is kept: `sqlite:///FILE` or `postgresql+psycopg://USER@HOST/NAME`. "
        "Empty means `fairlead.db` in the data directory.",
        option=True,
    )
    data_dir: str = _setting(
        "~/.local/share/fairlead",
        "Directory for the database file and the cache of git data; made when it is missing.",
        option=True,
    )
    host: str = _setting("127.0.0.1", "Address to listen on; `0.0.0.0` is every IPv4 address.", option=True)
    port: int = _setting(8080, "Port to listen on; 0 takes any that is free.", most=65_535, option=True)
    workers: int = _setting(1, "Processes that answer requests.", least=1, most=512, option=True)
    tls_cert: str = _setting(
        "", "PEM file with the certificate chain; makes the server speak HTTPS.", option=True
    )
    tls_key: str = _setting("", "PEM file with the private key of the certificate.", option=True)
    no_worker: bool = _setting(
        default=False,
        help="Leave work in the background to `fairlead work` processes elsewhere.",
        option=True,
    )
    log_format: str = _setting(
        "auto",
        "How log lines look. `auto` is `console` on a terminal and `json` elsewhere.",
        allowed=("auto", "console", "json"),
    )
    log_level: str = _setting(
        "info", "The least important lines to log.", allowed=("debug", "info", "warning", "error")
    )
    log_requests: bool = _setting(default=False, help="Log one line for each request.")
    datadog_times: str = _setting(
        "auto",
        "How times are written in answers to Datadog's clients. `auto` does as Datadog does; "
        "`epoch_ns` and `rfc3339` write all of them in one way.",
        allowed=("auto", "epoch_ns", "rfc3339"),
    )
    flag_status_days: int = _setting(
        7,
        "How long a flag stays new, and counts as lately evaluated, changed or serving several variations.",
        unit="days",
        least=1,
        most=3650,
    )
    stale_flag_age_days: int = _setting(
        30, "From which age on a temporary flag may be stale.", unit="days", most=3650
    )
    stale_flag_quiet_days: int = _setting(
        7, "How long a flag has to be inactive or launched to be stale.", unit="days", most=3650
    )
    max_body_bytes: int = _setting(
        _MIB, "Largest request body accepted, after decompression.", unit="bytes", least=1024
    )
    max_hook_body_bytes: int = _setting(
        25 * _MIB,
        "Largest delivery of a Git host accepted at `/hooks/`; GitHub sends none that is larger.",
        unit="bytes",
        least=1024,
    )
    max_references_body_bytes: int = _setting(
        64 * _MIB,
        "Largest upload of a branch's code references; `ld-find-code-refs` may send tens of MiB.",
        unit="bytes",
        least=1024,
    )
    max_pack_bytes: int = _setting(
        64 * _MIB,
        "Largest pack of git data accepted; `datadog-ci` makes none over 3 MiB.",
        unit="bytes",
        least=1024,
    )
    max_file_list_bytes: int = _setting(
        64 * _MIB,
        "Largest list of a repository's files accepted from `datadog-ci`.",
        unit="bytes",
        least=1024,
    )
    max_commits_body_bytes: int = _setting(
        16 * _MIB, "Largest body accepted with commits for Fairlead's own API.", unit="bytes", least=1024
    )
    max_traces_body_bytes: int = _setting(
        16 * _MIB,
        "Largest request accepted at `/v1/traces`; collectors send a few megabytes at a time.",
        unit="bytes",
        least=1024,
    )
    traffic_days: int = _setting(
        30, "How long counts of requests and errors are kept.", unit="days", least=1, most=400
    )
    traffic_max_resources: int = _setting(
        500,
        "Resources counted apart for each service, environment and version; further ones are counted "
        "together as `(other)`.",
        unit="resources",
        least=1,
    )
    traffic_max_series: int = _setting(
        100_000,
        "Resources counted apart for one organisation, all services, environments and versions together; "
        "further ones are not counted, and the exporter is told.",
        unit="resources",
        least=1,
    )
    traffic_max_error_types: int = _setting(
        20,
        "Types of errors counted apart for one resource in one minute; further ones are counted together "
        "as `(other)`.",
        unit="types",
        least=1,
    )
    prometheus_url: str = _setting(
        "",
        "Address of a Prometheus, such as `http://prometheus:9090`, which is asked for monitors of the types "
        "`query alert` and `metric alert`. Empty means that none is asked.",
    )
    prometheus_poll_s: int = _setting(
        15, "How often each of those monitors is asked for.", unit="seconds", least=1, most=3600
    )
    gate_without_data: str = _setting(
        "pass",
        "What a gate's rule comes to where what was observed allows no decision; the reason says so.",
        allowed=("pass", "fail"),
    )
    expose_delivery: bool = _setting(
        default=False,
        help="Answer `/metrics/delivery` with each service's delivery metrics, for Prometheus to scrape.",
    )
    rate_limit: str = _setting(
        "",
        "Requests that one key may make, such as `600/minute`. Empty means unlimited.",
        unit="requests/period",
    )
    rate_limit_organisation: str = _setting(
        "",
        "Requests that all keys of an organisation may make together, unless `fairlead org limit` gives it "
        "a limit of its own. Empty means unlimited.",
        unit="requests/period",
    )
    rate_limit_storage: str = _setting(
        "",
        "Where requests are counted when several processes share the limits: `redis://HOST` or "
        "`valkey://HOST`. Empty means in the memory of each process.",
    )
    public_url: str = _setting(
        "",
        "Address under which people and pipelines reach this server, such as `https://fairlead.example.com`. "
        "Empty means the one a request names.",
    )
    session_days: int = _setting(14, "How long somebody stays signed in.", unit="days", least=1, most=400)
    oidc_issuer: str = _setting(
        "",
        "Address of an OpenID Connect provider that people may sign in with, such as "
        "`https://login.example.com`. Empty means local accounts alone.",
    )
    oidc_client_id: str = _setting("", "What the provider calls this server.")
    oidc_client_secret: str = _setting("", "The secret that the provider gave this server.")
    oidc_organisation: str = _setting("default", "The organisation that people of the provider belong to.")
    oidc_role: str = _setting(
        "viewer",
        "The role of somebody whom the provider vouches for and who is no member yet. `none` lets only "
        "members in.",
        allowed=("none", "viewer", "member", "admin"),
    )
    shutdown_grace_s: int = _setting(
        30,
        "How long requests that are under way may take after the signal to stop.",
        unit="seconds",
        most=3600,
    )

    def __post_init__(self) -> None:
        for setting in fields(self):
            wrong = _complaint(setting, getattr(self, setting.name))
            if wrong:
                raise WrongSetting(f"{_names(setting)} {wrong}")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> Self:
        """Return the settings that `environ` gives, by default those of this process.

        `overrides` win where they are not None; texts among them are read like variables. A
        variable that is set to nothing counts as not set.

        Raises:
            WrongSetting: a value is not acceptable.
        """
        known = {setting.name: setting for setting in fields(cls)}
        given: dict[str, Any] = {
            name: text
            for name, setting in known.items()
            if (text := (os.environ if environ is None else environ).get(variable(setting)))
        }
        given |= {name: value for name, value in overrides.items() if value is not None}
        return cls(**{name: _read(known[name], value) for name, value in given.items()})

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the database."""
        return self.database or f"sqlite:///{self.data_path / 'fairlead.db'}"

    @property
    def data_path(self) -> Path:
        """The data directory, absolute."""
        return Path(self.data_dir).expanduser().absolute()

    @property
    def traffic_caps(self) -> Caps:
        """How much of traffic is counted apart."""
        return Caps(
            resources=self.traffic_max_resources,
            series=self.traffic_max_series,
            error_types=self.traffic_max_error_types,
            days=self.traffic_days,
        )

    @property
    def rate_limit_storage_url(self) -> str:
        """Where requests are counted as a Redis URL, which is what Valkey speaks; or empty."""
        return self.rate_limit_storage.replace("valkey", "redis", 1)


def variable(setting: Field[Any]) -> str:
    """Return the name of a setting's environment variable."""
    return PREFIX + setting.name.upper()


def hand_down(settings: Settings, **variables: str) -> None:
    """Put `settings`, and other `variables`, where processes started from this one will find them."""
    texts = {variable(setting): str(getattr(settings, setting.name)) for setting in fields(settings)}
    os.environ.update(texts | variables)


def check(settings: Settings) -> Iterator[Notice]:
    """Yield what is wrong or risky about the settings taken together."""
    if bool(settings.tls_cert) != bool(settings.tls_key):
        text = "of FAIRLEAD_TLS_CERT and FAIRLEAD_TLS_KEY only one is set"
        yield Notice("E101", text, "set both, or none to speak HTTP")
    elif settings.tls_cert:
        yield from _check_tls(settings)
    if settings.database_url in ("sqlite://", "sqlite:///", "sqlite:///:memory:"):
        text = "FAIRLEAD_DATABASE names a database in memory, which every connection has for itself"
        yield Notice("E103", text, "name a file, or try things out with `fairlead demo`")
    if settings.host not in _LOOPBACK and not settings.tls_cert:
        text = f"{settings.host} can be reached from other machines, and keys travel in the clear"
        yield Notice(
            "W201", text, "set --tls-cert and --tls-key, or let only a proxy that speaks HTTPS reach it"
        )
    if bool(settings.oidc_issuer) != bool(settings.oidc_client_id):
        text = "of FAIRLEAD_OIDC_ISSUER and FAIRLEAD_OIDC_CLIENT_ID only one is set"
        yield Notice("E104", text, "set both, or none for local accounts alone")
    yield from _check_workers(settings)


def _check_tls(settings: Settings) -> Iterator[Notice]:
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            Path(settings.tls_cert).expanduser(), Path(settings.tls_key).expanduser(), password=_no_password
        )
    except (OSError, ValueError) as error:
        text = f"FAIRLEAD_TLS_CERT and FAIRLEAD_TLS_KEY cannot be used: {_reason(error)}"
        yield Notice("E102", text, "name a readable PEM certificate chain and its unencrypted private key")


def _reason(error: OSError | ValueError) -> str:
    """Return why OpenSSL refused, in its own short words where it has any."""
    told = str(error)
    if isinstance(error, ssl.SSLError):
        told = error.reason or told
    elif isinstance(error, OSError):
        told = error.strerror or told
    return told.replace("_", " ").lower()


def _no_password() -> str:
    """Refuse encrypted keys, for which OpenSSL would otherwise ask on the terminal."""
    raise ValueError("the private key is encrypted")


def _check_workers(settings: Settings) -> Iterator[Notice]:
    if settings.workers == 1:
        return
    if (settings.rate_limit or settings.rate_limit_organisation) and not settings.rate_limit_storage:
        text = f"each of {settings.workers} processes counts requests for itself"
        yield Notice("W202", text, "set FAIRLEAD_RATE_LIMIT_STORAGE to count them together")
    if settings.database_url.startswith("sqlite"):
        text = f"{settings.workers} processes take turns at writing to one SQLite file"
        yield Notice("W203", text, "use PostgreSQL, or one process")


def _read(setting: Field[Any], value: Any) -> Any:
    """Return `value` as the type of the setting's default."""
    if not isinstance(value, str) or isinstance(setting.default, str):
        return value
    text = value.strip().lower()
    if isinstance(setting.default, bool):
        if text in _YES | _NO:
            return text in _YES
        raise WrongSetting(f"{_names(setting)} must be true or false, not {value!r}")
    try:
        return int(text)
    except ValueError:
        raise WrongSetting(f"{_names(setting)} must be a whole number, not {value!r}") from None


def _complaint(setting: Field[Any], value: Any) -> str:
    """Return what is wrong with a value, or nothing."""
    about = setting.metadata
    kind: type = type(setting.default)
    if type(value) is not kind:
        return f"must be of type {kind.__name__}"
    if isinstance(value, int) and not about["least"] <= value <= about["most"]:
        return f"must lie between {about['least']} and {about['most']}, not {value}"
    if about["allowed"] and value not in about["allowed"]:
        return f"must be one of {', '.join(about['allowed'])}, not {value!r}"
    rule = _RULES.get(setting.name)
    return "" if rule is None else rule(str(value))


def _no_database(value: str) -> str:
    # The value is not repeated, because it may hold a password.
    known = value.startswith(("sqlite:", "postgresql:", "postgresql+"))
    return "" if known or not value else "must be sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"


def _nothing(value: str) -> str:
    return "" if value else "must not be empty"


def _no_rate(value: str) -> str:
    try:
        rate_from(value, "")
    except Rejected as error:
        return f"{error}, not {value!r}".strip()
    return ""


def _no_prometheus(value: str) -> str:
    # The value is not repeated, because it may hold a password.
    known = value.startswith(("http://", "https://"))
    return "" if known or not value else "must be http://HOST or https://HOST"


def _no_storage(value: str) -> str:
    known = value.startswith(("redis://", "rediss://", "valkey://", "valkeys://"))
    return "" if known or not value else "must be redis://HOST or valkey://HOST"


def _no_address(value: str) -> str:
    known = value.startswith(("http://", "https://")) and not value.endswith("/")
    return "" if known or not value else "must be an address such as https://fairlead.example.com"


def _no_web_address(value: str) -> str:
    known = value.startswith(("http://", "https://"))
    return "" if known or not value else "must be an address such as https://login.example.com"


_RULES: dict[str, Callable[[str], str]] = {
    "database": _no_database,
    "data_dir": _nothing,
    "host": _nothing,
    "public_url": _no_address,
    "oidc_issuer": _no_web_address,
    "oidc_organisation": _nothing,
    "prometheus_url": _no_prometheus,
    "rate_limit": _no_rate,
    "rate_limit_organisation": _no_rate,
    "rate_limit_storage": _no_storage,
}
"""What a text has to be beyond what the table says; each rule returns what is wrong."""


def _names(setting: Field[Any]) -> str:
    """Return how a user may have given the setting."""
    if setting.metadata["option"]:
        return f"--{setting.name.replace('_', '-')} ({variable(setting)})"
    return variable(setting)
