"""What the difference shows: interfaces, configuration and migrations, and what it must not show."""

import time

import pytest

from core.domain.notes.detect import detect, wanted
from core.domain.repository import Difference, FileChange
from tests.core.domain.notes.told import changed


def told(files: dict[str, tuple[str | None, str | None]]) -> list[tuple[str, bool]]:
    return [(f.what, f.removed) for f in detect(changed(files))[0]]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("openapi.yaml", True), ("docs/openapi.yaml", False), ("spec.graphql", True), ("a/b.proto", True),
        ("app/web.py", True),
        ("tests/test_web.py", False), ("app/test_web.py", False), ("web/src/x.ts", True), ("web/src/x.test.ts", False),
        ("node_modules/x/index.js", False), (".env.example", True), (".env", False), ("docker-compose.yml", True),
        ("migrations/V1__x.sql", True), ("db/query.sql", False), ("README.md", False), ("CHANGELOG.md", False),
        ("pyproject.toml", False), ("package-lock.json", False), ("logo.png", False), ("app/settings.toml", True),
    ],
)  # fmt: skip
def test_which_texts_are_needed(path: str, expected: bool):
    assert wanted(path) is expected


OLD_YAML = """openapi: 3.1.0
paths:
  /units:
    get:
      parameters:
        - name: page
          in: query
      responses:
        "200": {description: ok}
    post: {}
  "/units/{id}":
    get:
      deprecated: false
components:
  schemas:
    /not/a/path:
      get: {}
"""
NEW_YAML = """openapi: 3.1.0
paths:
  /units:
    get:
      parameters:
        - name: owner
          in: query
          required: true
        - in: path
          name: id
          required: true
  "/units/{id}":
    get:
      deprecated: true
    delete:
      summary: Take it away
"""


def test_openapi_in_yaml():
    assert told({"openapi.yaml": (OLD_YAML, NEW_YAML)}) == [
        ("Removed endpoint `POST /units`", True), ("`GET /units` now requires `owner`", True),
        ("Deprecated endpoint `GET /units/{id}`", False), ("Added new endpoint `DELETE /units/{id}`", False),
    ]  # fmt: skip


def test_openapi_in_json_and_broken_files_say_nothing():
    old = '{"paths": {"/a": {"get": {}, "put": {}}, "/b": {"get": {}}}}'
    get = '{"parameters": [{"name": "q", "in": "query", "required": true}]}'
    new = f'{{"paths": {{"/a": {{"get": {get}, "put": {{"deprecated": true}}}}}}}}'
    assert told({"swagger.json": (old, new)}) == [
        ("Removed endpoint `GET /b`", True), ("`GET /a` now requires `q`", True),
        ("Deprecated endpoint `PUT /a`", False),
    ]  # fmt: skip
    for broken in ("{", "[]", '{"paths": []}', '{"paths": {"/a": 1}}', "[" * 5_000):
        assert told({"openapi.json": (broken, broken + " ")}) == []


ROUTES = '''
@app.get("/units")
async def units(): ...

@router.post(
    "/units",
    status_code=201,
)
def add(): ...

@bp.route("/old", methods=["GET", "POST"])
def old(): ...
'''


def test_routes_in_python_also_when_they_move():
    assert told({"app/web.py": (ROUTES, ROUTES.replace('@app.get("/units")', '@app.get("/units/all")'))}) == [
        ("Removed endpoint `GET /units`", True), ("Added new endpoint `GET /units/all`", False),
    ]  # fmt: skip
    assert told({"app/web.py": (ROUTES, ""), "app/other.py": (None, ROUTES)}) == []
    gone = told({"app/web.py": (ROUTES, None)})
    assert gone[0] == ("Removed endpoint `GET /units`", True) and len(gone) == 4


OLD_GRAPHQL = """
type Lease {
  id: ID!
  rent(month: Int): Int
  old: String # gone
}
enum State { OPEN
 CLOSED }
type Gone { a: Int
 b: Int }
"""
NEW_GRAPHQL = '''
type Lease {
  id: ID!
  rent(month: Int!): Int
  """New: one"""
  start: Date
}
enum State { OPEN }
input Filter { q: String }
'''


def test_graphql():
    assert told({"api/schema.graphql": (OLD_GRAPHQL, NEW_GRAPHQL)}) == [
        ("Changed field `Lease.rent` from `(month: Int) Int` to `(month: Int!) Int`", True),
        ("Removed field `Lease.old`", True), ("Removed value `State.CLOSED`", True), ("Removed type `Gone`", True),
        ("Added field `Lease.start`", False), ("Added type `Filter`", False),
    ]  # fmt: skip


OLD_PROTO = """
message Lease {
  string id = 1;
  repeated int64 rents = 2;
  message Part { int32 a = 1; }
}
service Leases { rpc Get (Id) returns (Lease); rpc List (Q) returns (Page); }
"""
NEW_PROTO = """
message Lease {
  string id = 1;
  repeated int64 rents = 3;
  // int32 note = 9;
  message Part { int32 a = 1; }
}
service Leases { rpc Get (Id) returns (Lease); }
enum Kind { A = 0; }
"""


def test_protobuf():
    assert told({"lease.proto": (OLD_PROTO, NEW_PROTO)}) == [
        ("Changed field `Lease.rents` from `int64 = 2` to `int64 = 3`", True), ("Removed call `Leases.List`", True),
        ("Added type `Kind`", False),
    ]  # fmt: skip


OLD_SDK = """
def rent(lease, month): ...
def gone(): ...
class Client:
    def __init__(self, url): ...
    def get(self, a, b=1): ...
    def _x(self): ...
"""
NEW_SDK = """
def rent(lease, month, currency, note=None): ...
class Client:
    def __init__(self, url, *, key=''): ...
    def get(self, a, b=2): ...
"""


def test_public_signatures_and_no_inner_ones():
    assert told({"sdk/client.py": (OLD_SDK, NEW_SDK)}) == [
        ("Function `rent` now needs `currency`", True), ("Removed function `gone`", True),
    ]  # fmt: skip
    assert told({"app/client_of_bank.py": (OLD_SDK, NEW_SDK)}) == []
    exports = told({"anchor/__init__.py": ('__all__ = ["a", "b"]', '__all__ = ["a", "c"]')})
    assert exports == [("Removed name `b`", True), ("Added name `c`", False)]


CODE = {
    "app/a.py": """
os.environ["A_ONE"]
os.environ.get("A_TWO", "5")
os.getenv("A_THREE", default=True)
env.bool("A_FOUR", default=False)
""",
    "web/b.ts": "const x = process.env.B_ONE ?? 'on';\nimport.meta.env.B_TWO",
    "c.go": 'os.Getenv("C_ONE")',
    "d.rb": 'ENV.fetch("D_ONE", "x")',
    "e.rs": 'env::var("E_ONE")',
}


def test_environment_variables_in_code_of_several_languages():
    findings = detect(changed({path: ("", text) for path, text in CODE.items()}))[0]
    shown = [f.what.removeprefix("New environment variable ") for f in findings]
    assert shown == [
        "`A_ONE`", "`A_TWO` (default: 5)", "`A_THREE` (default: True)", "`A_FOUR` (default: False)", "`C_ONE`",
        "`D_ONE` (default: x)", "`E_ONE`", "`B_ONE` (default: on)", "`B_TWO`",
    ]  # fmt: skip


def test_variables_that_go_change_or_get_another_name():
    assert told({"a.py": ('getenv("MAIL_HOST", "a")', 'getenv("MAIL_HOST", "b")')}) == [
        ("Default of environment variable `MAIL_HOST` changed from a to b", False)
    ]
    gone = told({"a.py": ('getenv("OLD_FLAG")', "")})
    assert gone == [("Environment variable `OLD_FLAG` is not read any more", True)]
    assert told({"a.py": ('getenv("MAIL_HOST")', 'getenv("MAIL_HOSTS")')}) == [
        ("Environment variable `MAIL_HOST` is now `MAIL_HOSTS`", True)
    ]
    assert told({"a.py": ('getenv("FLAG")', ""), "b.py": ("", 'getenv("FLAG")')}) == [], "it only moved"


SETTINGS = """
class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix='BOT_')
    pace: float = 1.0
    name: str

X = 1
"""


def test_settings_classes_samples_compose_files_and_settings_files():
    assert told({"app/settings.py": ("", SETTINGS)}) == [
        ("New environment variable `BOT_PACE` (default: 1.0)", False), ("New environment variable `BOT_NAME`", False),
    ]  # fmt: skip
    assert told({".env.example": ("A_B=1\n", "A_B=2\nC_D=x\n")}) == [
        ("New environment variable `C_D` (default: x)", False),
        ("Default of environment variable `A_B` changed from 1 to 2", False),
    ]  # fmt: skip
    compose = "services:\n  web:\n    environment:\n      - QUEUE_URL=redis\n      FLAG_X: \"on\"\n"
    assert [w for w, _ in told({"docker-compose.yml": ("", compose)})] == [
        "New environment variable `QUEUE_URL` (default: redis)", "New environment variable `FLAG_X` (default: on)",
    ]  # fmt: skip
    old, new = 'version = "1"\n[mail]\nhost = "a"\nold = 1\n', 'version = "2"\n[mail]\nhost = "b"\nnew = 2\n'
    assert told({"config.toml": (old, new)}) == [
        ("Setting `mail.old` is gone", True), ("Default of setting `mail.host` changed from a to b", False),
        ("New setting `mail.new` (default: 2)", False),
    ]  # fmt: skip


def test_no_secret_is_shown_as_a_default():
    text = 'getenv("API_TOKEN", "abc")\ngetenv("DB_URL", "postgres://a:b@c/d")\ngetenv("MAIL_FROM", "bob@acme.test")'
    assert [w for w, _ in told({"a.py": ("", text)})] == [
        f"New environment variable `{name}`" for name in ("API_TOKEN", "DB_URL", "MAIL_FROM")
    ]


def test_a_new_variable_that_the_samples_do_not_name_is_a_gap():
    files = {"a.py": ("", 'getenv("NEW_ONE")\ngetenv("NEW_TWO")'), ".env.example": ("A=1\n", "A=1\nNEW_ONE=\n")}
    (gap,) = detect(changed(files))[1]
    assert (gap.code, gap.facts) == ("not_in_sample", {"name": "NEW_TWO", "path": "a.py"})


ALEMBIC = '''"""Rents in cents."""
revision = "0042"
down_revision = "{down}"

def upgrade():
    op.add_column("lease", sa.Column("rent_cents", sa.Integer()))
    op.drop_column("lease", "rent")
    op.create_index("ix_rent", "lease", ["rent_cents"])
    op.execute("DELETE FROM cache;")


def downgrade():
    {downgrade}
'''


def test_alembic():
    plain = ALEMBIC.format(down="0041", downgrade='op.drop_table("x")')
    assert told({"migrations/versions/0042_x.py": (None, plain)}) == [
        ("adds column `lease.rent_cents`, drops column `lease.rent`, makes index `ix_rent`, which locks writing to its"
         " table meanwhile, empties table `cache`", True)
    ]  # fmt: skip
    forward = ALEMBIC.format(down="0041", downgrade="raise RuntimeError")
    assert told({"migrations/versions/0042_x.py": (None, forward)})[0][0].endswith(", cannot be taken back")


def test_two_migrations_that_follow_the_same_one_hold_up_the_release():
    text = ALEMBIC.format(down="0041", downgrade="pass")
    files = {"migrations/versions/0042_a.py": (None, text), "migrations/versions/0042_b.py": (None, text)}
    gap = detect(changed(files))[1][0]
    assert (gap.code, gap.facts["paths"], gap.blocking) == ("migration_heads", sorted(files), True)
    files["migrations/versions/0042_b.py"] = (None, text.replace("0041", "0042"))
    assert detect(changed(files))[1] == ()


DJANGO = """
class Migration(migrations.Migration):
    operations = [
        migrations.RemoveField(model_name='lease', name='rent'),
        migrations.AddField(model_name='lease', name='cents', field=models.IntegerField(default=f(1))),
        migrations.RunPython(forward),
    ]
"""
FLYWAY = """-- DROP TABLE nothing;
ALTER TABLE lease ALTER COLUMN rent TYPE bigint;
CREATE INDEX CONCURRENTLY ix ON lease (rent);
"""


def test_django_flyway_and_plain_sql():
    assert told({"app/migrations/0007_x.py": (None, DJANGO)}) == [
        ("drops column `lease.rent`, adds column `lease.cents`, changes data, cannot be taken back", True)
    ]
    assert told({"sql/V3__rents.sql": (None, FLYWAY)}) == [
        ("changes the type of `rent`, which may lock its table for long", False)
    ]
    plain = 'drop table if exists "old_leases";\nTRUNCATE cache;'
    assert told({"db/migrate/003.sql": (None, plain)}) == [("drops table `old_leases`, empties table `cache`", True)]


def test_a_migration_that_changed_or_went_is_named_and_other_files_there_are_none():
    assert told({"migrations/V1__a.sql": ("CREATE TABLE a;", "CREATE TABLE b;")})[0][0].startswith("was changed after")
    gone = told({"migrations/V1__a.sql": ("CREATE TABLE a;", None)})
    assert gone == [("is gone: who has not run it misses it", True)]
    assert told({"migrations/env.py": (None, "from alembic import context")}) == []


def test_a_rename_alone_shows_nothing():
    text, files = "def x(): ...", (FileChange("R", "sdk/b.py", "sdk/a.py"),)
    assert detect(Difference(files, {"sdk/a.py": text}, {"sdk/b.py": text})) == ((), ())


def test_a_path_of_odd_letters_can_be_kept():
    (finding,), _ = detect(changed({"app/a\x1b\udc80`\u202e.py": ("", 'getenv("FLAG_X")')}))
    assert finding.path.isprintable() and finding.path.encode() and finding.path.endswith(".py")
    assert len(detect(changed({"app/" + "a" * 5_000 + ".py": ("", 'getenv("FLAG_X")')}))[0][0].path) <= 200


def test_large_and_many_are_bounded_and_said():
    many = {"a.py": ("", "".join(f'getenv("V_{n}")\n' for n in range(1_000))), "b.py": ("", "x" * 1_000_001)}
    findings, gaps = detect(changed(many))
    assert len(findings) == 200 and [g.facts["path"] for g in gaps if g.code == "too_large"] == ["b.py", "a.py"]


PATHS = (
    "a.py", "sdk/a.py", "openapi.yaml", "s.graphql", "s.proto", "x.ts", ".env.example", "compose.yml", "config.toml",
    "migrations/V1__a.sql", "migrations/versions/1.py",
)  # fmt: skip
ADVERSARIAL = (
    "a" * 100_000, "(" * 100_000, "{" * 100_000, "@a.get(" * 14_000, "paths:\n" + "  /a:\n" * 16_000,
    "type A " * 14_000,
    "message A {" * 9_000, "/*" * 50_000, '"""' * 33_000, "getenv('A'," * 9_000, "def a(" * 16_000, " " * 100_000,
    "\n" * 100_000, "op.add_column(" * 7_000, "migrations.Migration\n" + "migrations.RunSQL((" * 5_000,
    "DROP TABLE " * 9_000, "--" * 50_000, "class A(BaseSettings):\n" * 4_000, "A_B=" * 25_000, "a: " * 33_000,
    "down_revision = 1\ndef downgrade():\n" * 3_000,
)  # fmt: skip


@pytest.mark.parametrize("text", ADVERSARIAL, ids=lambda t: repr(t[:12]))
def test_no_text_makes_it_slow(text: str):
    for path in PATHS:
        began = time.perf_counter()
        detect(Difference((FileChange("A", path),), {}, {path: text}))
        detect(changed({path: (text, text + "x")}))
        assert time.perf_counter() - began < 4.0, path
