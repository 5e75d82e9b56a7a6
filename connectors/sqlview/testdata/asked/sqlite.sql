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
SELECT COUNT(*), SUM(CASE WHEN (`src`.`gxsj` IS NULL OR `src`.`gxsj` <= ?) THEN 1 ELSE 0 END), SUM(CASE WHEN `src`.`slbh` IS NULL OR `src`.`slbh` = '' THEN 1 ELSE 0 END), SUM(CASE WHEN `src`.`slbh` IS NULL THEN 1 ELSE 0 END) FROM `gjj`.`v_bj` `src` WHERE (`slbh` > ?)
SELECT COUNT(*) FROM `gjj`.`v_bj` `src` WHERE `src`.`gxsj` > ?
SELECT 1 FROM pragma_index_list(?2) l JOIN pragma_index_info(l.name) i WHERE ?1 IN ('', 'main') AND i.seqno = 0 AND i.name = ?3
SELECT `src`.`slbh`, `src`.`nr`, +`src`.`gxsj` FROM `gjj`.`v_bj` `src` LIMIT 200
SELECT COUNT(*), `src`.`slbh` FROM `gjj`.`v_bj` `src` WHERE (`slbh` > ?) AND NOT (`src`.`slbh` IS NULL OR `src`.`slbh` = '') GROUP BY `src`.`slbh` HAVING COUNT(*) > 1 LIMIT 1000

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

