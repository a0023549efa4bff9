"""What every command shares: settings or a clear end, one event loop, plain words instead of a traceback."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, NoReturn, TypeVar

import typer

from bot.integrations.gitrepo.remote import Remote
from bot.logging import configure_logging
from bot.policy_start import PolicyRefused
from bot.settings import Settings, SettingsFaults, load_settings
from core.domain.policy import PolicyFaults
from core.errors import IntegrationError, Refused, ReleaseBotError
from core.store.clashes import DATABASE_FAULTS, words_of
from handlers.views.reasons import as_fact, reason
from handlers.views.writing import spoken

T = TypeVar("T")
REFUSED, WRONG_SETTINGS = 1, 2
GOODBYE = 0.05  # seconds


def say(text: str = "") -> None:
    typer.echo(text)


def fail(text: str, code: int = REFUSED) -> NoReturn:
    """End with words on stderr."""
    typer.echo(text, err=True)
    raise typer.Exit(code)


def read_settings(needs: Iterable[str] = ()) -> Settings:
    """The settings, or the end: every wrong variable is named."""
    try:
        settings = load_settings(needs)
        _look_at_repository(settings)
    except SettingsFaults as faults:
        lines = "\n".join(f"  {name}: {why}" for name, why in faults.faults)
        fail(f"These settings cannot be used:\n{lines}", WRONG_SETTINGS)
    configure_logging(settings)
    return settings


def _look_at_repository(settings: Settings) -> None:
    try:
        Remote.parse(settings.product_repo or ".")
    except ValueError as error:
        why = str(error).removeprefix("PRODUCT_REPO").lstrip(": ")
        raise SettingsFaults([("PRODUCT_REPO", why)]) from None


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; what is wrong with policy or store is said in words."""
    try:
        return asyncio.run(_to_the_end(work))
    except PolicyFaults as faults:
        fail(f"The release policy cannot be used:\n{_indented(str(faults))}", WRONG_SETTINGS)
    except PolicyRefused as refused:
        fail(f"The release policy was not taken:\n{_indented(str(refused))}", WRONG_SETTINGS)
    except IntegrationError as error:
        words = str(error.facts.get("words") or "").strip()  # the adapters have taken credentials out
        fail(f"{error.vendor}: {error}" + (f" It said: {words}" if words else ""))
    except Refused as refused:
        fail("\n".join(spoken(reason(as_fact(blocker), {}).detail, {}) for blocker in refused.blockers))
    except ReleaseBotError as error:
        fail(str(error))
    except (OSError, TimeoutError) as error:
        fail(f"This machine did not do what is needed: {words_of(error)}. Are DATABASE_URL, DATA_DIR and PORT right?")
    except DATABASE_FAULTS as error:
        fail(f"The database of DATABASE_URL (or in DATA_DIR) cannot be used: {words_of(error)}")
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


async def _to_the_end(work: Coroutine[Any, Any, T]) -> T:
    try:
        return await work
    except BaseException:
        # A SQLite file that could not be opened: the driver's thread still tells this loop that it ends, which nobody
        # can wait for. When it meets a closed loop, it prints a traceback below our words.
        await asyncio.sleep(GOODBYE)
        raise


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
