"""The roles of a release: shown to all, changed by a release manager, refused at the field it is about."""

from __future__ import annotations

from core.domain.policy import parse_policy
from core.store import policies
from core.store.policies import StoredPolicy
from core.store.unit_of_work import Unit
from tests.handlers.desk import Desk, labels, words
from tests.handlers.play import said, started
from tests.handlers.story import DANA, ERIKA, MIRA, PRIYA, QADIR, THEO


async def test_roles_are_changed_in_one_form_and_taken_back_there(desk: Desk) -> None:
    await started(desk)
    shown = (await desk.types(DANA, "roles")).private
    assert shown and "Change the roles…" in labels(shown.blocks)
    assert "Only a release manager can change the roles of v1.3.0" in said(
        await desk.clicks(DANA, shown, "Change the roles…"))  # fmt: skip
    form = (await desk.clicks(PRIYA, shown, "Change the roles…")).form
    assert form and "Held by Qadir alone; the policy or its Slack group names more" in words(form)
    sent = await desk.sends(PRIYA, form, **{"role.qa": DANA, "role.executive": MIRA})
    assert set(sent.errors) == {"role.qa", "role.executive"}
    assert "Dana does not hold the role QA lead" in sent.errors["role.qa"]
    assert list((await desk.sends(PRIYA, form)).errors) == ["role.release_manager"], "nothing to change"
    sent = await desk.sends(PRIYA, form, **{"role.qa": QADIR, "role.executive": ERIKA})
    assert sent.form and "The roles of *v1.3.0* are changed" in words(sent.form)
    assert (await desk.facts())["cast"] == {"release_manager": PRIYA, "qa": QADIR, "executive": ERIKA}
    form = (await desk.clicks(PRIYA, shown, "Change the roles…")).form
    assert form
    await desk.sends(PRIYA, form, all=("qa",))
    assert (await desk.facts())["cast"] == {"release_manager": PRIYA, "executive": ERIKA}


async def test_the_captain_of_the_train_leads_what_nobody_is_named_for(desk: Desk) -> None:
    text = (await desk.ctx.policy()).body
    turns = text.replace("window_minutes = 120", 'window_minutes = 120\ncaptains = ["priya", "theo"]', 1)
    turns = turns.replace('title = "release manager"\npeople = ["priya"]', 'title = "release manager"\npeople = '
                          '["priya", "theo"]', 1)  # fmt: skip
    policy = parse_policy(turns)

    async def work(unit: Unit) -> None:
        await policies.propose(unit, StoredPolicy(policy.hash, turns, 99, "proposed", None, ""))
        await policies.activate(unit, policy.hash, at=desk.clock.now(), actor="test")

    await desk.ctx.store.unit(work, verb="policy", chains=("policy",))
    form = (await desk.types(PRIYA, "start")).form
    assert form and "By turns: 16 December Theo, 30 December Priya" in words(form)
    assert next(b["element"]["initial_user"] for b in form.blocks if b.get("block_id") == "lead") == THEO
    await desk.types(PRIYA, "start minor")
    assert (await desk.facts())["lead"] == THEO
