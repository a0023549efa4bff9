"""Database migrations in a difference: Alembic, Django, Flyway and plain SQL, and what each does that somebody must
know. One reading serves the notes, the risk and the plan of a deployment; `core.domain.notes.schema` judges it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.domain.notes.model import Effect, Finding, Gap
from core.domain.notes.statements import Step, has_statement, parts, steps_in
from core.domain.repository import FileChange

Texts = Mapping[str, str]

_PYTHON = re.compile(r"(?:^|/)(?:migrations?|alembic|versions)/(?:[^/]{1,80}/){0,2}[^/]{1,200}\.py$")
_SQL = re.compile(
    r"(?:^|/)(?:[VUR]\d[\w.]{0,40}__|R__)[^/]{1,200}\.sql$|(?:^|/)(?:db/)?migrat(?:e|"
    r"ions?)/(?:[^/]{1,120}/){0,2}[^/]{1,200}\.sql$",
    re.IGNORECASE,
)
_REVISION = re.compile(r"^(?:down_revision)\b[^=\n]{0,80}=\s{0,3}(.{1,200})$", re.MULTILINE)
_NAME = (
    r"\s{0,5}\(\s{0,40}(?:[\"']([\w.]{1,100})[\"'])?"
    r"(?:\s{0,3},\s{0,40}(?:sa\.Column\(\s{0,40})?[\"']([\w.]{1,100})[\"'])?([^\n]{0,300})"
)
_ALEMBIC = re.compile(r"\bop\.(\w{3,40})" + _NAME)
_BATCH = re.compile(r"\bbatch_op\.(\w{3,40})" + _NAME)
_DJANGO = re.compile(
    r"\bmigrations\.(\w{3,40})\(((?:[^()]|\([^()]{0,500}\)){0,2000})"
)
_EXECUTED = re.compile(r"execute\(([^)]{0,2000})")
_GIVEN = re.compile(r"\b(?:name|model_name|old_name|new_name)\s{0,3}=\s{0,3}[\"'](\w{1,100})[\"']")
_DOWN = re.compile(r"^def downgrade\([^\n]{0,100}\n(?:[ \t]+(?:\"\"\"[^\n]{0,300}\"\"\"|pass|raise [^\n]{0,300}|"
                   r"#[^\n]{0,300})[ \t]*\n|\s*\n){0,8}(?=\S|\Z)",
                   re.MULTILINE)  # fmt: skip
_RUN_SQL = re.compile(r"^[\s\[(]{0,20}(?:sql\s{0,3}=\s{0,3})?[\s\[(]{0,20}[rf]?[\"']{0,3}|[\"'\s,)]{0,40}$")
_CALLED = re.compile(r"^[^#\n\"']{0,200}\w\(", re.MULTILINE)
_WAY_BACK = re.compile(r"\.down\.sql$|(?:^|/)U\d[\w.]{0,40}__[^/]{1,200}\.sql$", re.IGNORECASE)
_BEGINS_SQL = re.compile(r"^[\s\"'(]{0,20}(?:[rf]|sa\.text\(|text\(){0,3}[\s\"']{0,10}")
LONGEST_CALL = 3000
_OPERATIONS: dict[str, tuple[str, Effect]] = {
    "drop_table": ("drops table `{0}`", "takes"), "drop_column": ("drops column `{0}`", "takes"),
    "create_table": ("adds table `{0}`", "adds"), "add_column": ("adds column `{0}`", "adds"),
    "rename_table": ("renames table `{0}`", "renames"), "create_index": ("makes index `{0}`", "adds"),
    "alter_column": ("changes column `{0}`", "tightens"),
    "create_unique_constraint": ("makes `{0}` unique", "tightens"), "bulk_insert": ("inserts rows", "data"),
    "DeleteModel": ("drops table `{0}`", "takes"), "RemoveField": ("drops column `{0}`", "takes"),
    "CreateModel": ("adds table `{0}`", "adds"), "AddField": ("adds column `{0}`", "tightens"),
    "RenameModel": ("renames table `{0}`", "renames"), "RenameField": ("renames column `{0}`", "renames"),
    "AlterField": ("changes column `{0}`", "unknown"),
    "AddIndex": ("makes an index, which locks writing meanwhile", "adds"),
    "RunPython": ("changes data", "data"), "RunSQL": ("runs SQL", "unknown"),
}  # fmt: skip
_SILENT: dict[str, Effect] = {
    **dict.fromkeys(("create_foreign_key", "create_check_constraint", "create_primary_key", "create_exclude_constraint",
                     "AddConstraint", "AlterUniqueTogether"), "tightens"),
    **dict.fromkeys(("drop_constraint", "drop_index", "RemoveIndex", "RemoveConstraint"), "loosens"),
}  # fmt: skip
_NOTHING = frozenset({
    "get_bind", "get_context", "batch_alter_table", "inline_literal", "execute", "create_table_comment",
    "drop_table_comment", "Migration", "AlterModelOptions", "AlterModelManagers", "swappable_dependency", "RunSQL",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """A migration as its file says it. `removed`: it takes data or names away; `reversible`: a way down is written."""

    what: str
    removed: bool
    effects: tuple[Effect, ...] = ()
    reversible: bool = False


def wanted(path: str) -> bool:
    return bool(_PYTHON.search(path) or _SQL.search(path))


def find(files: Sequence[FileChange], before: Texts, after: Texts) -> tuple[list[Finding], list[Gap]]:
    """One finding for each migration that is new, other or gone, and a gap where two follow the same one."""
    found: list[Finding] = []
    follows: dict[str, list[str]] = {}
    for file in files:
        path = file.path
        text = after.get(path) or before.get(path) or before.get(file.old_path) or ""
        if not text or not is_migration(path, text):
            continue
        if file.status == "D":
            found.append(Finding("migration", path, "is gone: who has not run it misses it", True, ("unknown",)))
        elif file.status == "M":
            told = "was changed after it was made: who has run it does not get the change"
            found.append(Finding("migration", path, told, effects=("unknown",)))
        elif file.status in ("A", "C") and not _WAY_BACK.search(path):
            it = read(path, text, after)
            found.append(Finding("migration", path, it.what, it.removed, it.effects, it.reversible))
            if down := _REVISION.search(text):
                follows.setdefault(f"{path.rpartition('/')[0]} {down[1].strip()}", []).append(path)
    gaps = [
        Gap("migration_heads", "", {"paths": sorted(paths), "down": down.partition(" ")[2][:60]}, blocking=True)
        for down, paths in sorted(follows.items()) if len(paths) > 1
    ]  # fmt: skip
    return found, gaps


def is_migration(path: str, text: str) -> bool:
    low = path.lower()
    if _SQL.search(low):
        return True
    return bool(_PYTHON.search(low)) and ("down_revision" in text or "migrations.Migration" in text)


def read(path: str, text: str, others: Texts) -> Read:
    """What a migration does, in plain words, and what that means to data and to the version before.

    `others` are the texts beside it: a way down may be a file of its own.
    """
    final = ""
    if path.lower().endswith(".sql"):
        up, down = parts(text)
        steps, back = steps_in(up), has_statement(down) or _has_way_back(path, others)
    elif "down_revision" in text:
        up = text.partition("def upgrade(")[2].partition("\ndef downgrade(")[0] or text
        steps = [*_of_alembic(up), *_executed(up)]
        if not steps and _CALLED.search(up.partition("\n")[2]):
            steps = [("", ("unknown",))]
        back = "def downgrade(" in text and not _DOWN.search(text)
        final = "" if back else "cannot be taken back"
    else:
        steps = _of_django(text)
        back = not (
            ("RunPython(" in text and "reverse" not in text.lower() and "noop" not in text)
            or ("RunSQL(" in text and "reverse_sql" not in text)
        )
        final = "" if back else "cannot be taken back"
    words = _together(dict.fromkeys(told for told, _ in steps if told))
    shown = words[:8] + ([f"and {len(words) - 8} more"] if len(words) > 8 else [])
    told = ", ".join([*(shown or ["changes the database"]), *([final] if final else [])])
    effects = tuple(sorted({effect for _, found in steps for effect in found}))
    return Read(told, bool({"takes", "renames"} & set(effects)), effects, back)


def _has_way_back(path: str, others: Texts) -> bool:
    """golang-migrate writes `x.up.sql` beside `x.down.sql`, Flyway `V2__x.sql` beside `U2__x.sql`."""
    folder, mark, name = path.rpartition("/")
    stem = re.sub(r"(?:\.up)?\.sql$", "", name, flags=re.IGNORECASE)
    wanted_names = {f"{folder}{mark}{stem}.down.sql"}
    if stem[:1] in "Vv":
        wanted_names.add(f"{folder}{mark}U{name[1:]}")
    return any(has_statement(others.get(one, "")) for one in wanted_names)


def _together(words: Iterable[str]) -> list[str]:
    """Steps of one kind as one: adds table `a`, `b`."""
    kinds: dict[str, list[str]] = {}
    for told in words:
        kind, mark, rest = told.partition(" `")
        name, _, after = rest.partition("`")
        kinds.setdefault(f"{kind} {{}}{after}" if mark else told, []).append(f"`{name}`")
    shown = []
    for kind, names in kinds.items():
        more = f" and {len(names) - 6} more" if len(names) > 6 else ""
        shown.append(kind.replace("{}", ", ".join(names[:6]) + more, 1))
    return shown


def _of_alembic(text: str) -> list[Step]:
    found = [(m.start(), _alembic_step(text, m, batch=False)) for m in _ALEMBIC.finditer(text)]
    found += [(m.start(), _alembic_step(text, m, batch=True)) for m in _BATCH.finditer(text)]
    return [step for _, step in sorted(found) if step[0] or step[1]]


def _alembic_step(text: str, found: re.Match[str], *, batch: bool) -> Step:
    operation, first, second, rest = found[1], found[2], found[3], found[4]
    if operation not in _OPERATIONS:
        return "", (() if operation in _NOTHING else (_SILENT.get(operation, "unknown"),))
    told, effect = _OPERATIONS[operation]
    by_column = operation in ("drop_column", "add_column", "alter_column") and not batch
    name = (f"{first}.{second}" if first and second else first or second) if by_column else first or second
    told = told.format(name or "?")
    if operation == "create_index" and "concurrently" not in rest:
        told += ", which locks writing to its table meanwhile"
    if operation == "alter_column" and "type_" in rest:
        told += ", which may lock its table for long"
    return told, (_alembic_effect(operation, _call(text, found.start()), effect),)


def _alembic_effect(operation: str, call: str, effect: Effect) -> Effect:
    flat = re.sub(r"\s", "", call)
    if operation == "add_column":
        return "tightens" if "nullable=False" in flat and "server_default" not in flat else effect
    if operation == "create_index":
        return "tightens" if "unique=True" in flat else effect
    if operation == "alter_column":
        if "new_column_name" in flat:
            return "renames"
        return "tightens" if "type_=" in flat or "nullable=False" in flat else "loosens"
    return effect


def _call(text: str, start: int) -> str:
    """A call from its name to the bracket that closes it; strings with brackets in them may end it early or late."""
    depth, end = 0, min(len(text), start + LONGEST_CALL)
    for at in range(start, end):
        if text[at] == "(":
            depth += 1
        elif text[at] == ")":
            depth -= 1
            if depth == 0:
                return text[start : at + 1]
    return text[start:end]


def _executed(text: str) -> list[Step]:
    """SQL in calls of `execute`; what is no plain text there is unknown."""
    steps: list[Step] = []
    for given in _EXECUTED.findall(text):
        steps += steps_in(_BEGINS_SQL.sub("", given, count=1).rstrip(" \n\t\"'")) or [("", ("unknown",))]
    return steps


def _of_django(text: str) -> list[Step]:
    steps: list[Step] = []
    for found in _DJANGO.finditer(text):
        if found[1] in _OPERATIONS:
            told, effect = _OPERATIONS[found[1]]
            names = _GIVEN.findall(found[2])
            sql = steps_in(_RUN_SQL.sub("", found[2].partition("reverse_sql")[0])) if found[1] == "RunSQL" else []
            own = () if sql else (_django_effect(found[1], found[2], effect),)
            steps += [(told.format(".".join(names[:2]) or "?"), own), *sql]
        elif found[1] not in _NOTHING:
            steps.append(("", (_SILENT.get(found[1], "unknown"),)))
    return steps


def _django_effect(operation: str, given: str, effect: Effect) -> Effect:
    """Django fills new columns itself, so the version before cannot write rows unless the column may stay empty."""
    flat = re.sub(r"\s", "", given)
    if operation == "AddField" and ("null=True" in flat or "db_default=" in flat or "ManyToMany" in flat):
        return "adds"
    return effect
