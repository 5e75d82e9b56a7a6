-- doctor asks the server
SET statement_timeout = 600000
SHOW client_encoding
SELECT to_char(clock_timestamp() AT TIME ZONE INTERVAL '+08:00', 'YYYY-MM-DD HH24:MI:SS.US')
SELECT to_char(GREATEST(pg_last_xact_replay_timestamp(), CASE WHEN pg_last_wal_replay_lsn() >= r.latest_end_lsn THEN r.last_msg_send_time END) AT TIME ZONE INTERVAL '+08:00', 'YYYY-MM-DD HH24:MI:SS.US') FROM (SELECT 1) one LEFT JOIN pg_stat_wal_receiver r ON true WHERE pg_is_in_recovery()
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
SHOW server_version
SELECT quote_ident(current_user)
SELECT current_schema()
SELECT 'GRANT ' || string_agg(privilege_type, ', ' ORDER BY privilege_type) || ' ON ' || quote_ident(table_schema) || '.' || quote_ident(table_name) || ' TO ' || quote_ident(current_user) FROM information_schema.table_privileges WHERE grantee IN (current_user, 'PUBLIC') AND table_schema NOT IN ('pg_catalog', 'information_schema') GROUP BY table_schema, table_name ORDER BY 1
SELECT to_char(GREATEST(pg_last_xact_replay_timestamp(), CAS … as above
SELECT to_char(clock_timestamp() AT TIME ZONE INTERVAL '+08: … as above

-- doctor looks at a view
SET statement_timeout = 600000
SHOW client_encoding
SELECT to_char(clock_timestamp() AT TIME ZONE INTERVAL '+08: … as above
SELECT to_char(GREATEST(pg_last_xact_replay_timestamp(), CAS … as above
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
SELECT "src"."slbh", "src"."nr", "src"."gxsj", "src"."slbh", "src"."gxsj" FROM "gjj"."v_bj" "src" WHERE 1 = 0
SELECT COUNT(*), SUM(CASE WHEN ("src"."gxsj" IS NULL OR "src"."gxsj" <= CAST($1 AS TIMESTAMP)) THEN 1 ELSE 0 END), SUM(CASE WHEN "src"."slbh" IS NULL OR "src"."slbh" = '' THEN 1 ELSE 0 END), SUM(CASE WHEN "src"."slbh" IS NULL THEN 1 ELSE 0 END) FROM "gjj"."v_bj" "src" WHERE ("slbh" > $2)
SELECT COUNT(*) FROM "gjj"."v_bj" "src" WHERE "src"."gxsj" > CAST($1 AS TIMESTAMP)
SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] WHERE n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relname = $2 AND a.attname = $3
SELECT "src"."slbh", CASE WHEN octet_length("src"."nr") <= 16777216 THEN "src"."nr" END, "src"."gxsj"::text FROM "gjj"."v_bj" "src" LIMIT 200
SELECT COUNT(*), "src"."slbh" FROM "gjj"."v_bj" "src" WHERE ("slbh" > $1) AND NOT ("src"."slbh" IS NULL OR "src"."slbh" = '') GROUP BY "src"."slbh" HAVING COUNT(*) > 1 LIMIT 1000

-- discover lists
SET statement_timeout = 600000
SHOW client_encoding
SELECT to_char(clock_timestamp() AT TIME ZONE INTERVAL '+08: … as above
SELECT to_char(GREATEST(pg_last_xact_replay_timestamp(), CAS … as above
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
SELECT c.relname::text, CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END, COALESCE(obj_description(c.oid, 'pg_class'), ''), CASE WHEN c.relkind = 'v' OR c.reltuples < 0 THEN NULL ELSE c.reltuples::int8 END FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition AND has_table_privilege(c.oid, 'SELECT') ORDER BY c.relname
SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), COALESCE(col_description(c.oid, a.attnum), ''), CASE WHEN a.attnotnull THEN 0 ELSE 1 END, COALESCE(array_position(k.conkey, a.attnum), 0) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p' WHERE n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition AND has_table_privilege(c.oid, 'SELECT') ORDER BY c.relname, a.attnum

-- discover and dictionary look at one
SET statement_timeout = 600000
SHOW client_encoding
SELECT to_char(clock_timestamp() AT TIME ZONE INTERVAL '+08: … as above
SELECT to_char(GREATEST(pg_last_xact_replay_timestamp(), CAS … as above
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
SELECT c.relname::text, CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END, COALESCE(obj_description(c.oid, 'pg_class'), ''), CASE WHEN c.relkind = 'v' OR c.reltuples < 0 THEN NULL ELSE c.reltuples::int8 END FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition AND has_table_privilege(c.oid, 'SELECT') AND lower(c.relname) = lower($2) ORDER BY c.relname
SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), COALESCE(col_description(c.oid, a.attnum), ''), CASE WHEN a.attnotnull THEN 0 ELSE 1 END, COALESCE(array_position(k.conkey, a.attnum), 0) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p' WHERE n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition AND has_table_privilege(c.oid, 'SELECT') AND lower(c.relname) = lower($2) ORDER BY c.relname, a.attnum
SELECT SUBSTR("slbh", 1, 256), SUBSTR("nr", 1, 256), "gxsj"::text FROM "gjj"."v_bj" LIMIT 20

-- preview, and a full run
SET statement_timeout = 600000
SHOW client_encoding
SELECT to_char(clock_timestamp() AT TIME ZONE INTERVAL '+08: … as above
SELECT to_char(GREATEST(pg_last_xact_replay_timestamp(), CAS … as above
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
SELECT "src"."slbh", "src"."nr", "src"."gxsj", "src"."slbh", … as above
SELECT c.relname::text, CASE WHEN c.relkind IN ('v', 'm') TH … as above
SELECT c.relname::text, a.attname::text, format_type(a.attty … as above
SELECT pg_get_viewdef(c.oid) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relkind IN ('v', 'm') AND c.relname = $2
SELECT MAX(CASE WHEN "src"."gxsj" <= CAST($1 AS TIMESTAMP) THEN "src"."gxsj" END)::text, SUM(CASE WHEN "src"."gxsj" > CAST($2 AS TIMESTAMP) AND "src"."gxsj" <= CAST($3 AS TIMESTAMP) THEN 1 ELSE 0 END), COUNT(*) FROM "gjj"."v_bj" "src" WHERE "src"."gxsj" > CAST($4 AS TIMESTAMP) AND ("slbh" > $5)
SET statement_timeout = 43200000
SELECT CASE WHEN octet_length("src"."nr") > 16777216 THEN octet_length("src"."nr") END, "src"."slbh" AS "slbh", CASE WHEN octet_length("src"."nr") <= 16777216 THEN "src"."nr" END AS "nr", "src"."gxsj"::text AS "gxsj" FROM "gjj"."v_bj" "src" WHERE ("slbh" > $1)

-- an incremental run
SET statement_timeout = 600000
SHOW client_encoding
SELECT to_char(clock_timestamp() AT TIME ZONE INTERVAL '+08: … as above
SELECT to_char(GREATEST(pg_last_xact_replay_timestamp(), CAS … as above
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
SELECT "src"."slbh", "src"."nr", "src"."gxsj", "src"."slbh", … as above
SELECT c.relname::text, CASE WHEN c.relkind IN ('v', 'm') TH … as above
SELECT c.relname::text, a.attname::text, format_type(a.attty … as above
SELECT pg_get_viewdef(c.oid) FROM pg_catalog.pg_class c JOIN … as above
SELECT MAX(CASE WHEN "src"."gxsj" <= CAST($1 AS TIMESTAMP) T … as above
SET statement_timeout = 43200000
SELECT CASE WHEN octet_length("src"."nr") > 16777216 THEN octet_length("src"."nr") END, CASE WHEN ("src"."gxsj" IS NULL OR "src"."gxsj" <= CAST($1 AS TIMESTAMP)) THEN 0 WHEN "src"."gxsj" > CAST($2 AS TIMESTAMP) THEN 3 ELSE 2 END AS "class_", "src"."slbh" AS "slbh", CASE WHEN octet_length("src"."nr") <= 16777216 THEN "src"."nr" END AS "nr", "src"."gxsj"::text AS "gxsj" FROM "gjj"."v_bj" "src" WHERE (("src"."gxsj" IS NULL OR "src"."gxsj" <= CAST($3 AS TIMESTAMP)) OR ("src"."gxsj" > CAST($4 AS TIMESTAMP) AND "src"."gxsj" <= CAST($5 AS TIMESTAMP)) OR "src"."gxsj" > CAST($6 AS TIMESTAMP)) AND ("slbh" > $7) ORDER BY "src"."gxsj" NULLS FIRST, "src"."slbh" NULLS FIRST

-- a compare
SET statement_timeout = 600000
SHOW client_encoding
SELECT to_char(clock_timestamp() AT TIME ZONE INTERVAL '+08: … as above
SELECT to_char(GREATEST(pg_last_xact_replay_timestamp(), CAS … as above
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
SELECT "src"."slbh", "src"."nr", "src"."gxsj", "src"."slbh", … as above
SELECT c.relname::text, CASE WHEN c.relkind IN ('v', 'm') TH … as above
SELECT c.relname::text, a.attname::text, format_type(a.attty … as above
SELECT pg_get_viewdef(c.oid) FROM pg_catalog.pg_class c JOIN … as above
SELECT MAX(CASE WHEN "src"."gxsj" <= CAST($1 AS TIMESTAMP) T … as above
SELECT (('x' || substr(md5(concat_ws(chr(31), "src"."slbh")), 1, 8))::bit(32)::int8 & 16383), COUNT(*), SUM(('x' || substr(md5(concat_ws(chr(31), "src"."slbh", "src"."nr", "src"."gxsj", ("src"."slbh" IS NULL)::int4 * 1 + ("src"."nr" IS NULL)::int4 * 2 + ("src"."gxsj" IS NULL)::int4 * 4)), 1, 8))::bit(32)::int8) FROM "gjj"."v_bj" "src" WHERE ("slbh" > $1) GROUP BY 1
SET statement_timeout = 43200000
SELECT CASE WHEN octet_length("src"."nr") > 16777216 THEN octet_length("src"."nr") END, "src"."slbh" AS "slbh", CASE WHEN octet_length("src"."nr") <= 16777216 THEN "src"."nr" END AS "nr", "src"."gxsj"::text AS "gxsj", (('x' || substr(md5(concat_ws(chr(31), "src"."slbh")), 1, 8))::bit(32)::int8 & 16383) AS "_leaf" FROM "gjj"."v_bj" "src" WHERE ("slbh" > $1) AND (('x' || substr(md5(concat_ws(chr(31), "src"."slbh")), 1, 8))::bit(32)::int8 & 16383) IN (3,5)

