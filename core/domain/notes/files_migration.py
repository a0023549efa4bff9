"""Database migrations in a difference: Alembic, Django, Flyway and plain SQL, and what each does that somebody "
"must know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from core.domain.notes.model import Finding, Gap
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
_GIVEN = re.compile(r"\b(?:name|model_name|old_name|new_name)\s{0,3}=\s{0,3}[\"'](\w{1,100})[\"']")
_DOWN = re.compile(r"^def downgrade\([^\n]{0,100}\n(?:[ \t]+(?:\"\"\"[^\n]{0,300}\"\"\"|pass|raise [^\n]{0,300}|"
                   r"#[^\n]{0,300})[ \t]*\n|\s*\n){0,8}(?=\S|\Z)",
                   re.MULTILINE)  # fmt: skip
_TABLE = r"(?:IF (?:NOT )?EXISTS\s{1,5})?(?:ONLY\s{1,5})?[\"'`]?([\w.]{1,100})[\"'`]?"
_STATEMENTS: tuple[tuple[re.Pattern[str], str, bool], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), told, taken)
    for pattern, told, taken in (
        (r"\bDROP\s{1,5}TABLE\s{1,5}" + _TABLE, "drops table `{0}`", True),
        (r"\bTRUNCATE\s{1,5}(?:TABLE\s{1,5})?" + _TABLE, "empties table `{0}`", True),
        (r"\bDELETE\s{1,5}FROM\s{1,5}" + _TABLE + r"\s{0,5};", "empties table `{0}`", True),
        (r"\bDROP\s{1,5}COLUMN\s{1,5}" + _TABLE, "drops column `{0}`", True),
        (r"\bRENAME\s{1,5}(?:COLUMN\s{1,5})?" + _TABLE + r"\s{1,5}TO\b", "renames `{0}`", True),
        (r"\bALTER\s{1,5}COLUMN\s{1,5}" + _TABLE + r"\s{1,5}(?:SET\s{1,5}DATA\s{1,5})?TYPE\b",
         "changes the type of `{0}`, which may lock its table for long", False),
        (r"\bALTER\s{1,5}COLUMN\s{1,5}" + _TABLE + r"\s{1,5}SET\s{1,5}NOT\s{1,5}NULL", "`{0}` must have a value "
         r"from now on", False),
        (r"\bCREATE\s{1,5}(?:UNIQUE\s{1,5})?INDEX\s{1,5}(?!CONCURRENTLY)" + _TABLE,
         "makes index `{0}`, which locks writing to its table meanwhile", False),
        (r"\bCREATE\s{1,5}TABLE\s{1,5}" + _TABLE, "adds table `{0}`", False),
        (r"\bADD\s{1,5}COLUMN\s{1,5}" + _TABLE, "adds column `{0}`", False),
    )
)  # fmt: skip
_SQL_COMMENT = re.compile(r"--[^\n]{0,2000}|/\*(?:[^*]|\*(?!/)){0,20000}\*/")
_OPERATIONS = {
    "drop_table": ("drops table `{0}`", True), "drop_column": ("drops column `{0}`", True),
    "create_table": ("adds table `{0}`", False), "add_column": ("adds column `{0}`", False),
    "rename_table": ("renames table `{0}`", True), "create_index": ("makes index `{0}`", False),
    "alter_column": ("changes column `{0}`", False), "create_unique_constraint": ("makes `{0}` unique", False),
    "bulk_insert": ("inserts rows", False),
    "DeleteModel": ("drops table `{0}`", True), "RemoveField": ("drops column `{0}`", True),
    "CreateModel": ("adds table `{0}`", False), "AddField": ("adds column `{0}`", False),
    "RenameModel": ("renames table `{0}`", True), "RenameField": ("renames column `{0}`", True),
    "AlterField": ("changes column `{0}`", False), "AddIndex": ("makes an index, which locks writing meanwhile", False),
    "RunPython": ("changes data", False), "RunSQL": ("runs SQL", False),
}  # fmt: skip


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
            found.append(Finding("migration", path, "is gone: who has not run it misses it", removed=True))
        elif file.status == "M":
            found.append(Finding("migration", path, "was changed after it was made: who has run it does not get "
                                 "the change"))
        elif file.status in ("A", "C"):
            told, taken = what(path, text)
            found.append(Finding("migration", path, told, taken))
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


def what(path: str, text: str) -> tuple[str, bool]:
    """What a migration does, in plain words, and whether it takes data or names away."""
    steps: list[tuple[str, bool]] = []
    final = ""
    if path.lower().endswith(".sql"):
        steps = _of_sql(text)
    elif "down_revision" in text:
        up = text.partition("def upgrade(")[2].partition("\ndef downgrade(")[0] or text
        steps = [*_of_alembic(up), *_of_sql("".join(re.findall(r"execute\(([^)]{0,2000})", up)))]
        final = "cannot be taken back" if "def downgrade(" not in text or _DOWN.search(text) else ""
    else:
        steps = _of_django(text)
        only_forward = ("RunPython(" in text and "reverse" not in text.lower() and "noop" not in text) or (
            "RunSQL(" in text and "reverse_sql" not in text
        )
        final = "cannot be taken back" if only_forward else ""
    words = _together(dict.fromkeys(told for told, _ in steps))
    shown = words[:8] + ([f"and {len(words) - 8} more"] if len(words) > 8 else [])
    told = ", ".join([*(shown or ["changes the database"]), *([final] if final else [])])
    return told, any(taken for _, taken in steps)


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


def _of_sql(text: str) -> list[tuple[str, bool]]:
    plain = _SQL_COMMENT.sub(" ", text)
    steps = [
        (m.start(), told.format(m[1]), taken) for pattern, told, taken in _STATEMENTS for m in pattern.finditer(plain)
    ]
    return [(told, taken) for _, told, taken in sorted(steps)]


def _of_alembic(text: str) -> list[tuple[str, bool]]:
    steps = [(m.start(), _alembic_step(m, batch=False)) for m in _ALEMBIC.finditer(text) if m[1] in _OPERATIONS]
    steps += [(m.start(), _alembic_step(m, batch=True)) for m in _BATCH.finditer(text) if m[1] in _OPERATIONS]
    return [step for _, step in sorted(steps)]


def _alembic_step(found: re.Match[str], *, batch: bool) -> tuple[str, bool]:
    operation, first, second, rest = found[1], found[2], found[3], found[4]
    told, taken = _OPERATIONS[operation]
    by_column = operation in ("drop_column", "add_column", "alter_column") and not batch
    name = (f"{first}.{second}" if first and second else first or second) if by_column else first or second
    told = told.format(name or "?")
    if operation == "create_index" and "concurrently" not in rest:
        told += ", which locks writing to its table meanwhile"
    if operation == "alter_column" and "type_" in rest:
        told += ", which may lock its table for long"
    return told, taken


def _of_django(text: str) -> list[tuple[str, bool]]:
    steps = []
    for found in _DJANGO.finditer(text):
        if found[1] in _OPERATIONS:
            told, taken = _OPERATIONS[found[1]]
            names = _GIVEN.findall(found[2])
            steps.append((told.format(".".join(names[:2]) or "?"), taken))
            if found[1] == "RunSQL":
                steps += _of_sql(found[2])
    return steps
