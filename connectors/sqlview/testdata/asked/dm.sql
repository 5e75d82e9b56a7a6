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
SELECT COUNT(*), SUM(CASE WHEN ("SRC"."GXSJ" IS NULL OR "SRC"."GXSJ" <= TO_DATE(SUBSTR(?, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) THEN 1 ELSE 0 END), SUM(CASE WHEN "SRC"."SLBH" IS NULL THEN 1 ELSE 0 END), SUM(CASE WHEN "SRC"."SLBH" IS NULL THEN 1 ELSE 0 END) FROM "GJJ"."V_BJ" "SRC" WHERE ("SLBH" > ?)
SELECT COUNT(*) FROM "GJJ"."V_BJ" "SRC" WHERE "SRC"."GXSJ" > TO_DATE(SUBSTR(?, 1, 19), 'YYYY-MM-DD HH24:MI:SS')
SELECT 1 FROM all_ind_columns WHERE table_owner = COALESCE(UPPER(?), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND table_name = UPPER(?) AND column_name = UPPER(?) AND column_position = 1
SELECT * FROM (SELECT "SRC"."SLBH", CASE WHEN DBMS_LOB.GETLENGTH("SRC"."NR") <= 16777216 THEN "SRC"."NR" END, TO_CHAR("SRC"."GXSJ", 'YYYY-MM-DD HH24:MI:SS') FROM "GJJ"."V_BJ" "SRC") WHERE ROWNUM <= 200
SELECT * FROM (SELECT COUNT(*), "SRC"."SLBH" FROM "GJJ"."V_BJ" "SRC" WHERE ("SLBH" > ?) AND NOT ("SRC"."SLBH" IS NULL) GROUP BY "SRC"."SLBH" HAVING COUNT(*) > 1) WHERE ROWNUM <= 1000

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

