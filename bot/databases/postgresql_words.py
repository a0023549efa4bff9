"""PostgreSQL's catalog: the queries that compare two databases, and its errors in words for people."""

from __future__ import annotations

import asyncpg

from bot.databases.address import Address

OURS = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
NO_EXTENSION = "NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid = {0}.oid AND d.deptype = 'e')"
CLOCK = "SELECT to_char(transaction_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
TABLES = f"""
SELECT c.oid::bigint, n.nspname, c.relname FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND {OURS} AND {NO_EXTENSION.format("c")}
"""
COLUMNS = f"""
SELECT a.attrelid::bigint, a.attname, format_type(a.atttypid, a.atttypmod),
       'column ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
       || CASE WHEN a.atthasdef OR a.attidentity <> '' THEN ' default' ELSE '' END,
       EXISTS (SELECT 1 FROM pg_catalog.pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary
               AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum)
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND {OURS}
ORDER BY a.attrelid, a.attnum
"""
# Names, not definitions: PostgreSQL writes some of those in another way after each restore.
INDEXES = f"""
SELECT i.indrelid::bigint, CASE WHEN i.indisunique THEN 'unique ' ELSE '' END || 'index ' || x.relname
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND {OURS}
UNION ALL
SELECT k.conrelid::bigint, 'constraint ' || k.conname FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('c', 'f', 'x') AND {OURS}
UNION ALL
SELECT t.tgrelid::bigint, 'trigger ' || t.tgname FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND {OURS}
"""
OTHERS = f"""
SELECT CASE c.relkind WHEN 'S' THEN 'sequence ' WHEN 'p' THEN 'parted table ' ELSE 'view ' END
       || n.nspname || '.' || c.relname AS said
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('S', 'v', 'm', 'p') AND c.relpersistence <> 't' AND {OURS} AND {NO_EXTENSION.format("c")}
UNION ALL
SELECT 'function ' || p.oid::regprocedure::text FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE {OURS} AND {NO_EXTENSION.format("p")}
UNION ALL
SELECT 'type ' || t.oid::regtype::text FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype IN ('e', 'd') AND {OURS} AND {NO_EXTENSION.format("t")}
ORDER BY said
"""
COUNT = """
SELECT count(*) AS rows, {highest} AS most, {newest} AS last,
       coalesce(sum(('x' || substr(md5("~row"::text), 1, 16))::bit(64)::bigint::numeric), 0) AS a,
       coalesce(sum(('x' || substr(md5("~row"::text), 17, 16))::bit(64)::bigint::numeric), 0) AS b
FROM ONLY {where} AS "~row"
"""
# All that a dump holds goes first, and what belongs to an extension stays: a dump only asks that extensions are there.
CLEAR = f"""
DO $clear$
DECLARE it record;
BEGIN
    FOR it IN SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n
        WHERE {OURS} AND n.nspname <> 'public' AND {NO_EXTENSION.format("n")}
    LOOP EXECUTE format('DROP SCHEMA %I CASCADE', it.nspname); END LOOP;
    FOR it IN SELECT c.relname, c.relkind FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND {NO_EXTENSION.format("c")}
        ORDER BY c.relkind = 'S'
    LOOP
        EXECUTE format('DROP %s IF EXISTS public.%I CASCADE', CASE it.relkind WHEN 'v' THEN 'VIEW'
            WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END,
            it.relname);
    END LOOP;
    FOR it IN SELECT p.oid::regprocedure::text AS name FROM pg_catalog.pg_proc p
        JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'public' AND {NO_EXTENSION.format("p")}
    LOOP EXECUTE 'DROP ROUTINE IF EXISTS ' || it.name || ' CASCADE'; END LOOP;
    FOR it IN SELECT t.typname FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
        WHERE n.nspname = 'public' AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
        AND {NO_EXTENSION.format("t")}
    LOOP EXECUTE format('DROP TYPE IF EXISTS public.%I CASCADE', it.typname); END LOOP;
END $clear$
"""


def told(error: Exception, address: Address) -> str:
    """An error of the server or on the way to it, without the address."""
    if isinstance(error, asyncpg.InvalidPasswordError | asyncpg.InvalidAuthorizationSpecificationError):
        return "The server does not know this account or its password: a wrong address?"
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return "The server has no database of this name: a wrong address?"
    if isinstance(error, asyncpg.DiskFullError):
        return "The server's disk is full."
    if isinstance(error, asyncpg.LockNotAvailableError):
        return "Somebody works with the database and does not let go."
    if isinstance(error, asyncpg.QueryCanceledError | asyncpg.AdminShutdownError):
        return "The server ended the work: it is shutting down, or somebody cancelled it."
    if isinstance(error, TimeoutError):
        return "The database server did not answer within 10 seconds."
    if isinstance(error, OSError | asyncpg.PostgresConnectionError | asyncpg.CannotConnectNowError):
        return "The database server cannot be reached."
    said = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    for secret in address.secrets:
        said = said.replace(secret, "(hidden)")
    return f"PostgreSQL says: {said}"
