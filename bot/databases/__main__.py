"""`python -P -m bot.databases`: one piece of work on one database, for a step of a pipeline or a person."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from bot.databases.address import VARIABLE
from bot.databases.faults import DatabaseFault, Exit
from bot.databases.migrating import apply, back
from bot.databases.placing import place_of
from bot.databases.point import Point, points_in, read_point, write_private
from bot.databases.process import Say
from bot.databases.restoring import restore
from bot.databases.work import Label, Place, backup, verify
from core.domain.policy_pipeline import Database

PROTECTED = ("staging", "production")  # nothing migrates here without a proven restore point


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -P -m bot.databases", description=__doc__,
        epilog=f"The database's address is read from {VARIABLE}.",
    )  # fmt: skip
    parser.add_argument("verb", choices=("backup", "verify", "apply", "back", "restore"))
    parser.add_argument("--environment", required=True)
    parser.add_argument("--database", required=True, metavar="JSON", help="the policy's table of this database")
    parser.add_argument("--checkout", required=True, type=Path, help="where the policy's commands run")
    parser.add_argument("--into", type=Path, help="the folder of the backups")
    parser.add_argument("--name", default="by-hand", help="what the backup is called")
    parser.add_argument("--label", default="", help="the version that comes")
    parser.add_argument("--at", default="", help="release time of the backup")
    parser.add_argument("--point", type=Path, help="the manifest of a restore point")
    parser.add_argument("--revision", default="", help="where `back` goes; else where the restore point was")
    parser.add_argument("--of", default="", help="the version whose migrations `back` takes back")
    parser.add_argument("--second-person", default="", help="who else confirmed the loss of a restore")
    parser.add_argument("--without-copy", action="store_true", help="do not keep what a restore replaces")
    parser.add_argument("--report", type=Path, help="where the outcome is written as JSON")
    return parser


async def run(args: argparse.Namespace, place: Place) -> dict[str, object]:
    """Do what was asked for; returns what the step reports."""
    known = [p for p in points_in(args.into) if p.environment == place.environment] if args.into and args.of else []
    before = [p for p in known if p.label == args.of]  # of the version that is taken back, newest first
    point = read_point(args.point) if args.point else None
    if args.verb == "backup":
        if args.into is None:
            raise DatabaseFault(Exit.WRONG_USE, "Where to? Say --into.")
        return (await backup(place, args.into, Label(args.name, args.label, args.at))).found()
    if args.verb == "apply":
        if point is None and place.environment in PROTECTED:
            words = f"Nothing migrates in {place.environment} without a proven restore point; say --point."
            raise DatabaseFault(Exit.REFUSED, words)
        if point is not None and place.environment in PROTECTED and args.label not in ("", point.label):
            words = f"The newest restore point was made for {point.label or 'no release'}: back up for this one first."
            raise DatabaseFault(Exit.REFUSED, words)
        return await apply(place, point)
    if args.verb == "back":
        named = (args.revision, point.revision if point else "", *(p.revision for p in before))
        return await back(place, [revision for revision in named if revision])
    if args.verb == "restore" and before:
        current = await place.revision()
        point = next((p for p in before if p.revision != current), before[0])
    return await _with_point(args, place, point)


async def _with_point(args: argparse.Namespace, place: Place, point: Point | None) -> dict[str, object]:
    if point is None:
        raise DatabaseFault(Exit.WRONG_USE, "Which restore point? Say --point.")
    if args.verb == "verify":
        return (await verify(place, point)).found()
    return await restore(place, point, args.second_person.strip(), keep=not args.without_copy)


def main(argv: Sequence[str], variables: Mapping[str, str], say: Say) -> int:
    """Returns the code of `Exit`; the reason is the last line that is said, and stands in the report."""
    os.umask(0o077)
    args = _parser().parse_args(argv)
    reason, code = "", Exit.DONE
    found: dict[str, object] = {}
    try:
        rules = Database.model_validate_json(args.database)
        place = place_of(rules, variables, say, environment=args.environment, checkout=args.checkout)
        found = asyncio.run(run(args, place))
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        reason, code = f"The policy's table of this database cannot be used: {told}.", Exit.WRONG_USE
    except DatabaseFault as fault:
        reason, code, found = fault.words, fault.code, fault.found
    if reason:
        say(reason)
    if args.report is not None:
        write_private(args.report, json.dumps({"code": int(code), "reason": reason, "found": found}))
    return int(code)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:], dict(os.environ), _say))
