"""`fairlead hooks`: where Git hosts, alerting tools and LaunchDarkly deliver what happens there."""

import secrets
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli.options import ORG_DEFAULT, Database, DataDir, Json, Org, settings_from
from fairlead.domain.errors import NotFound, Rejected
from fairlead.domain.hooks import CHANCE_BYTES, SECRET_BYTES, DeliveryOutcome, Hook, Vendor, deploys_from
from fairlead.domain.instants import from_rfc3339

if TYPE_CHECKING:
    from fairlead.usecases.replay_deliveries import Replayed

app = typer.Typer(help="Webhooks of Git hosts and alerting tools.")

_SHOWN_EVERY = 100
_SET_UP = {
    Vendor.GITHUB: """\
At GitHub: the repository's or organisation's Settings, Webhooks, Add webhook.
  Payload URL   the address of this server, followed by the path above
  Content type  application/json
  Secret        the secret above
  Events        Let me select individual events: Pull requests, Pull request reviews, Pushes,
                Deployment statuses, Releases; Workflow runs where --deploys names one
""",
    Vendor.GITLAB: """\
At GitLab: the project's or group's Settings, Webhooks, Add new webhook.
  URL           the address of this server, followed by the path above
  Secret token  the secret above; or, since GitLab 19, Signing token: better, it is never sent along
  Trigger       Push events, Merge request events, Deployment events; Pipeline events where
                --deploys names one
""",
    Vendor.LAUNCHDARKLY: """\
At LaunchDarkly: Integrations, Webhooks, Add integration.
  URL           the address of this server, followed by the path above
  Sign this webhook, and paste the secret above
  Policy        resources proj/*:env/*:flag/*, all actions
""",
    Vendor.ALERTMANAGER: """\
In Alertmanager's configuration, as a receiver that the route leads to:
  webhook_configs:
    - url: the address of this server, followed by the path above
      send_resolved: true
      http_config: {authorization: {credentials: the secret above}}
""",
    Vendor.GRAFANA: """\
In Grafana: Alerting, Contact points, Add contact point, Integration Webhook.
  URL                         the address of this server, followed by the path above
  HMAC signature, secret      the secret above; before Grafana 12: Authorization Header, Bearer and
                              the secret above
""",
    Vendor.PAGERDUTY: """\
At PagerDuty: Integrations, Generic Webhooks (v3), New Webhook.
  Webhook URL    the address of this server, followed by the path above
  Events         incident.triggered, .acknowledged, .reopened, .resolved, .priority_updated
  Custom header  dd_env, and the environment, where all incidents are about one
PagerDuty makes the secret itself and shows it once. So begin there, with any URL, give the secret
to this program, and put the path above into the URL then:
  fairlead hooks create pagerduty --secret SECRET
""",
}


@app.command()
def create(
    vendor: Annotated[Vendor, typer.Argument(metavar="|".join(Vendor), help="Who is to deliver.")],
    *,
    deploys: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=SERVICE:ENV",
            help="A workflow (GitHub), or a pipeline or job (GitLab), whose success is a deployment of that "
            "service; repeatable. Deployments that the host itself reports need none.",
        ),
    ] = None,
    secret: Annotated[
        str, typer.Option(metavar="TEXT", help="The secret, where the vendor makes it, as PagerDuty does.")
    ] = "",
    org: Org = ORG_DEFAULT,
    as_json: Json = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Create a hook, and print its path, its secret and what to set up at the Git host."""
    from fairlead.cli.opening import find_organisation, open_ledger
    from fairlead.cli.printing import print_json
    from fairlead.usecases.create_hook import HookWanted, create_hooks

    try:
        named = tuple(deploys_from(text) for text in deploys or ())
    except Rejected as error:
        raise typer.BadParameter(str(error)) from error
    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        wanted = HookWanted(
            org_id=find_organisation(ledger, org),
            vendor=vendor,
            deploys=named,
            secret=secrets.token_bytes(SECRET_BYTES),
            secret_told=secret,
            chance=secrets.token_bytes(CHANCE_BYTES),
            at=time.time_ns(),
        )
        hook: Hook = ledger.write(create_hooks, wanted)
    if as_json:
        print_json(_told(hook) | {"secret": hook.secret})
        return
    typer.echo(f"Path    {_path(hook)}\nSecret  {hook.secret}\n\n{_SET_UP[vendor]}")
    typer.echo("The secret is shown only this once.")


@app.command("list")
def show(
    *, org: Org = ORG_DEFAULT, as_json: Json = False, database: Database = None, data_dir: DataDir = None
) -> None:
    """List the hooks of an organisation, with what arrived and what was ignored for which reason."""
    from fairlead.cli.opening import find_organisation, open_ledger
    from fairlead.cli.printing import print_json, print_table, readable
    from fairlead.usecases.list_hooks import list_hooks

    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        found = ledger.read(list_hooks, find_organisation(ledger, org))
    times = [(readable(hook.created_at), readable(hook.last_delivery_at)) for hook in found]
    if as_json:
        print_json(
            [
                _told(hook)
                | {"created_at": created, "last_delivery_at": last or None}
                | {"deliveries": hook.deliveries, "ignored": hook.ignored}
                for hook, (created, last) in zip(found, times, strict=True)
            ]
        )
        return
    rows = [
        (hook.id, hook.vendor, created, last, str(hook.deliveries), _reasons(hook.ignored.items()))
        for hook, (created, last) in zip(found, times, strict=True)
    ]
    print_table(("ID", "VENDOR", "CREATED", "LAST DELIVERY", "DELIVERIES", "IGNORED"), rows)


@app.command()
def replay(
    hook_id: Annotated[
        str, typer.Argument(metavar="[HOOK_ID]", help="As `fairlead hooks list` shows it. Without it: all.")
    ] = "",
    *,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Only what arrived since then, such as 2025-03-12.")
    ] = "",
    org: Org = ORG_DEFAULT,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Read what was delivered again: after an update that understands more, or a loss of facts.

    Harmless to repeat, and while a server runs: what is known already stays as it is.
    """
    from fairlead.cli.opening import find_organisation, open_ledger
    from fairlead.dialects.alertmanager.translate import read as read_alertmanager
    from fairlead.dialects.github.translate import read as read_github
    from fairlead.dialects.gitlab.translate import read as read_gitlab
    from fairlead.dialects.grafana.translate import read as read_grafana
    from fairlead.dialects.launchdarkly.hooks_translate import read as read_launchdarkly
    from fairlead.dialects.pagerduty.translate import read as read_pagerduty
    from fairlead.usecases.list_hooks import list_hooks
    from fairlead.usecases.replay_deliveries import replay_deliveries

    readers = {
        Vendor.GITHUB: read_github,
        Vendor.GITLAB: read_gitlab,
        Vendor.LAUNCHDARKLY: read_launchdarkly,
        Vendor.ALERTMANAGER: read_alertmanager,
        Vendor.GRAFANA: read_grafana,
        Vendor.PAGERDUTY: read_pagerduty,
    }
    since_at = _instant(since)
    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        found = ledger.read(list_hooks, find_organisation(ledger, org))
        hooks = [hook for hook in found if hook_id in ("", hook.id)]
        if hook_id and not hooks:
            detail = f"there is no hook {hook_id} in this organisation"
            raise NotFound(f"{detail}; `fairlead hooks list` shows all")
        replayed = (
            one for hook in hooks for one in replay_deliveries(ledger, hook, readers[hook.vendor], since_at)
        )
        _print_summary(_watched(replayed, sum(hook.deliveries for hook in hooks)))


def _watched(replayed: Iterable["Replayed"], most: int) -> Iterator["Replayed"]:
    """Pass on what comes, and show how far it is: a bar on a terminal, lines elsewhere."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    if console.is_terminal:
        yield from track(replayed, "Replaying", total=most, console=console, transient=True)
        return
    for number, one in enumerate(replayed, 1):
        if number % _SHOWN_EVERY == 0:
            typer.echo(f"{number} of at most {most} deliveries", err=True)
        yield one


def _print_summary(replayed: Iterable["Replayed"]) -> None:
    outcomes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for one in replayed:
        outcomes[one.outcome] += 1
        if one.reason:
            reasons[f"{one.delivery.event}: {one.reason}"] += 1
    recorded = outcomes[DeliveryOutcome.RECORDED]
    typer.echo(f"Replayed {outcomes.total()} deliveries; {recorded} told facts.")
    if reasons:
        typer.echo(_reasons(reasons.items()))


def _reasons(counts: Iterable[tuple[str, int]]) -> str:
    """Return counts with what they count, one a line, the greatest first."""
    ordered = sorted(counts, key=lambda one: (-one[1], one[0]))
    return "\n".join(f"{count} {reason}" for reason, count in ordered)


def _instant(text: str) -> int:
    """Return the instant that `--since` names; the beginning of time for nothing."""
    if not text:
        return 0
    try:
        return from_rfc3339(text if len(text) > len("2025-03-12") else f"{text}T00:00:00Z")
    except (ValueError, OverflowError):
        raise typer.BadParameter("must be a time such as 2025-03-12 or 2025-03-12T12:00:00Z") from None


def _told(hook: Hook) -> dict[str, object]:
    deploys = [{"name": one.name, "service": one.service, "env": one.env} for one in hook.deploys]
    return {"id": hook.id, "vendor": hook.vendor, "path": _path(hook), "deploys": deploys}


def _path(hook: Hook) -> str:
    return f"/hooks/{hook.vendor}/{hook.id}"
