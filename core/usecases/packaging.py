"""Give somebody a package of evidence: who may have one, that it is written down, and the file in a direct message."""

from __future__ import annotations

from typing import Any

from core.domain.effects import CLICK, File
from core.store import releases
from core.store.products import product_chain
from core.store.unit_of_work import Unit
from core.usecases.advance import Ask
from core.usecases.context import Context, permitted
from core.usecases.populations import population

MAKER = "package"  # what makes the bytes, see `bot/packages`
EXPORTS = "exports"  # the chain that tells who was given what
CHECK = "It proves itself: run release-bot audit check on it, or the script that release-bot audit checker prints."


async def send_package(ctx: Context, ask: Ask) -> dict[str, Any]:
    """Send who asks the package of a release (`ask.release`), or of a period (input: period).

    Returns {"about"}. Raises Refused, and NotFound for what is no release and no period.
    """
    said = str(ask.input.get("period") or "")
    if said:
        _, period, _ = await population(ctx, said)
        about, name = period.words, period.name
        args: dict[str, Any] = {"period": period.name}
    else:
        async with ctx.store.database.reader.connect() as conn:
            release = await releases.load(conn, ask.release or 0)
        about, name, args = f"v{release.version}", f"v{release.version}", {"release": release.id}

    async def work(unit: Unit) -> dict[str, Any]:
        policy = await permitted(ctx, unit.conn, "package", ask.actor, "package")
        title, called = f"Evidence of {about}", f"evidence-{name}.zip".replace(" ", "-")
        file = File(MAKER, called, title, f"Here is the evidence of {about}. {CHECK}", args=args)
        place = f"dm:{ask.actor}"
        body = {"release": ask.release or 0, **file.body(place)}
        await unit.outbox(f"package:{place}", "slack.file", body, cause=product_chain(ctx.product), rank=CLICK)
        await unit.audit(EXPORTS, ask.actor, "package.sent", policy.hash, {"about": about, **args}, ctx.clock.now())
        return {"about": about}

    return dict(await ctx.store.unit(work, verb="package", key=ask.key, chains=(product_chain(ctx.product), EXPORTS)))
