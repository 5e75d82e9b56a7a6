-- doctor asks the server
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ
SET SESSION net_write_timeout = 3600
SET @banjian_limit = 600 /*M!100101 , SESSION max_statement_time = 600 */ /*!50708 , SESSION max_execution_time = 600000 */
SELECT @@character_set_results
SELECT DATE_FORMAT(NOW(6), '%Y-%m-%d %H:%i:%s.%f')
SHOW GLOBAL VARIABLES WHERE Variable_name = 'gtid_slave_pos' AND Value <> '' OR Variable_name = 'read_only' AND Value NOT IN ('OFF', '0')
SHOW ALL SLAVES STATUS
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY
SELECT VERSION()
SELECT CURRENT_USER()
SELECT DATABASE()
SHOW GRANTS
SHOW GLOBAL VARIABLES WHERE Variable_name = 'gtid_slave_pos' … as above
SHOW ALL SLAVES STATUS
SELECT DATE_FORMAT(NOW(6), '%Y-%m-%d %H:%i:%s.%f')

-- doctor looks at a view
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ
SET SESSION net_write_timeout = 3600
SET @banjian_limit = 600 /*M!100101 , SESSION max_statement_ … as above
SELECT @@character_set_results
SELECT DATE_FORMAT(NOW(6), '%Y-%m-%d %H:%i:%s.%f')
SHOW GLOBAL VARIABLES WHERE Variable_name = 'gtid_slave_pos' … as above
SHOW ALL SLAVES STATUS
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY
SELECT `src`.`slbh`, `src`.`nr`, `src`.`gxsj`, `src`.`slbh`, `src`.`gxsj` FROM `gjj`.`v_bj` `src` WHERE 1 = 0
SELECT column_name, character_set_name FROM information_schema.columns WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ? AND character_set_name IS NOT NULL ORDER BY ordinal_position
SELECT COUNT(*), SUM(CASE WHEN (`src`.`gxsj` IS NULL OR `src`.`gxsj` <= CAST(? AS DATETIME(6))) THEN 1 ELSE 0 END), SUM(CASE WHEN `src`.`slbh` IS NULL OR `src`.`slbh` = '' THEN 1 ELSE 0 END), SUM(CASE WHEN `src`.`slbh` IS NULL THEN 1 ELSE 0 END) FROM `gjj`.`v_bj` `src` WHERE (`slbh` > ?)
SELECT COUNT(*) FROM `gjj`.`v_bj` `src` WHERE `src`.`gxsj` > CAST(? AS DATETIME(6))
SELECT 1 FROM information_schema.statistics WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ? AND column_name = ? AND seq_in_index = 1
SELECT `src`.`slbh`, CASE WHEN OCTET_LENGTH(`src`.`nr`) <= 16777216 THEN `src`.`nr` END, `src`.`gxsj` FROM `gjj`.`v_bj` `src` LIMIT 200
SELECT COUNT(*), CAST(`src`.`slbh` AS BINARY) FROM `gjj`.`v_bj` `src` WHERE (`slbh` > ?) AND NOT (`src`.`slbh` IS NULL OR `src`.`slbh` = '') GROUP BY CAST(`src`.`slbh` AS BINARY) HAVING COUNT(*) > 1 LIMIT 1000

-- discover lists
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ
SET SESSION net_write_timeout = 3600
SET @banjian_limit = 600 /*M!100101 , SESSION max_statement_ … as above
SELECT @@character_set_results
SELECT DATE_FORMAT(NOW(6), '%Y-%m-%d %H:%i:%s.%f')
SHOW GLOBAL VARIABLES WHERE Variable_name = 'gtid_slave_pos' … as above
SHOW ALL SLAVES STATUS
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY
SELECT table_name, CASE WHEN table_type = 'VIEW' THEN 'view' ELSE 'table' END, CASE WHEN table_type = 'VIEW' THEN '' ELSE table_comment END, CASE WHEN table_type = 'VIEW' THEN NULL ELSE table_rows END FROM information_schema.tables c WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) ORDER BY table_name
SELECT c.table_name, c.column_name, c.column_type, c.column_comment, CASE WHEN c.is_nullable = 'YES' THEN 1 ELSE 0 END, COALESCE(k.ordinal_position, 0) FROM information_schema.columns c LEFT JOIN information_schema.key_column_usage k ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name AND k.constraint_name = 'PRIMARY' WHERE c.table_schema = COALESCE(NULLIF(?, ''), DATABASE()) ORDER BY c.table_name, c.ordinal_position

-- discover and dictionary look at one
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ
SET SESSION net_write_timeout = 3600
SET @banjian_limit = 600 /*M!100101 , SESSION max_statement_ … as above
SELECT @@character_set_results
SELECT DATE_FORMAT(NOW(6), '%Y-%m-%d %H:%i:%s.%f')
SHOW GLOBAL VARIABLES WHERE Variable_name = 'gtid_slave_pos' … as above
SHOW ALL SLAVES STATUS
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
SHOW GLOBAL VARIABLES WHERE Variable_name = 'gtid_slave_pos' … as above
SHOW ALL SLAVES STATUS
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
SHOW GLOBAL VARIABLES WHERE Variable_name = 'gtid_slave_pos' … as above
SHOW ALL SLAVES STATUS
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
SHOW GLOBAL VARIABLES WHERE Variable_name = 'gtid_slave_pos' … as above
SHOW ALL SLAVES STATUS
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY
SELECT `src`.`slbh`, `src`.`nr`, `src`.`gxsj`, `src`.`slbh`, … as above
SELECT table_name, CASE WHEN table_type = 'VIEW' THEN 'view' … as above
SELECT c.table_name, c.column_name, c.column_type, c.column_ … as above
SELECT view_definition FROM information_schema.views WHERE t … as above
SELECT MAX(CASE WHEN `src`.`gxsj` <= CAST(? AS DATETIME(6))  … as above
SELECT (CRC32(CONCAT_WS(X'1F', `src`.`slbh`)) & 16383), COUNT(*), SUM(CRC32(CONCAT_WS(X'1F', `src`.`slbh`, `src`.`nr`, `src`.`gxsj`, ISNULL(`src`.`slbh`) * 1 + ISNULL(`src`.`nr`) * 2 + ISNULL(`src`.`gxsj`) * 4))) FROM `gjj`.`v_bj` `src` WHERE (`slbh` > ?) GROUP BY 1 ORDER BY NULL
SET @banjian_limit = 43200 /*M!100101 , SESSION max_statemen … as above
SELECT CASE WHEN OCTET_LENGTH(`src`.`nr`) > 16777216 THEN OCTET_LENGTH(`src`.`nr`) END, `src`.`slbh` AS `slbh`, CASE WHEN OCTET_LENGTH(`src`.`nr`) <= 16777216 THEN `src`.`nr` END AS `nr`, `src`.`gxsj` AS `gxsj`, (CRC32(CONCAT_WS(X'1F', `src`.`slbh`)) & 16383) AS `_leaf` FROM `gjj`.`v_bj` `src` WHERE (`slbh` > ?) AND (CRC32(CONCAT_WS(X'1F', `src`.`slbh`)) & 16383) IN (3,5)

