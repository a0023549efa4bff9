"""The policy's tables about deployment: what cannot be done is refused before anybody waits for it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.domain.policy_pipeline import DeployPolicy

STAGES = ({"share": 10}, {"share": 100, "soak": 0})


def tables(host: str, **step: object) -> dict[str, object]:
    service = {"title": "API", "host": host, "targets": {"production": "srv-api"}}
    production = ({"name": "api", "uses": "deploy", "service": "api", **step},)
    return {"services": {"api": service}, "pipelines": {"production": production}}


@pytest.mark.parametrize("host", ["vercel", "hook"])
def test_a_deployment_may_go_by_stages_where_the_host_can(host: str) -> None:
    read = DeployPolicy.model_validate(tables(host, stages=STAGES))
    assert [stage.share for stage in read.pipelines["production"][0].stages] == [10, 100]


@pytest.mark.parametrize(
    ("host", "step", "words"),
    [
        ("render", {"stages": STAGES}, "only a deploy at vercel or hook goes by stages"),
        ("vercel", {"uses": "live", "stages": STAGES}, "only a deploy at vercel or hook goes by stages"),
        ("vercel", {"stages": ({"share": 50},)}, "rise to 100"),
        ("vercel", {"service": "web"}, "there is no service web"),
        ("vercel", {"uses": "backup", "service": ""}, "there is no database"),
    ],
)
def test_what_cannot_be_is_refused(host: str, step: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        DeployPolicy.model_validate(tables(host, **step))
