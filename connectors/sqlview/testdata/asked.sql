==== mysql
-- doctor asks the server
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ
SET SESSION net_write_timeout = 3600
SET @banjian_limit = 600 /*M!100101 , SESSION max_statement_time = 600 */ /*!50708 , SESSION max_execution_time = 600000 */
SELECT @@character_set_results
SELECT DATE_FORMAT(NOW(6), '%Y-%m-%d %H:%i:%s.%f')
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY
SELECT VERSION()
SELECT CURRENT_USER()
SELECT DATABASE()
SHOW GRANTS
SELECT DATE_FORMAT(NOW(6), '%Y-%m-%d %H:%i:%s.%f')

-- doctor looks at a view
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ
SET SESSION net_write_timeout = 3600
SET @banjian_limit = 600 /*M!100101 , SESSION max_statement_ … as above
SELECT @@character_set_results
SELECT DATE_FORMAT(NOW(6), '%Y-%m-%d %H:%i:%s.%f')
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY
SELECT `src`.`slbh`, `src`.`nr`, `src`.`gxsj`, `src`.`slbh`, `src`.`gxsj` FROM `gjj`.`v_bj` `src` WHERE 1 = 0
SELECT column_name, character_set_name FROM information_schema.columns WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ? AND character_set_name IS NOT NULL ORDER BY ordinal_position
SELECT COUNT(*), SUM(CASE WHEN (`src`.`gxsj` IS NULL OR `src`.`gxsj` <= CAST(? AS DATETIME(6))) THEN 1 ELSE 0 END), SUM(CASE WHEN `src`.`slbh` IS NULL THEN 1 ELSE 0 END) FROM `gjj`.`v_bj` `src` WHERE (`slbh` > ?)
SELECT COUNT(*) FROM `gjj`.`v_bj` `src` WHERE `src`.`gxsj` > CAST(? AS DATETIME(6))
SELECT 1 FROM information_schema.statistics WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ? AND column_name = ? AND seq_in_index = 1
SELECT `src`.`slbh`, CASE WHEN OCTET_LENGTH(`src`.`nr`) <= 16777216 THEN `src`.`nr` END, `src`.`gxsj` FROM `gjj`.`v_bj` `src` LIMIT 200
SELECT COUNT(*), CAST(`src`.`slbh` AS BINARY) FROM `gjj`.`v_bj` `src` WHERE (`slbh` > ?) GROUP BY CAST(`src`.`slbh` AS BINARY) HAVING COUNT(*) > 1 LIMIT 1000

-- discover lists
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ
SET SESSION net_write_timeout = 3600
SET @banjian_limit = 600 /*M!100101 , SESSION max_statement_ … as above
SELECT @@character_set_results
SELECT DATE_FORMAT(NOW(6), '%Y-%m-%d %H:%i:%s.%f')
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY
SELECT table_name, CASE WHEN table_type = 'VIEW' THEN 'view' ELSE 'table' END, CASE WHEN table_type = 'VIEW' THEN '' ELSE table_comment END, CASE WHEN table_type = 'VIEW' THEN NULL ELSE table_rows END FROM information_schema.tables c WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) ORDER BY table_name
SELECT c.table_name, c.column_name, c.column_type, c.column_comment, CASE WHEN c.is_nullable = 'YES' THEN 1 ELSE 0 END, COALESCE(k.ordinal_position, 0) FROM information_schema.columns c LEFT JOIN information_schema.key_column_usage k ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name AND k.constraint_name = 'PRIMARY' WHERE c.table_schema = COALESCE(NULLIF(?, ''), DATABASE()) ORDER BY c.table_name, c.ordinal_position

-- discover and dictionary look at one
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ
SET SESSION net_write_timeout = 3600
SET @banjian_limit = 600 /*M!100101 , SESSION max_statement_ … as above
SELECT @@character_set_results
SELECT DATE_FORMAT(NOW(6), '%Y-%m-%d %H:%i:%s.%f')
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY
SELECT table_name, CASE WHEN table_type = 'VIEW' THEN 'view' ELSE 'table' END, CASE WHEN table_type = 'VIEW' THEN '' ELSE table_comment END, CASE WHEN table_type = 'VIEW' THEN NULL ELSE table_rows END FROM information_schema.tables c WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND c.table_name = ? ORDER BY table_name
SELECT c.table_name, c.column_name, c.column_type, c.column_comment, CASE WHEN c.is_nullable = 'YES' THEN 1 ELSE 0 END, COALESCE(k.ordinal_position, 0) FROM information_schema.columns c LEFT JOIN information_schema.key_column_usage k ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name AND k.constraint_name = 'PRIMARY' WHERE c.table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND c.table_name = ? ORDER BY c.table_name, c.ordinal_position
SELECT SUBSTR(`slbh`, 1, 256), SUBSTR(`nr`, 1, 256), `gxsj` FROM `gjj`.`v_bj` LIMIT 20

-- preview, and a full run
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ
SET SESSION net_write_timeout = 3600
SET @banjian_limit = 600 /*M!100101 , SESSION max_statement_ … as above
SELECT @@character_set_results
SELECT DATE_FORMAT(NOW(6), '%Y-%m-%d %H:%i:%s.%f')
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY
SELECT `src`.`slbh`, `src`.`nr`, `src`.`gxsj`, `src`.`slbh`, … as above
SELECT table_name, CASE WHEN table_type = 'VIEW' THEN 'view' … as above
SELECT c.table_name, c.column_name, c.column_type, c.column_ … as above
SELECT view_definition FROM information_schema.views WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ?
SELECT MAX(CASE WHEN `src`.`gxsj` <= CAST(? AS DATETIME(6)) THEN `src`.`gxsj` END), SUM(CASE WHEN `src`.`gxsj` > CAST(? AS DATETIME(6)) AND `src`.`gxsj` <= CAST(? AS DATETIME(6)) THEN 1 ELSE 0 END), COUNT(*) FROM `gjj`.`v_bj` `src` WHERE `src`.`gxsj` > CAST(? AS DATETIME(6)) AND (`slbh` > ?)
SET @banjian_limit = 43200 /*M!100101 , SESSION max_statement_time = 43200 */ /*!50708 , SESSION max_execution_time = 43200000 */
SELECT CASE WHEN OCTET_LENGTH(`src`.`nr`) > 16777216 THEN OCTET_LENGTH(`src`.`nr`) END, `src`.`slbh` AS `slbh`, CASE WHEN OCTET_LENGTH(`src`.`nr`) <= 16777216 THEN `src`.`nr` END AS `nr`, `src`.`gxsj` AS `gxsj` FROM `gjj`.`v_bj` `src` WHERE (`slbh` > ?)

-- an incremental run
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ
SET SESSION net_write_timeout = 3600
SET @banjian_limit = 600 /*M!100101 , SESSION max_statement_ … as above
SELECT @@character_set_results
SELECT DATE_FORMAT(NOW(6), '%Y-%m-%d %H:%i:%s.%f')
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY
SELECT `src`.`slbh`, `src`.`nr`, `src`.`gxsj`, `src`.`slbh`, … as above
SELECT table_name, CASE WHEN table_type = 'VIEW' THEN 'view' … as above
SELECT c.table_name, c.column_name, c.column_type, c.column_ … as above
SELECT view_definition FROM information_schema.views WHERE t … as above
SELECT MAX(CASE WHEN `src`.`gxsj` <= CAST(? AS DATETIME(6))  … as above
SET @banjian_limit = 43200 /*M!100101 , SESSION max_statemen … as above
SELECT CASE WHEN OCTET_LENGTH(`src`.`nr`) > 16777216 THEN OCTET_LENGTH(`src`.`nr`) END, CASE WHEN (`src`.`gxsj` IS NULL OR `src`.`gxsj` <= CAST(? AS DATETIME(6))) THEN 0 WHEN `src`.`gxsj` > CAST(? AS DATETIME(6)) THEN 3 ELSE 2 END AS `class_`, `src`.`slbh` AS `slbh`, CASE WHEN OCTET_LENGTH(`src`.`nr`) <= 16777216 THEN `src`.`nr` END AS `nr`, `src`.`gxsj` AS `gxsj` FROM `gjj`.`v_bj` `src` WHERE ((`src`.`gxsj` IS NULL OR `src`.`gxsj` <= CAST(? AS DATETIME(6))) OR (`src`.`gxsj` > CAST(? AS DATETIME(6)) AND `src`.`gxsj` <= CAST(? AS DATETIME(6))) OR `src`.`gxsj` > CAST(? AS DATETIME(6))) AND (`slbh` > ?) ORDER BY `src`.`gxsj`, `src`.`slbh`

-- a compare
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ
SET SESSION net_write_timeout = 3600
SET @banjian_limit = 600 /*M!100101 , SESSION max_statement_ … as above
SELECT @@character_set_results
SELECT DATE_FORMAT(NOW(6), '%Y-%m-%d %H:%i:%s.%f')
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY
SELECT `src`.`slbh`, `src`.`nr`, `src`.`gxsj`, `src`.`slbh`, … as above
SELECT table_name, CASE WHEN table_type = 'VIEW' THEN 'view' … as above
SELECT c.table_name, c.column_name, c.column_type, c.column_ … as above
SELECT view_definition FROM information_schema.views WHERE t … as above
SELECT MAX(CASE WHEN `src`.`gxsj` <= CAST(? AS DATETIME(6))  … as above
SELECT (CRC32(CONCAT_WS(X'1F', `src`.`slbh`)) & 16383), COUNT(*), SUM(CRC32(CONCAT_WS(X'1F', `src`.`slbh`, `src`.`nr`, `src`.`gxsj`, ISNULL(`src`.`slbh`) * 1 + ISNULL(`src`.`nr`) * 2 + ISNULL(`src`.`gxsj`) * 4))) FROM `gjj`.`v_bj` `src` WHERE (`slbh` > ?) GROUP BY 1 ORDER BY NULL
SET @banjian_limit = 43200 /*M!100101 , SESSION max_statemen … as above
SELECT CASE WHEN OCTET_LENGTH(`src`.`nr`) > 16777216 THEN OCTET_LENGTH(`src`.`nr`) END, `src`.`slbh` AS `slbh`, CASE WHEN OCTET_LENGTH(`src`.`nr`) <= 16777216 THEN `src`.`nr` END AS `nr`, `src`.`gxsj` AS `gxsj`, (CRC32(CONCAT_WS(X'1F', `src`.`slbh`)) & 16383) AS `_leaf` FROM `gjj`.`v_bj` `src` WHERE (`slbh` > ?) AND (CRC32(CONCAT_WS(X'1F', `src`.`slbh`)) & 16383) IN (3,5)

==== postgres
-- doctor asks the server
SET statement_timeout = 600000
SHOW client_encoding
SELECT to_char(clock_timestamp() AT TIME ZONE INTERVAL '+08:00', 'YYYY-MM-DD HH24:MI:SS.US')
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
SHOW server_version
SELECT quote_ident(current_user)
SELECT current_schema()
SELECT 'GRANT ' || string_agg(privilege_type, ', ' ORDER BY privilege_type) || ' ON ' || quote_ident(table_schema) || '.' || quote_ident(table_name) || ' TO ' || quote_ident(current_user) FROM information_schema.table_privileges WHERE grantee IN (current_user, 'PUBLIC') AND table_schema NOT IN ('pg_catalog', 'information_schema') GROUP BY table_schema, table_name ORDER BY 1
SELECT to_char(clock_timestamp() AT TIME ZONE INTERVAL '+08: … as above

-- doctor looks at a view
SET statement_timeout = 600000
SHOW client_encoding
SELECT to_char(clock_timestamp() AT TIME ZONE INTERVAL '+08: … as above
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
SELECT "src"."slbh", "src"."nr", "src"."gxsj", "src"."slbh", "src"."gxsj" FROM "gjj"."v_bj" "src" WHERE 1 = 0
SELECT COUNT(*), SUM(CASE WHEN ("src"."gxsj" IS NULL OR "src"."gxsj" <= CAST($1 AS TIMESTAMP)) THEN 1 ELSE 0 END), SUM(CASE WHEN "src"."slbh" IS NULL THEN 1 ELSE 0 END) FROM "gjj"."v_bj" "src" WHERE ("slbh" > $2)
SELECT COUNT(*) FROM "gjj"."v_bj" "src" WHERE "src"."gxsj" > CAST($1 AS TIMESTAMP)
SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] WHERE n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relname = $2 AND a.attname = $3
SELECT "src"."slbh", CASE WHEN octet_length("src"."nr") <= 16777216 THEN "src"."nr" END, "src"."gxsj"::text FROM "gjj"."v_bj" "src" LIMIT 200
SELECT COUNT(*), "src"."slbh" FROM "gjj"."v_bj" "src" WHERE ("slbh" > $1) GROUP BY "src"."slbh" HAVING COUNT(*) > 1 LIMIT 1000

-- discover lists
SET statement_timeout = 600000
SHOW client_encoding
SELECT to_char(clock_timestamp() AT TIME ZONE INTERVAL '+08: … as above
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
SELECT c.relname::text, CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END, COALESCE(obj_description(c.oid, 'pg_class'), ''), CASE WHEN c.relkind = 'v' OR c.reltuples < 0 THEN NULL ELSE c.reltuples::int8 END FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition AND has_table_privilege(c.oid, 'SELECT') ORDER BY c.relname
SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), COALESCE(col_description(c.oid, a.attnum), ''), CASE WHEN a.attnotnull THEN 0 ELSE 1 END, COALESCE(array_position(k.conkey, a.attnum), 0) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p' WHERE n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition AND has_table_privilege(c.oid, 'SELECT') ORDER BY c.relname, a.attnum

-- discover and dictionary look at one
SET statement_timeout = 600000
SHOW client_encoding
SELECT to_char(clock_timestamp() AT TIME ZONE INTERVAL '+08: … as above
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
SELECT c.relname::text, CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END, COALESCE(obj_description(c.oid, 'pg_class'), ''), CASE WHEN c.relkind = 'v' OR c.reltuples < 0 THEN NULL ELSE c.reltuples::int8 END FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition AND has_table_privilege(c.oid, 'SELECT') AND lower(c.relname) = lower($2) ORDER BY c.relname
SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), COALESCE(col_description(c.oid, a.attnum), ''), CASE WHEN a.attnotnull THEN 0 ELSE 1 END, COALESCE(array_position(k.conkey, a.attnum), 0) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p' WHERE n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition AND has_table_privilege(c.oid, 'SELECT') AND lower(c.relname) = lower($2) ORDER BY c.relname, a.attnum
SELECT SUBSTR("slbh", 1, 256), SUBSTR("nr", 1, 256), "gxsj"::text FROM "gjj"."v_bj" LIMIT 20

-- preview, and a full run
SET statement_timeout = 600000
SHOW client_encoding
SELECT to_char(clock_timestamp() AT TIME ZONE INTERVAL '+08: … as above
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
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
SELECT "src"."slbh", "src"."nr", "src"."gxsj", "src"."slbh", … as above
SELECT c.relname::text, CASE WHEN c.relkind IN ('v', 'm') TH … as above
SELECT c.relname::text, a.attname::text, format_type(a.attty … as above
SELECT pg_get_viewdef(c.oid) FROM pg_catalog.pg_class c JOIN … as above
SELECT MAX(CASE WHEN "src"."gxsj" <= CAST($1 AS TIMESTAMP) T … as above
SELECT (('x' || substr(md5(concat_ws(chr(31), "src"."slbh")), 1, 8))::bit(32)::int8 & 16383), COUNT(*), SUM(('x' || substr(md5(concat_ws(chr(31), "src"."slbh", "src"."nr", "src"."gxsj", ("src"."slbh" IS NULL)::int4 * 1 + ("src"."nr" IS NULL)::int4 * 2 + ("src"."gxsj" IS NULL)::int4 * 4)), 1, 8))::bit(32)::int8) FROM "gjj"."v_bj" "src" WHERE ("slbh" > $1) GROUP BY 1
SET statement_timeout = 43200000
SELECT CASE WHEN octet_length("src"."nr") > 16777216 THEN octet_length("src"."nr") END, "src"."slbh" AS "slbh", CASE WHEN octet_length("src"."nr") <= 16777216 THEN "src"."nr" END AS "nr", "src"."gxsj"::text AS "gxsj", (('x' || substr(md5(concat_ws(chr(31), "src"."slbh")), 1, 8))::bit(32)::int8 & 16383) AS "_leaf" FROM "gjj"."v_bj" "src" WHERE ("slbh" > $1) AND (('x' || substr(md5(concat_ws(chr(31), "src"."slbh")), 1, 8))::bit(32)::int8 & 16383) IN (3,5)

==== sqlite
-- doctor asks the server
SELECT strftime('%Y-%m-%d %H:%M:%f', 'now', '+28800 seconds') || '000'
BEGIN
SELECT sqlite_version()
SELECT strftime('%Y-%m-%d %H:%M:%f', 'now', '+28800 seconds' … as above

-- doctor looks at a view
SELECT strftime('%Y-%m-%d %H:%M:%f', 'now', '+28800 seconds' … as above
BEGIN
SELECT `src`.`slbh`, `src`.`nr`, `src`.`gxsj`, `src`.`slbh`, `src`.`gxsj` FROM `gjj`.`v_bj` `src` WHERE 1 = 0
SELECT +`src`.`gxsj` FROM `gjj`.`v_bj` `src` WHERE `src`.`gxsj` IS NOT NULL AND `src`.`gxsj` <> '' LIMIT 100
SELECT COUNT(*), SUM(CASE WHEN (`src`.`gxsj` IS NULL OR `src`.`gxsj` <= ?) THEN 1 ELSE 0 END), SUM(CASE WHEN `src`.`slbh` IS NULL THEN 1 ELSE 0 END) FROM `gjj`.`v_bj` `src` WHERE (`slbh` > ?)
SELECT COUNT(*) FROM `gjj`.`v_bj` `src` WHERE `src`.`gxsj` > ?
SELECT 1 FROM pragma_index_list(?2) l JOIN pragma_index_info(l.name) i WHERE ?1 IN ('', 'main') AND i.seqno = 0 AND i.name = ?3
SELECT `src`.`slbh`, `src`.`nr`, +`src`.`gxsj` FROM `gjj`.`v_bj` `src` LIMIT 200
SELECT COUNT(*), `src`.`slbh` FROM `gjj`.`v_bj` `src` WHERE (`slbh` > ?) GROUP BY `src`.`slbh` HAVING COUNT(*) > 1 LIMIT 1000

-- discover lists
SELECT strftime('%Y-%m-%d %H:%M:%f', 'now', '+28800 seconds' … as above
BEGIN
SELECT name, type, '', NULL FROM sqlite_master m WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND ?1 IN ('', 'main') ORDER BY name
SELECT m.name, p.name, p.type, '', CASE WHEN p."notnull" = 0 AND p.pk = 0 THEN 1 ELSE 0 END, p.pk FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\' AND ?1 IN ('', 'main') ORDER BY m.name, p.cid
SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1' AND ?1 IN ('', 'main')

-- discover and dictionary look at one
SELECT strftime('%Y-%m-%d %H:%M:%f', 'now', '+28800 seconds' … as above
BEGIN
SELECT name, type, '', NULL FROM sqlite_master m WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND ?1 IN ('', 'main') AND m.name = ?2 COLLATE NOCASE ORDER BY name
SELECT m.name, p.name, p.type, '', CASE WHEN p."notnull" = 0 AND p.pk = 0 THEN 1 ELSE 0 END, p.pk FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\' AND ?1 IN ('', 'main') AND m.name = ?2 COLLATE NOCASE ORDER BY m.name, p.cid
SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1' AND  … as above
SELECT SUBSTR(`slbh`, 1, 256), SUBSTR(`nr`, 1, 256), +`gxsj` FROM `gjj`.`v_bj` LIMIT 20

-- preview, and a full run
SELECT strftime('%Y-%m-%d %H:%M:%f', 'now', '+28800 seconds' … as above
BEGIN
SELECT `src`.`slbh`, `src`.`nr`, `src`.`gxsj`, `src`.`slbh`, … as above
SELECT name, type, '', NULL FROM sqlite_master m WHERE type  … as above
SELECT m.name, p.name, p.type, '', CASE WHEN p."notnull" = 0 … as above
SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1' AND  … as above
SELECT sql FROM sqlite_master WHERE ?1 IN ('', 'main') AND type = 'view' AND name = ?2 COLLATE NOCASE
SELECT +`src`.`gxsj` FROM `gjj`.`v_bj` `src` WHERE `src`.`gx … as above
SELECT +MAX(CASE WHEN `src`.`gxsj` <= ? THEN `src`.`gxsj` END), SUM(CASE WHEN `src`.`gxsj` > ? AND `src`.`gxsj` <= ? THEN 1 ELSE 0 END), COUNT(*) FROM `gjj`.`v_bj` `src` WHERE `src`.`gxsj` > ? AND (`slbh` > ?)
SELECT `src`.`slbh` AS `slbh`, `src`.`nr` AS `nr`, +`src`.`gxsj` AS `gxsj` FROM `gjj`.`v_bj` `src` WHERE (`slbh` > ?)

-- an incremental run
SELECT strftime('%Y-%m-%d %H:%M:%f', 'now', '+28800 seconds' … as above
BEGIN
SELECT `src`.`slbh`, `src`.`nr`, `src`.`gxsj`, `src`.`slbh`, … as above
SELECT name, type, '', NULL FROM sqlite_master m WHERE type  … as above
SELECT m.name, p.name, p.type, '', CASE WHEN p."notnull" = 0 … as above
SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1' AND  … as above
SELECT sql FROM sqlite_master WHERE ?1 IN ('', 'main') AND t … as above
SELECT +`src`.`gxsj` FROM `gjj`.`v_bj` `src` WHERE `src`.`gx … as above
SELECT +MAX(CASE WHEN `src`.`gxsj` <= ? THEN `src`.`gxsj` EN … as above
SELECT CASE WHEN (`src`.`gxsj` IS NULL OR `src`.`gxsj` <= ?) THEN 0 WHEN `src`.`gxsj` > ? THEN 3 ELSE 2 END AS `class_`, `src`.`slbh` AS `slbh`, `src`.`nr` AS `nr`, +`src`.`gxsj` AS `gxsj` FROM `gjj`.`v_bj` `src` WHERE ((`src`.`gxsj` IS NULL OR `src`.`gxsj` <= ?) OR (`src`.`gxsj` > ? AND `src`.`gxsj` <= ?) OR `src`.`gxsj` > ?) AND (`slbh` > ?) ORDER BY `src`.`gxsj`, `src`.`slbh`

-- a compare
SELECT strftime('%Y-%m-%d %H:%M:%f', 'now', '+28800 seconds' … as above
BEGIN
SELECT `src`.`slbh`, `src`.`nr`, `src`.`gxsj`, `src`.`slbh`, … as above
SELECT name, type, '', NULL FROM sqlite_master m WHERE type  … as above
SELECT m.name, p.name, p.type, '', CASE WHEN p."notnull" = 0 … as above
SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1' AND  … as above
SELECT sql FROM sqlite_master WHERE ?1 IN ('', 'main') AND t … as above
SELECT +`src`.`gxsj` FROM `gjj`.`v_bj` `src` WHERE `src`.`gx … as above
SELECT +MAX(CASE WHEN `src`.`gxsj` <= ? THEN `src`.`gxsj` EN … as above
SELECT `src`.`slbh` AS `slbh`, `src`.`nr` AS `nr`, +`src`.`g … as above

==== oracle
-- doctor asks the server
ALTER SESSION SET TIME_ZONE = '+08:00'
ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'
SELECT TO_CHAR(SYSTIMESTAMP AT TIME ZONE '+08:00', 'YYYY-MM-DD HH24:MI:SS.FF6') FROM DUAL
(the driver begins a transaction)
SET TRANSACTION READ ONLY
SELECT version FROM product_component_version WHERE ROWNUM = 1
SELECT USER FROM DUAL
SELECT SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') FROM DUAL
SELECT 'GRANT ' || privilege || ' ON ' || owner || '.' || table_name || ' TO ' || USER || CASE grantable WHEN 'YES' THEN ' WITH GRANT OPTION' END FROM user_tab_privs_recd UNION ALL SELECT 'GRANT ' || privilege || ' TO ' || USER FROM user_sys_privs UNION ALL SELECT 'GRANT ' || granted_role || ' TO ' || USER FROM user_role_privs ORDER BY 1
SELECT TO_CHAR(SYSTIMESTAMP AT TIME ZONE '+08:00', 'YYYY-MM- … as above

-- doctor looks at a view
ALTER SESSION SET TIME_ZONE = '+08:00'
ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'
SELECT TO_CHAR(SYSTIMESTAMP AT TIME ZONE '+08:00', 'YYYY-MM- … as above
(the driver begins a transaction)
SET TRANSACTION READ ONLY
SELECT "SRC"."SLBH", "SRC"."NR", "SRC"."GXSJ", "SRC"."SLBH", "SRC"."GXSJ" FROM "GJJ"."V_BJ" "SRC" WHERE 1 = 0
SELECT COUNT(*), SUM(CASE WHEN ("SRC"."GXSJ" IS NULL OR "SRC"."GXSJ" <= TO_DATE(SUBSTR(:1, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) THEN 1 ELSE 0 END), SUM(CASE WHEN "SRC"."SLBH" IS NULL THEN 1 ELSE 0 END) FROM "GJJ"."V_BJ" "SRC" WHERE ("SLBH" > :2)
SELECT COUNT(*) FROM "GJJ"."V_BJ" "SRC" WHERE "SRC"."GXSJ" > TO_DATE(SUBSTR(:1, 1, 19), 'YYYY-MM-DD HH24:MI:SS')
SELECT 1 FROM all_ind_columns WHERE table_owner = COALESCE(UPPER(:1), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND table_name = UPPER(:2) AND column_name = UPPER(:3) AND column_position = 1
SELECT * FROM (SELECT "SRC"."SLBH", CASE WHEN DBMS_LOB.GETLENGTH("SRC"."NR") <= 16777216 THEN "SRC"."NR" END, TO_CHAR("SRC"."GXSJ", 'YYYY-MM-DD HH24:MI:SS') FROM "GJJ"."V_BJ" "SRC") WHERE ROWNUM <= 200
SELECT * FROM (SELECT COUNT(*), "SRC"."SLBH" FROM "GJJ"."V_BJ" "SRC" WHERE ("SLBH" > :1) GROUP BY "SRC"."SLBH" HAVING COUNT(*) > 1) WHERE ROWNUM <= 1000

-- discover lists
ALTER SESSION SET TIME_ZONE = '+08:00'
ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'
SELECT TO_CHAR(SYSTIMESTAMP AT TIME ZONE '+08:00', 'YYYY-MM- … as above
(the driver begins a transaction)
SET TRANSACTION READ ONLY
SELECT c.table_name, c.kind, m.comments, c.num_rows FROM (SELECT owner, table_name, 'table' AS kind, num_rows FROM all_tables UNION ALL SELECT owner, view_name, 'view', NULL FROM all_views) c LEFT JOIN all_tab_comments m ON m.owner = c.owner AND m.table_name = c.table_name WHERE c.owner = COALESCE(UPPER(:1), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) ORDER BY c.table_name
SELECT c.table_name, c.column_name, c.data_type, m.comments, CASE c.nullable WHEN 'Y' THEN 1 ELSE 0 END, COALESCE(k.position, 0) FROM all_tab_columns c LEFT JOIN all_col_comments m ON m.owner = c.owner AND m.table_name = c.table_name AND m.column_name = c.column_name LEFT JOIN (SELECT b.owner, b.table_name, b.column_name, b.position FROM all_constraints a JOIN all_cons_columns b ON b.owner = a.owner AND b.constraint_name = a.constraint_name WHERE a.constraint_type = 'P') k ON k.owner = c.owner AND k.table_name = c.table_name AND k.column_name = c.column_name WHERE c.owner = COALESCE(UPPER(:1), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) ORDER BY c.table_name, c.column_id

-- discover and dictionary look at one
ALTER SESSION SET TIME_ZONE = '+08:00'
ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'
SELECT TO_CHAR(SYSTIMESTAMP AT TIME ZONE '+08:00', 'YYYY-MM- … as above
(the driver begins a transaction)
SET TRANSACTION READ ONLY
SELECT c.table_name, c.kind, m.comments, c.num_rows FROM (SELECT owner, table_name, 'table' AS kind, num_rows FROM all_tables UNION ALL SELECT owner, view_name, 'view', NULL FROM all_views) c LEFT JOIN all_tab_comments m ON m.owner = c.owner AND m.table_name = c.table_name WHERE c.owner = COALESCE(UPPER(:1), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND c.table_name = UPPER(:2) ORDER BY c.table_name
SELECT c.table_name, c.column_name, c.data_type, m.comments, CASE c.nullable WHEN 'Y' THEN 1 ELSE 0 END, COALESCE(k.position, 0) FROM all_tab_columns c LEFT JOIN all_col_comments m ON m.owner = c.owner AND m.table_name = c.table_name AND m.column_name = c.column_name LEFT JOIN (SELECT b.owner, b.table_name, b.column_name, b.position FROM all_constraints a JOIN all_cons_columns b ON b.owner = a.owner AND b.constraint_name = a.constraint_name WHERE a.constraint_type = 'P') k ON k.owner = c.owner AND k.table_name = c.table_name AND k.column_name = c.column_name WHERE c.owner = COALESCE(UPPER(:1), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND c.table_name = UPPER(:2) ORDER BY c.table_name, c.column_id
SELECT * FROM (SELECT SUBSTR("SLBH", 1, 256), SUBSTR("NR", 1, 256), TO_CHAR("GXSJ", 'YYYY-MM-DD HH24:MI:SS') FROM "GJJ"."V_BJ") WHERE ROWNUM <= 20

-- preview, and a full run
ALTER SESSION SET TIME_ZONE = '+08:00'
ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'
SELECT TO_CHAR(SYSTIMESTAMP AT TIME ZONE '+08:00', 'YYYY-MM- … as above
(the driver begins a transaction)
SET TRANSACTION READ ONLY
SELECT "SRC"."SLBH", "SRC"."NR", "SRC"."GXSJ", "SRC"."SLBH", … as above
SELECT c.table_name, c.kind, m.comments, c.num_rows FROM (SE … as above
SELECT c.table_name, c.column_name, c.data_type, m.comments, … as above
SELECT text FROM all_views WHERE owner = COALESCE(UPPER(:1), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND view_name = UPPER(:2)
SELECT TO_CHAR(MAX(CASE WHEN "SRC"."GXSJ" <= TO_DATE(SUBSTR(:1, 1, 19), 'YYYY-MM-DD HH24:MI:SS') THEN "SRC"."GXSJ" END), 'YYYY-MM-DD HH24:MI:SS'), SUM(CASE WHEN "SRC"."GXSJ" > TO_DATE(SUBSTR(:2, 1, 19), 'YYYY-MM-DD HH24:MI:SS') AND "SRC"."GXSJ" <= TO_DATE(SUBSTR(:3, 1, 19), 'YYYY-MM-DD HH24:MI:SS') THEN 1 ELSE 0 END), COUNT(*) FROM "GJJ"."V_BJ" "SRC" WHERE "SRC"."GXSJ" > TO_DATE(SUBSTR(:4, 1, 19), 'YYYY-MM-DD HH24:MI:SS') AND ("SLBH" > :5)
SELECT CASE WHEN DBMS_LOB.GETLENGTH("SRC"."NR") > 16777216 THEN DBMS_LOB.GETLENGTH("SRC"."NR") END, "SRC"."SLBH" AS "SLBH", CASE WHEN DBMS_LOB.GETLENGTH("SRC"."NR") <= 16777216 THEN "SRC"."NR" END AS "NR", TO_CHAR("SRC"."GXSJ", 'YYYY-MM-DD HH24:MI:SS') AS "GXSJ" FROM "GJJ"."V_BJ" "SRC" WHERE ("SLBH" > :1)

-- an incremental run
ALTER SESSION SET TIME_ZONE = '+08:00'
ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'
SELECT TO_CHAR(SYSTIMESTAMP AT TIME ZONE '+08:00', 'YYYY-MM- … as above
(the driver begins a transaction)
SET TRANSACTION READ ONLY
SELECT "SRC"."SLBH", "SRC"."NR", "SRC"."GXSJ", "SRC"."SLBH", … as above
SELECT c.table_name, c.kind, m.comments, c.num_rows FROM (SE … as above
SELECT c.table_name, c.column_name, c.data_type, m.comments, … as above
SELECT text FROM all_views WHERE owner = COALESCE(UPPER(:1), … as above
SELECT TO_CHAR(MAX(CASE WHEN "SRC"."GXSJ" <= TO_DATE(SUBSTR( … as above
SELECT CASE WHEN DBMS_LOB.GETLENGTH("SRC"."NR") > 16777216 THEN DBMS_LOB.GETLENGTH("SRC"."NR") END, CASE WHEN ("SRC"."GXSJ" IS NULL OR "SRC"."GXSJ" <= TO_DATE(SUBSTR(:1, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) THEN 0 WHEN "SRC"."GXSJ" > TO_DATE(SUBSTR(:2, 1, 19), 'YYYY-MM-DD HH24:MI:SS') THEN 3 ELSE 2 END AS "CLASS_", "SRC"."SLBH" AS "SLBH", CASE WHEN DBMS_LOB.GETLENGTH("SRC"."NR") <= 16777216 THEN "SRC"."NR" END AS "NR", TO_CHAR("SRC"."GXSJ", 'YYYY-MM-DD HH24:MI:SS') AS "GXSJ" FROM "GJJ"."V_BJ" "SRC" WHERE (("SRC"."GXSJ" IS NULL OR "SRC"."GXSJ" <= TO_DATE(SUBSTR(:3, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) OR ("SRC"."GXSJ" > TO_DATE(SUBSTR(:4, 1, 19), 'YYYY-MM-DD HH24:MI:SS') AND "SRC"."GXSJ" <= TO_DATE(SUBSTR(:5, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) OR "SRC"."GXSJ" > TO_DATE(SUBSTR(:6, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) AND ("SLBH" > :7) ORDER BY "SRC"."GXSJ" NULLS FIRST, "SRC"."SLBH" NULLS FIRST

-- a compare
ALTER SESSION SET TIME_ZONE = '+08:00'
ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'
SELECT TO_CHAR(SYSTIMESTAMP AT TIME ZONE '+08:00', 'YYYY-MM- … as above
(the driver begins a transaction)
SET TRANSACTION READ ONLY
SELECT "SRC"."SLBH", "SRC"."NR", "SRC"."GXSJ", "SRC"."SLBH", … as above
SELECT c.table_name, c.kind, m.comments, c.num_rows FROM (SE … as above
SELECT c.table_name, c.column_name, c.data_type, m.comments, … as above
SELECT text FROM all_views WHERE owner = COALESCE(UPPER(:1), … as above
SELECT TO_CHAR(MAX(CASE WHEN "SRC"."GXSJ" <= TO_DATE(SUBSTR( … as above
SELECT CASE WHEN DBMS_LOB.GETLENGTH("SRC"."NR") > 16777216 T … as above

==== sqlserver
-- doctor asks the server
SET LOCK_TIMEOUT 60000
SELECT CONVERT(varchar(26), CAST(SWITCHOFFSET(SYSDATETIMEOFFSET(), '+08:00') AS datetime2(6)), 121)
IF EXISTS (SELECT 1 FROM sys.databases WHERE database_id = DB_ID() AND snapshot_isolation_state = 1) SET TRANSACTION ISOLATION LEVEL SNAPSHOT ELSE SET TRANSACTION ISOLATION LEVEL READ COMMITTED
BEGIN TRANSACTION
SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128))
SELECT QUOTENAME(USER_NAME())
SELECT SCHEMA_NAME()
SELECT 'GRANT ' + p.permission_name + ' ON ' + CASE p.class WHEN 1 THEN QUOTENAME(SCHEMA_NAME(o.schema_id)) + '.' + QUOTENAME(o.name) WHEN 3 THEN QUOTENAME(SCHEMA_NAME(p.major_id)) + '.*' ELSE '*.*' END + ' TO ' + QUOTENAME(USER_NAME()) + CASE p.state WHEN 'W' THEN ' WITH GRANT OPTION' ELSE '' END FROM sys.database_permissions p LEFT JOIN sys.objects o ON p.class = 1 AND o.object_id = p.major_id WHERE p.grantee_principal_id = DATABASE_PRINCIPAL_ID() AND p.state IN ('G', 'W') UNION ALL SELECT 'GRANT ' + QUOTENAME(r.name) + ' TO ' + QUOTENAME(USER_NAME()) FROM sys.database_role_members m JOIN sys.database_principals r ON r.principal_id = m.role_principal_id WHERE m.member_principal_id = DATABASE_PRINCIPAL_ID() ORDER BY 1
SELECT CONVERT(varchar(26), CAST(SWITCHOFFSET(SYSDATETIMEOFF … as above

-- doctor looks at a view
SET LOCK_TIMEOUT 60000
SELECT CONVERT(varchar(26), CAST(SWITCHOFFSET(SYSDATETIMEOFF … as above
IF EXISTS (SELECT 1 FROM sys.databases WHERE database_id = D … as above
BEGIN TRANSACTION
SELECT [src].[slbh], [src].[nr], [src].[gxsj], [src].[slbh], [src].[gxsj] FROM [gjj].[v_bj] [src] WHERE 1 = 0
SELECT COUNT(*), SUM(CASE WHEN ([src].[gxsj] IS NULL OR [src].[gxsj] <= CONVERT(datetime, LEFT(@p1, 23), 121)) THEN 1 ELSE 0 END), SUM(CASE WHEN [src].[slbh] IS NULL THEN 1 ELSE 0 END) FROM [gjj].[v_bj] [src] WHERE ([slbh] > @p2)
SELECT COUNT(*) FROM [gjj].[v_bj] [src] WHERE [src].[gxsj] > CONVERT(datetime, LEFT(@p1, 23), 121)
SELECT 1 FROM sys.index_columns i JOIN sys.columns c ON c.object_id = i.object_id AND c.column_id = i.column_id JOIN sys.objects o ON o.object_id = i.object_id WHERE o.schema_id = SCHEMA_ID(COALESCE(NULLIF(@p1, ''), SCHEMA_NAME())) AND o.name = @p2 AND c.name = @p3 AND i.key_ordinal = 1
SELECT TOP (200) [src].[slbh], CASE WHEN DATALENGTH([src].[nr]) <= 16777216 THEN CAST([src].[nr] AS nvarchar(max)) END, CONVERT(varchar(27), [src].[gxsj], 121) FROM [gjj].[v_bj] [src]
SELECT TOP (1000) COUNT(*), [src].[slbh] COLLATE Latin1_General_BIN2 FROM [gjj].[v_bj] [src] WHERE ([slbh] > @p1) GROUP BY [src].[slbh] COLLATE Latin1_General_BIN2 HAVING COUNT(*) > 1

-- discover lists
SET LOCK_TIMEOUT 60000
SELECT CONVERT(varchar(26), CAST(SWITCHOFFSET(SYSDATETIMEOFF … as above
IF EXISTS (SELECT 1 FROM sys.databases WHERE database_id = D … as above
BEGIN TRANSACTION
SELECT o.name, CASE o.type WHEN 'V' THEN 'view' ELSE 'table' END, COALESCE(CAST(e.value AS nvarchar(1000)), ''), (SELECT SUM(p.rows) FROM sys.partitions p WHERE p.object_id = o.object_id AND p.index_id IN (0, 1) AND o.type = 'U') FROM sys.objects o LEFT JOIN sys.extended_properties e ON e.class = 1 AND e.major_id = o.object_id AND e.minor_id = 0 AND e.name = 'MS_Description' WHERE o.type IN ('U', 'V') AND o.schema_id = SCHEMA_ID(COALESCE(NULLIF(@p1, ''), SCHEMA_NAME())) ORDER BY o.name
SELECT o.name, c.name, t.name, COALESCE(CAST(e.value AS nvarchar(1000)), ''), CAST(c.is_nullable AS int), COALESCE(k.key_ordinal, 0) FROM sys.objects o JOIN sys.columns c ON c.object_id = o.object_id JOIN sys.types t ON t.user_type_id = c.system_type_id LEFT JOIN sys.indexes x ON x.object_id = o.object_id AND x.is_primary_key = 1 LEFT JOIN sys.index_columns k ON k.object_id = x.object_id AND k.index_id = x.index_id AND k.column_id = c.column_id LEFT JOIN sys.extended_properties e ON e.class = 1 AND e.major_id = o.object_id AND e.minor_id = c.column_id AND e.name = 'MS_Description' WHERE o.type IN ('U', 'V') AND o.schema_id = SCHEMA_ID(COALESCE(NULLIF(@p1, ''), SCHEMA_NAME())) ORDER BY o.name, c.column_id

-- discover and dictionary look at one
SET LOCK_TIMEOUT 60000
SELECT CONVERT(varchar(26), CAST(SWITCHOFFSET(SYSDATETIMEOFF … as above
IF EXISTS (SELECT 1 FROM sys.databases WHERE database_id = D … as above
BEGIN TRANSACTION
SELECT o.name, CASE o.type WHEN 'V' THEN 'view' ELSE 'table' END, COALESCE(CAST(e.value AS nvarchar(1000)), ''), (SELECT SUM(p.rows) FROM sys.partitions p WHERE p.object_id = o.object_id AND p.index_id IN (0, 1) AND o.type = 'U') FROM sys.objects o LEFT JOIN sys.extended_properties e ON e.class = 1 AND e.major_id = o.object_id AND e.minor_id = 0 AND e.name = 'MS_Description' WHERE o.type IN ('U', 'V') AND o.schema_id = SCHEMA_ID(COALESCE(NULLIF(@p1, ''), SCHEMA_NAME())) AND o.name = @p2 ORDER BY o.name
SELECT o.name, c.name, t.name, COALESCE(CAST(e.value AS nvarchar(1000)), ''), CAST(c.is_nullable AS int), COALESCE(k.key_ordinal, 0) FROM sys.objects o JOIN sys.columns c ON c.object_id = o.object_id JOIN sys.types t ON t.user_type_id = c.system_type_id LEFT JOIN sys.indexes x ON x.object_id = o.object_id AND x.is_primary_key = 1 LEFT JOIN sys.index_columns k ON k.object_id = x.object_id AND k.index_id = x.index_id AND k.column_id = c.column_id LEFT JOIN sys.extended_properties e ON e.class = 1 AND e.major_id = o.object_id AND e.minor_id = c.column_id AND e.name = 'MS_Description' WHERE o.type IN ('U', 'V') AND o.schema_id = SCHEMA_ID(COALESCE(NULLIF(@p1, ''), SCHEMA_NAME())) AND o.name = @p2 ORDER BY o.name, c.column_id
SELECT TOP (20) SUBSTRING([slbh], 1, 256), SUBSTRING(CAST([nr] AS nvarchar(max)), 1, 256), CONVERT(varchar(27), [gxsj], 121) FROM [gjj].[v_bj]

-- preview, and a full run
SET LOCK_TIMEOUT 60000
SELECT CONVERT(varchar(26), CAST(SWITCHOFFSET(SYSDATETIMEOFF … as above
IF EXISTS (SELECT 1 FROM sys.databases WHERE database_id = D … as above
BEGIN TRANSACTION
SELECT [src].[slbh], [src].[nr], [src].[gxsj], [src].[slbh], … as above
SELECT o.name, CASE o.type WHEN 'V' THEN 'view' ELSE 'table' … as above
SELECT o.name, c.name, t.name, COALESCE(CAST(e.value AS nvar … as above
SELECT m.definition FROM sys.sql_modules m JOIN sys.views v ON v.object_id = m.object_id WHERE v.schema_id = SCHEMA_ID(COALESCE(NULLIF(@p1, ''), SCHEMA_NAME())) AND v.name = @p2
SELECT CONVERT(varchar(27), MAX(CASE WHEN [src].[gxsj] <= CONVERT(datetime, LEFT(@p1, 23), 121) THEN [src].[gxsj] END), 121), SUM(CASE WHEN [src].[gxsj] > CONVERT(datetime, LEFT(@p2, 23), 121) AND [src].[gxsj] <= CONVERT(datetime, LEFT(@p3, 23), 121) THEN 1 ELSE 0 END), COUNT(*) FROM [gjj].[v_bj] [src] WHERE [src].[gxsj] > CONVERT(datetime, LEFT(@p4, 23), 121) AND ([slbh] > @p5)
SELECT CASE WHEN DATALENGTH([src].[nr]) > 16777216 THEN DATALENGTH([src].[nr]) END, [src].[slbh] AS [slbh], CASE WHEN DATALENGTH([src].[nr]) <= 16777216 THEN CAST([src].[nr] AS nvarchar(max)) END AS [nr], CONVERT(varchar(27), [src].[gxsj], 121) AS [gxsj] FROM [gjj].[v_bj] [src] WHERE ([slbh] > @p1)

-- an incremental run
SET LOCK_TIMEOUT 60000
SELECT CONVERT(varchar(26), CAST(SWITCHOFFSET(SYSDATETIMEOFF … as above
IF EXISTS (SELECT 1 FROM sys.databases WHERE database_id = D … as above
BEGIN TRANSACTION
SELECT [src].[slbh], [src].[nr], [src].[gxsj], [src].[slbh], … as above
SELECT o.name, CASE o.type WHEN 'V' THEN 'view' ELSE 'table' … as above
SELECT o.name, c.name, t.name, COALESCE(CAST(e.value AS nvar … as above
SELECT m.definition FROM sys.sql_modules m JOIN sys.views v  … as above
SELECT CONVERT(varchar(27), MAX(CASE WHEN [src].[gxsj] <= CO … as above
SELECT CASE WHEN DATALENGTH([src].[nr]) > 16777216 THEN DATALENGTH([src].[nr]) END, CASE WHEN ([src].[gxsj] IS NULL OR [src].[gxsj] <= CONVERT(datetime, LEFT(@p1, 23), 121)) THEN 0 WHEN [src].[gxsj] > CONVERT(datetime, LEFT(@p2, 23), 121) THEN 3 ELSE 2 END AS [class_], [src].[slbh] AS [slbh], CASE WHEN DATALENGTH([src].[nr]) <= 16777216 THEN CAST([src].[nr] AS nvarchar(max)) END AS [nr], CONVERT(varchar(27), [src].[gxsj], 121) AS [gxsj] FROM [gjj].[v_bj] [src] WHERE (([src].[gxsj] IS NULL OR [src].[gxsj] <= CONVERT(datetime, LEFT(@p3, 23), 121)) OR ([src].[gxsj] > CONVERT(datetime, LEFT(@p4, 23), 121) AND [src].[gxsj] <= CONVERT(datetime, LEFT(@p5, 23), 121)) OR [src].[gxsj] > CONVERT(datetime, LEFT(@p6, 23), 121)) AND ([slbh] > @p7) ORDER BY [src].[gxsj], [src].[slbh]

-- a compare
SET LOCK_TIMEOUT 60000
SELECT CONVERT(varchar(26), CAST(SWITCHOFFSET(SYSDATETIMEOFF … as above
IF EXISTS (SELECT 1 FROM sys.databases WHERE database_id = D … as above
BEGIN TRANSACTION
SELECT [src].[slbh], [src].[nr], [src].[gxsj], [src].[slbh], … as above
SELECT o.name, CASE o.type WHEN 'V' THEN 'view' ELSE 'table' … as above
SELECT o.name, c.name, t.name, COALESCE(CAST(e.value AS nvar … as above
SELECT m.definition FROM sys.sql_modules m JOIN sys.views v  … as above
SELECT CONVERT(varchar(27), MAX(CASE WHEN [src].[gxsj] <= CO … as above
SELECT CASE WHEN DATALENGTH([src].[nr]) > 16777216 THEN DATA … as above

==== dm
-- doctor asks the server
SET TIME ZONE '+08:00'
SELECT TO_CHAR(SYSTIMESTAMP AT TIME ZONE '+08:00', 'YYYY-MM-DD HH24:MI:SS.FF6') FROM DUAL
(the driver begins a transaction)
SET TRANSACTION READ ONLY
SELECT banner FROM v$version WHERE ROWNUM = 1
SELECT USER FROM DUAL
SELECT SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') FROM DUAL
SELECT TO_CHAR(SYSTIMESTAMP AT TIME ZONE '+08:00', 'YYYY-MM- … as above

-- doctor looks at a view
SET TIME ZONE '+08:00'
SELECT TO_CHAR(SYSTIMESTAMP AT TIME ZONE '+08:00', 'YYYY-MM- … as above
(the driver begins a transaction)
SET TRANSACTION READ ONLY
SELECT "SRC"."SLBH", "SRC"."NR", "SRC"."GXSJ", "SRC"."SLBH", "SRC"."GXSJ" FROM "GJJ"."V_BJ" "SRC" WHERE 1 = 0
SELECT COUNT(*), SUM(CASE WHEN ("SRC"."GXSJ" IS NULL OR "SRC"."GXSJ" <= TO_DATE(SUBSTR(?, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) THEN 1 ELSE 0 END), SUM(CASE WHEN "SRC"."SLBH" IS NULL THEN 1 ELSE 0 END) FROM "GJJ"."V_BJ" "SRC" WHERE ("SLBH" > ?)
SELECT COUNT(*) FROM "GJJ"."V_BJ" "SRC" WHERE "SRC"."GXSJ" > TO_DATE(SUBSTR(?, 1, 19), 'YYYY-MM-DD HH24:MI:SS')
SELECT 1 FROM all_ind_columns WHERE table_owner = COALESCE(UPPER(?), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND table_name = UPPER(?) AND column_name = UPPER(?) AND column_position = 1
SELECT * FROM (SELECT "SRC"."SLBH", CASE WHEN DBMS_LOB.GETLENGTH("SRC"."NR") <= 16777216 THEN "SRC"."NR" END, TO_CHAR("SRC"."GXSJ", 'YYYY-MM-DD HH24:MI:SS') FROM "GJJ"."V_BJ" "SRC") WHERE ROWNUM <= 200
SELECT * FROM (SELECT COUNT(*), "SRC"."SLBH" FROM "GJJ"."V_BJ" "SRC" WHERE ("SLBH" > ?) GROUP BY "SRC"."SLBH" HAVING COUNT(*) > 1) WHERE ROWNUM <= 1000

-- discover lists
SET TIME ZONE '+08:00'
SELECT TO_CHAR(SYSTIMESTAMP AT TIME ZONE '+08:00', 'YYYY-MM- … as above
(the driver begins a transaction)
SET TRANSACTION READ ONLY
SELECT c.table_name, c.kind, m.comments, c.num_rows FROM (SELECT owner, table_name, 'table' AS kind, num_rows FROM all_tables UNION ALL SELECT owner, view_name, 'view', NULL FROM all_views) c LEFT JOIN all_tab_comments m ON m.owner = c.owner AND m.table_name = c.table_name WHERE c.owner = COALESCE(UPPER(?), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) ORDER BY c.table_name
SELECT c.table_name, c.column_name, c.data_type, m.comments, CASE c.nullable WHEN 'Y' THEN 1 ELSE 0 END, COALESCE(k.position, 0) FROM all_tab_columns c LEFT JOIN all_col_comments m ON m.owner = c.owner AND m.table_name = c.table_name AND m.column_name = c.column_name LEFT JOIN (SELECT b.owner, b.table_name, b.column_name, b.position FROM all_constraints a JOIN all_cons_columns b ON b.owner = a.owner AND b.constraint_name = a.constraint_name WHERE a.constraint_type = 'P') k ON k.owner = c.owner AND k.table_name = c.table_name AND k.column_name = c.column_name WHERE c.owner = COALESCE(UPPER(?), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) ORDER BY c.table_name, c.column_id

-- discover and dictionary look at one
SET TIME ZONE '+08:00'
SELECT TO_CHAR(SYSTIMESTAMP AT TIME ZONE '+08:00', 'YYYY-MM- … as above
(the driver begins a transaction)
SET TRANSACTION READ ONLY
SELECT c.table_name, c.kind, m.comments, c.num_rows FROM (SELECT owner, table_name, 'table' AS kind, num_rows FROM all_tables UNION ALL SELECT owner, view_name, 'view', NULL FROM all_views) c LEFT JOIN all_tab_comments m ON m.owner = c.owner AND m.table_name = c.table_name WHERE c.owner = COALESCE(UPPER(?), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND c.table_name = UPPER(?) ORDER BY c.table_name
SELECT c.table_name, c.column_name, c.data_type, m.comments, CASE c.nullable WHEN 'Y' THEN 1 ELSE 0 END, COALESCE(k.position, 0) FROM all_tab_columns c LEFT JOIN all_col_comments m ON m.owner = c.owner AND m.table_name = c.table_name AND m.column_name = c.column_name LEFT JOIN (SELECT b.owner, b.table_name, b.column_name, b.position FROM all_constraints a JOIN all_cons_columns b ON b.owner = a.owner AND b.constraint_name = a.constraint_name WHERE a.constraint_type = 'P') k ON k.owner = c.owner AND k.table_name = c.table_name AND k.column_name = c.column_name WHERE c.owner = COALESCE(UPPER(?), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND c.table_name = UPPER(?) ORDER BY c.table_name, c.column_id
SELECT * FROM (SELECT SUBSTR("SLBH", 1, 256), SUBSTR("NR", 1, 256), TO_CHAR("GXSJ", 'YYYY-MM-DD HH24:MI:SS') FROM "GJJ"."V_BJ") WHERE ROWNUM <= 20

-- preview, and a full run
SET TIME ZONE '+08:00'
SELECT TO_CHAR(SYSTIMESTAMP AT TIME ZONE '+08:00', 'YYYY-MM- … as above
(the driver begins a transaction)
SET TRANSACTION READ ONLY
SELECT "SRC"."SLBH", "SRC"."NR", "SRC"."GXSJ", "SRC"."SLBH", … as above
SELECT c.table_name, c.kind, m.comments, c.num_rows FROM (SE … as above
SELECT c.table_name, c.column_name, c.data_type, m.comments, … as above
SELECT text FROM all_views WHERE owner = COALESCE(UPPER(?), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND view_name = UPPER(?)
SELECT TO_CHAR(MAX(CASE WHEN "SRC"."GXSJ" <= TO_DATE(SUBSTR(?, 1, 19), 'YYYY-MM-DD HH24:MI:SS') THEN "SRC"."GXSJ" END), 'YYYY-MM-DD HH24:MI:SS'), SUM(CASE WHEN "SRC"."GXSJ" > TO_DATE(SUBSTR(?, 1, 19), 'YYYY-MM-DD HH24:MI:SS') AND "SRC"."GXSJ" <= TO_DATE(SUBSTR(?, 1, 19), 'YYYY-MM-DD HH24:MI:SS') THEN 1 ELSE 0 END), COUNT(*) FROM "GJJ"."V_BJ" "SRC" WHERE "SRC"."GXSJ" > TO_DATE(SUBSTR(?, 1, 19), 'YYYY-MM-DD HH24:MI:SS') AND ("SLBH" > ?)
SELECT CASE WHEN DBMS_LOB.GETLENGTH("SRC"."NR") > 16777216 THEN DBMS_LOB.GETLENGTH("SRC"."NR") END, "SRC"."SLBH" AS "SLBH", CASE WHEN DBMS_LOB.GETLENGTH("SRC"."NR") <= 16777216 THEN "SRC"."NR" END AS "NR", TO_CHAR("SRC"."GXSJ", 'YYYY-MM-DD HH24:MI:SS') AS "GXSJ" FROM "GJJ"."V_BJ" "SRC" WHERE ("SLBH" > ?)

-- an incremental run
SET TIME ZONE '+08:00'
SELECT TO_CHAR(SYSTIMESTAMP AT TIME ZONE '+08:00', 'YYYY-MM- … as above
(the driver begins a transaction)
SET TRANSACTION READ ONLY
SELECT "SRC"."SLBH", "SRC"."NR", "SRC"."GXSJ", "SRC"."SLBH", … as above
SELECT c.table_name, c.kind, m.comments, c.num_rows FROM (SE … as above
SELECT c.table_name, c.column_name, c.data_type, m.comments, … as above
SELECT text FROM all_views WHERE owner = COALESCE(UPPER(?),  … as above
SELECT TO_CHAR(MAX(CASE WHEN "SRC"."GXSJ" <= TO_DATE(SUBSTR( … as above
SELECT CASE WHEN DBMS_LOB.GETLENGTH("SRC"."NR") > 16777216 THEN DBMS_LOB.GETLENGTH("SRC"."NR") END, CASE WHEN ("SRC"."GXSJ" IS NULL OR "SRC"."GXSJ" <= TO_DATE(SUBSTR(?, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) THEN 0 WHEN "SRC"."GXSJ" > TO_DATE(SUBSTR(?, 1, 19), 'YYYY-MM-DD HH24:MI:SS') THEN 3 ELSE 2 END AS "CLASS_", "SRC"."SLBH" AS "SLBH", CASE WHEN DBMS_LOB.GETLENGTH("SRC"."NR") <= 16777216 THEN "SRC"."NR" END AS "NR", TO_CHAR("SRC"."GXSJ", 'YYYY-MM-DD HH24:MI:SS') AS "GXSJ" FROM "GJJ"."V_BJ" "SRC" WHERE (("SRC"."GXSJ" IS NULL OR "SRC"."GXSJ" <= TO_DATE(SUBSTR(?, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) OR ("SRC"."GXSJ" > TO_DATE(SUBSTR(?, 1, 19), 'YYYY-MM-DD HH24:MI:SS') AND "SRC"."GXSJ" <= TO_DATE(SUBSTR(?, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) OR "SRC"."GXSJ" > TO_DATE(SUBSTR(?, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) AND ("SLBH" > ?) ORDER BY "SRC"."GXSJ" NULLS FIRST, "SRC"."SLBH" NULLS FIRST

-- a compare
SET TIME ZONE '+08:00'
SELECT TO_CHAR(SYSTIMESTAMP AT TIME ZONE '+08:00', 'YYYY-MM- … as above
(the driver begins a transaction)
SET TRANSACTION READ ONLY
SELECT "SRC"."SLBH", "SRC"."NR", "SRC"."GXSJ", "SRC"."SLBH", … as above
SELECT c.table_name, c.kind, m.comments, c.num_rows FROM (SE … as above
SELECT c.table_name, c.column_name, c.data_type, m.comments, … as above
SELECT text FROM all_views WHERE owner = COALESCE(UPPER(?),  … as above
SELECT TO_CHAR(MAX(CASE WHEN "SRC"."GXSJ" <= TO_DATE(SUBSTR( … as above
SELECT CASE WHEN DBMS_LOB.GETLENGTH("SRC"."NR") > 16777216 T … as above

