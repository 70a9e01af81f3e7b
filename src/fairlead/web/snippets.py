"""What to copy into a pipeline, with the address of this server in it.

Not here: keys; where one was just made it stands in the text, else the name of a variable does.
"""

from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

KEY_VARIABLE: Final = "${DD_API_KEY}"


class Snippet(Struct, frozen=True):
    """Something to copy."""

    id: str
    name: str
    where: str
    """Where it goes, in a sentence."""
    text: str


def snippets(address: str, key: str) -> list[Snippet]:
    """Return what there is to copy for a server at `address`; without a key a variable stands for it."""
    shown = key or KEY_VARIABLE
    return [
        Snippet(
            "curl",
            "curl",
            "Paste it into a terminal: it reports a deployment that ended now.",
            _curl(address, shown),
        ),
        Snippet("datadog-ci", "datadog-ci", _datadog_ci_says(address), _datadog_ci(address, shown)),
        Snippet(
            "github",
            "GitHub Actions",
            "Make a repository secret FAIRLEAD_API_KEY, and put this behind the step that deploys.",
            _github(address),
        ),
        Snippet(
            "gitlab",
            "GitLab CI",
            "Make a masked variable FAIRLEAD_API_KEY, and put this into .gitlab-ci.yml.",
            _gitlab(address),
        ),
        Snippet(
            "jenkins",
            "Jenkins",
            "Make a secret text with the id fairlead-api-key, and put this behind the stage that deploys.",
            _jenkins(address),
        ),
        Snippet(
            "opentelemetry",
            "OpenTelemetry",
            "Set these for each service: gates compare the errors of its versions.",
            _opentelemetry(address, shown),
        ),
        Snippet(
            "alertmanager",
            "Alertmanager",
            "Make a webhook for Alertmanager first, and put its id and secret where it says so. Where there "
            "is a route already, let one below it lead here, with continue: true.",
            _alertmanager(address),
        ),
    ]


def _curl(address: str, key: str) -> str:
    return f"""\
curl -X POST "{address}/api/v2/dora/deployment" \\
  -H "Content-Type: application/json" \\
  -H "DD-API-KEY: {key}" \\
  -d @- << EOF
{{
  "data": {{
    "attributes": {{
      "service": "my-service",
      "env": "prod",
      "version": "1.0.0",
      "started_at": $(($(date +%s) - 60))000000000,
      "finished_at": $(date +%s)000000000
    }}
  }}
}}
EOF"""


def _datadog_ci(address: str, key: str) -> str:
    return f"""\
export DD_API_KEY="{key}"
export DD_SITE="{_site(address)}"
export DATADOG_SOURCEMAP_INTAKE_URL="{address}"

# Once per commit, so that lead times are known:
npx @datadog/datadog-ci git-metadata upload

# After each deployment:
DD_BETA_COMMANDS_ENABLED=1 npx @datadog/datadog-ci dora deployment \\
  --service my-service --env prod --version 1.0.0 \\
  --started-at "$(date -d '1 minute ago' +%s)" --finished-at "$(date +%s)"
"""


def _datadog_ci_says(address: str) -> str:
    host = urlsplit(address).hostname or "localhost"
    if host.startswith("api.") and address.startswith("https:"):
        return "Run it in the checkout that was deployed."
    return (
        f"datadog-ci only speaks to https://api. followed by DD_SITE: let api.{host} lead here over TLS, "
        f"then run this "
        "in the checkout that was deployed."
    )


def _site(address: str) -> str:
    return (urlsplit(address).hostname or "localhost").removeprefix("api.")


def _github(address: str) -> str:
    return f"""\
- name: Tell Fairlead of the deployment
  if: success()
  env:
    FAIRLEAD_API_KEY: ${{{{ secrets.FAIRLEAD_API_KEY }}}}
  run: |
    curl --fail -X POST "{address}/api/v2/dora/deployment" \\
      -H "Content-Type: application/json" \\
      -H "DD-API-KEY: $FAIRLEAD_API_KEY" \\
      -d "{{\\"data\\": {{\\"attributes\\": {{
        \\"service\\": \\"my-service\\", \\"env\\": \\"prod\\", \\"version\\": \\"$GITHUB_REF_NAME\\",
        \\"started_at\\": $(($(date +%s) - 60))000000000, \\"finished_at\\": $(date +%s)000000000,
        \\"git\\": {{\\"commit_sha\\": \\"$GITHUB_SHA\\",
          \\"repository_url\\": \\"$GITHUB_SERVER_URL/$GITHUB_REPOSITORY\\"}}
      }}}}}}"
"""


def _gitlab(address: str) -> str:
    return f"""\
tell-fairlead:
  stage: .post
  image: curlimages/curl
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
    - |
      curl --fail -X POST "{address}/api/v2/dora/deployment" \\
        -H "Content-Type: application/json" \\
        -H "DD-API-KEY: $FAIRLEAD_API_KEY" \\
        -d "{{\\"data\\": {{\\"attributes\\": {{
          \\"service\\": \\"$CI_PROJECT_NAME\\", \\"env\\": \\"prod\\",
          \\"version\\": \\"$CI_COMMIT_SHORT_SHA\\",
          \\"started_at\\": $(($(date +%s) - 60))000000000, \\"finished_at\\": $(date +%s)000000000,
          \\"git\\": {{\\"commit_sha\\": \\"$CI_COMMIT_SHA\\", \\"repository_url\\": \\"$CI_PROJECT_URL\\"}}
        }}}}}}"
"""


def _jenkins(address: str) -> str:
    return f"""\
stage('Tell Fairlead') {{
  steps {{
    withCredentials([string(credentialsId: 'fairlead-api-key', variable: 'FAIRLEAD_API_KEY')]) {{
      sh '''
        curl --fail -X POST "{address}/api/v2/dora/deployment" \\
          -H "Content-Type: application/json" \\
          -H "DD-API-KEY: $FAIRLEAD_API_KEY" \\
          -d "{{\\\\"data\\\\": {{\\\\"attributes\\\\": {{
            \\\\"service\\\\": \\\\"my-service\\\\", \\\\"env\\\\": \\\\"prod\\\\",
            \\\\"version\\\\": \\\\"$BUILD_NUMBER\\\\",
            \\\\"started_at\\\\": $(($(date +%s) - 60))000000000, \\\\"finished_at\\\\": $(date +%s)000000000,
            \\\\"git\\\\": {{\\\\"commit_sha\\\\": \\\\"$GIT_COMMIT\\\\",
              \\\\"repository_url\\\\": \\\\"$GIT_URL\\\\"}}
          }}}}}}"
      '''
    }}
  }}
}}"""


def _opentelemetry(address: str, key: str) -> str:
    return f"""\
export OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="{address}/v1/traces"
export OTEL_EXPORTER_OTLP_TRACES_PROTOCOL="http/protobuf"
export OTEL_EXPORTER_OTLP_TRACES_HEADERS="DD-API-KEY={key}"
export OTEL_SERVICE_NAME="my-service"
export OTEL_RESOURCE_ATTRIBUTES="service.version=1.0.0,deployment.environment.name=prod"
"""


def _alertmanager(address: str) -> str:
    return f"""\
route:
  receiver: fairlead
  # At once, because gates watch: as delivered, Alertmanager waits up to five minutes.
  group_wait: 0s
  group_interval: 1s

receivers:
  - name: fairlead
    webhook_configs:
      - url: "{address}/hooks/alertmanager/ID-OF-THE-WEBHOOK"
        send_resolved: true
        http_config:
          authorization:
            type: Bearer
            credentials: "SECRET-OF-THE-WEBHOOK"
"""
