"""The roles of a release: shown to all, changed by a release manager, refused at the field it is about."""

from __future__ import annotations

from tests.handlers.desk import Desk, labels, words
from tests.handlers.play import said, started
from tests.handlers.story import DANA, ERIKA, MIRA, PRIYA, QADIR


async def test_roles_are_changed_in_one_form_and_taken_back_there(desk: Desk) -> None:
    await started(desk)
    shown = (await desk.types(DANA, "roles")).private
    assert shown and "Change the roles…" in labels(shown.blocks)
    assert "Only a release manager can change the roles of v1.3.0" in said(
        await desk.clicks(DANA, shown, "Change the roles…"))  # fmt: skip
    form = (await desk.clicks(PRIYA, shown, "Change the roles…")).form
    assert form and "Held by Qadir" in words(form)
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
