import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.casts import Cast
from tests.datadog_requests import DEPLOYMENT, DEPLOYMENTS, a_list

OFFICIAL = "datadog-api-client-python/2.62.0 (python 3.11.7; os Linux; arch x86_64)"


class Exchange(NamedTuple):
    method: str
    path: str
    body: str
    status: int
    media_type: str
    answer: Any


def scenarios() -> Iterator[Any]:
    """Read the scenarios of the file."""
    text = (Path(__file__).parent / "exchanges.txt").read_text(encoding="utf-8")
    for scenario in text.split("\n## ")[1:]:
        title, _, rest = scenario.partition("\n")
        yield pytest.param([exchange(told) for told in requests(rest)], id=title)


def requests(text: str) -> Iterator[str]:
    """Yield each request with its answer: two parts of two lines around the dashes."""
    lines = text.strip("\n").split("\n")
    marks = [number for number, line in enumerate(lines) if line == "----"]
    for mark in marks:
        yield "\n".join(lines[mark - 2 : mark + 3])


def exchange(told: str) -> Exchange:
    request, body, _, answer, expected = told.split("\n")
    method, path = request.split()
    status, media_type = answer.split()
    return Exchange(method, path, body, int(status), media_type, json.loads(expected))


@pytest.mark.parametrize("exchanges", list(scenarios()))
def test_a_recorded_exchange_goes_as_it_was_recorded(cast: Cast, exchanges: list[Exchange]) -> None:
    for one in exchanges:
        answer = cast.ada.send_bytes(
            one.method, one.path, one.body.encode(), Content_Type="application/json", User_Agent=OFFICIAL
        )

        assert (one.status, one.media_type) == (answer.status_code, answer.headers["content-type"]), (
            answer.text
        )
        assert one.answer == with_placeholder(answer.json(), one.answer)


def with_placeholder(answer: Any, expected: Any) -> Any:
    """Put `<id>` in place of an id that the server made, where it is expected."""
    if isinstance(expected.get("data"), dict) and expected["data"].get("id") == "<id>":
        assert 36 == len(answer["data"]["id"])
        return answer | {"data": answer["data"] | {"id": "<id>"}}
    return answer


def test_a_deployment_is_printed_as_in_the_documentation(cast: Cast) -> None:
    """The documented answer to a client that does not say which it is: curl, for one."""
    documented = {
        "custom_tags": ["language:java", "department:engineering", "region:us-east-1"],
        "env": "production",
        "finished_at": 1693491984000000000,
        "git": {
            "commit_sha": "66adc9350f2cc9b250b69abddab733dd55e1a588",
            "repository_id": "github.com/organization/example-repository",
        },
        "service": "shopist",
        "started_at": 1693491974000000000,
        "team": "backend",
        "version": "v1.12.07",
    }
    url = {"repository_url": "https://github.com/organization/example-repository"}
    sent = documented | {
        "id": "4242fcdd31586083",
        "git": url | {"commit_sha": documented["git"]["commit_sha"]},  # type: ignore[index]  # it is a dict
    }
    cast.robot.post(DEPLOYMENT, {"data": {"attributes": sent}})
    expected = {"attributes": documented, "id": "4242fcdd31586083", "type": "dora_deployment"}

    one = cast.ada.get(f"{DEPLOYMENTS}/4242fcdd31586083", User_Agent="curl/8.5.0").json()
    query = (
        "service:(shopist OR api-service OR payment-service) "
        "env:(production OR staging) team:(backend OR platform)"
    )
    some = cast.ada.post(DEPLOYMENTS, a_list(query=query, sort="-finished_at", limit=500)).json()

    assert {"data": expected} == one
    assert {"data": [expected]} == some
