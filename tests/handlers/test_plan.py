"""The plan of a release and its runbook: what stands in them, for whom there is a button, and what never does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.domain.flags.model import Setting
from core.domain.plans.plan import Plan, plan_of
from core.domain.policy_pipeline import Service
from core.domain.release import Phase
from core.usecases.plan import Planned
from handlers.views.plan import plan
from handlers.views.runbook import runbook
from tests.core.domain.pipeline.test_stories import shipped
from tests.handlers.desk import labels, words
from tests.handlers.layout import HOSTILE, check_message
from tests.handlers.story import OLU, SHA, THEO, facts

STEPS = ("tag", "checks", "backup", "migrations", "backend", "monitor", "frontend", "verify", "smoke")
SEEN = {f"production:deploy:{name}": (40,) for name in STEPS}
ADDS = {"path": "migrations/0042.sql", "what": "adds table `searches`", "class": "additive", "reversible": True}
TAKES = {"path": "migrations/0043.sql", "what": "drops a column", "class": "destructive", "reversible": False}
YES = {"verdict": "yes", "reasons": [["", "they only add to it"]], "down": True}
NO = {"verdict": "no", "reasons": [["x", "the version before may still read what is gone"]], "down": False}
FLAGS = (("billing", Setting(percentage=10)), ("search", None), ("old", Setting()))


def told(**more: Any) -> dict[str, Any]:
    return facts(Phase.PREPARATION) | {"migrations": [ADDS], "schema_back": YES} | more


def found(f: dict[str, Any], seen: Any = None, went: Any = (240,)) -> Planned:
    return Planned(plan_of(shipped(), "production", SEEN if seen is None else seen, went, f), shipped(), FLAGS)


def test_the_plan_says_steps_times_migrations_flags_and_the_way_back() -> None:
    f = told()
    message = plan(f, found(f))
    check_message(message)
    text = words(message)
    assert "*To production*, 13 steps, about 6 min" in text and "4. Database backup · about 40 s" in text
    assert "11. Manual verification completed · <@U0QADIR>" in text
    assert "if it fails: release manager, DevOps or tech lead" in text
    assert "✅ additive: adds table `searches`" in text and "v1.2.2 runs on the new database" in text
    assert "Each has a way down, which keeps later rows" in text and "about 4 min by the last check" in text
    assert "`billing`: on for 10 % in production" in text and "`search`: not known here" in text
    assert "To *v1.2.2*, about 4 min: Roll back: Backend" in text


def test_what_takes_data_says_so_and_takes_the_database_back_first() -> None:
    f = told(migrations=[ADDS, TAKES], schema_back=NO)
    text = words(plan(f, found(f)))
    assert "⛔ destructive: drops a column · no way down" in text
    assert "v1.2.2 may not run on the new database: the version before may still read what is gone" in text
    assert "⚠️ A restore would lose what is written after the backup" in text and "4 min: Database back" in text


@pytest.mark.parametrize(
    "verdict,by,line",
    [
        ("yes", "untouched", "v1.2.2 runs on the database: nothing in it has changed"),
        ("yes", "structure", "v1.2.2 runs on the new database: its structure was compared"),
        ("no", "structure", "v1.2.2 may not run on the new database: its structure was compared"),
    ],
)
def test_what_the_database_itself_has_told_needs_no_files(verdict: str, by: str, line: str) -> None:
    f = told(schema_back={"verdict": verdict, "told": by, "reasons": [], "down": None})
    assert line in words(plan(f, found(f)))


def test_without_history_and_without_a_pipeline_nothing_is_made_up() -> None:
    f = told(migrations=[])
    text = words(plan(f, found(f, seen={}, went=())))
    assert "13 steps, no estimate yet\n1. " in text and "4. Database backup\n" in text  # said once, not on each line
    assert "4. Database backup · no estimate yet" in words(plan(f, found(f, seen={"production:deploy:tag": (40,)})))
    bare = plan(f, Planned(Plan((), ()), shipped(), ()))
    check_message(bare)
    assert "people bring v1.3.0 there and record what they did" in words(bare)


@pytest.mark.parametrize("person,label", [(OLU, "I have reviewed it"), (THEO, "The way back is written…"), ("U0X", "")])
def test_each_reviewer_has_the_button_that_is_theirs(person: str, label: str) -> None:
    f = told()
    f["allowed"] = [*f["allowed"], "result"]
    offered = labels(plan(f, found(f), person).blocks)
    assert offered == ([label] if label else []) + ["Checklist"]


def test_hostile_words_hold_in_the_plan() -> None:
    foul = {"path": HOSTILE, "what": HOSTILE, "class": "unknown", "reversible": None}
    f = told(tag=HOSTILE, migrations=[foul] * 9, schema_back={"verdict": "unknown", "reasons": [["", HOSTILE]] * 5})
    planned = replace(found(f), flags=((HOSTILE, None),) * 9)
    check_message(plan(f, planned), foreign=True)
    assert "```" not in runbook(f, planned).replace("```sh", "").replace("\n```\n", "")


def test_the_runbook_has_commands_to_copy_and_no_secret() -> None:
    f = told()
    text = runbook(f, found(f))
    assert text.startswith("# Runbook: v1.3.0 of Asset Anchor\n") and f"`{SHA}`" in text
    assert 'DATABASE_URL="$DATABASE_URL_PRODUCTION" python -m asset_anchor.store up' in text
    assert "git tag -a v1.3.0 -m 'Release v1.3.0'" in text and "### 4. Database backup (about 40 s)" in text
    assert 'Authorization: Bearer $RENDER_API_KEY"' in text and 'curl -fsS "$BACKEND_URL"/version' in text
    deploys, _, back = text.partition("## If it has to be taken back")
    assert "commit=$(git rev-parse 'v1.3.0^{commit}')\n" in deploys
    assert '-d "{\\"commitId\\": \\"$commit\\"}"' in deploys
    assert "commit=$(git rev-parse 'v1.2.2^{commit}')\n" in back and 'VERCEL_ORG_ID="$VERCEL_TEAM_ID"' in back
    assert "## If it has to be taken back" in text and 'release-bot release "record 1.3.0' in text
    assert "- DevOps: Olu" in text and "xoxb" not in text
    assert text.count("```") % 2 == 0


def test_the_runbook_knows_each_host_and_says_where_nothing_is_known() -> None:
    f = told(environments={"production": {}}, candidate=None, departs_at=None)
    services = {
        name: Service(title=name, host=host, targets={"production": name}, urls={"production": "https://x.example"})
        for name, host in (("backend", "hook"), ("frontend", "render"))
    }
    rules = shipped().deployment.model_copy(update={"services": services})
    policy = shipped().model_copy(update={"deployment": rules})
    text = runbook(f, Planned(plan_of(policy, "production", {}, (), f), policy, ()))
    assert "No version before this one is known: fix forward." in text and "there is no candidate yet" in text
    assert '"${api%/}/services/frontend/deploys"' in text and 'api="${RENDER_API_URL:-https://api.' in text
    assert '"${HOOK_HOST_URL%/}/targets/backend/deployments"' in text and "https://x.example/version" in text
