"""Brings the policy file into the store at start, so that several processes judge by one text."""

from __future__ import annotations

from pathlib import Path

from core.domain.effects import BOT
from core.domain.policy import Policy, parse_policy
from core.errors import ReleaseBotError
from core.ports import Clock
from core.store import policies
from core.store.policies import StoredPolicy
from core.store.unit_of_work import Store, Unit
from core.usecases.policy import ask_to_sign

CHAIN = "policy"
NONE_YET = (
    "No policy is active yet. `release-bot policy check` tells what the file says; `release-bot adopt` or `release-bot "
    "serve` then makes it the first one."
)


class PolicyRefused(ReleaseBotError):
    """The policy file does not go with what the store holds."""


class NoPolicyYet(PolicyRefused):
    """Nobody has made a policy count, and this may not be what does."""


def read_policy(path: Path, named_by: str = "RELEASE_POLICY: ") -> Policy:
    """The file, checked; `named_by` says who chose it. Raises PolicyFaults, or PolicyRefused when it cannot be read."""
    try:
        return parse_policy(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PolicyRefused(f"{named_by}there is no file {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyRefused(f"{named_by}{path} cannot be read: {error}") from None


async def bring_in(store: Store, clock: Clock, policy: Policy, *, first: bool = True) -> str:
    """Known text: go on. A higher serial: stored, active at once when none is. Returns the state it has now.

    Raises PolicyRefused for the same or a lower serial with another text, and shows both; and where none is active
    and this may not be the `first` one, because who only looks must not decide by which text all others are judged.
    """

    async def work(unit: Unit) -> str:
        now = clock.now()
        active = await policies.active(unit.conn)
        if active is None and not first:
            raise NoPolicyYet(NONE_YET)
        known = await policies.find(unit.conn, policy.hash)
        if known is not None and (known.state == "active" or active is not None):
            return known.state
        newest = await policies.newest_serial(unit.conn)
        if known is None and policy.serial <= newest:
            raise PolicyRefused(_both(policy, active, newest))
        text = StoredPolicy(policy.hash, policy.body, policy.serial, "proposed", None, BOT)
        if known is None:
            await policies.propose(unit, text)
            await unit.audit(CHAIN, BOT, "policy.proposed", policy.hash, {"serial": policy.serial}, now)
        if active is None:
            await policies.activate(unit, policy.hash, BOT, now)
            await unit.audit(CHAIN, BOT, "policy.activated", policy.hash, {"serial": policy.serial}, now)
            return "active"
        if known is None:
            await ask_to_sign(unit, parse_policy(active.body), policy)
        return "proposed"

    return str(await store.unit(work, verb="policy.bring_in", chains=[CHAIN], interactive=False))


def _both(policy: Policy, active: StoredPolicy | None, newest: int) -> str:
    stored = f"serial {active.serial}, text {active.hash[:12]}" if active else f"serial {newest}"
    return (
        f"the policy file has serial {policy.serial}, text {policy.hash[:12]}, but the store holds another text: "
        f"{stored} (active). Raise `serial` above {newest} in the file, or use the file that was stored: "
        "`release-bot policy show` prints it."
    )
