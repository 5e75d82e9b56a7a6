SELECT CASE WHEN (`src`.`gxsj` IS NULL OR `src`.`gxsj` <= CAST(? AS DATETIME(6))) THEN 0 WHEN `src`.`gxsj` > CAST(? AS DATETIME(6)) THEN 3 ELSE 2 END AS `class_`, `src`.`slbh` AS `slbh`, `src`.`gxsj` AS `gxsj`, `src`.`flag` + 0 AS `flag`, `src`.`xh` FROM `gjj`.`v_办件` `src` WHERE ((`src`.`gxsj` IS NULL OR `src`.`gxsj` <= CAST(? AS DATETIME(6))) OR (`src`.`gxsj` > CAST(? AS DATETIME(6)) AND `src`.`gxsj` <= CAST(? AS DATETIME(6))) OR `src`.`gxsj` > CAST(? AS DATETIME(6))) AND (`zt` IN (?, ?)) ORDER BY `src`.`gxsj`, `src`.`slbh`, `src`.`xh`
  1000-01-01  2026-01-01 13:05:00.000000  1000-01-01  1000-01-01  2026-01-01 13:00:00.000000  2026-01-01 13:05:00.000000  1  2

SELECT `src`.`slbh` AS `slbh`, `src`.`gxsj` AS `gxsj`, `src`.`flag` + 0 AS `flag` FROM `gjj`.`v_办件` `src` WHERE (`zt` IN (?, ?))
  1  2

SELECT CASE WHEN (`src`.`gxsj` IS NULL OR `src`.`gxsj` <= CAST(? AS DATETIME(6))) THEN 0 WHEN `src`.`gxsj` > CAST(? AS DATETIME(6)) THEN 3 WHEN `src`.`gxsj` <= CAST(? AS DATETIME(6)) THEN 1 ELSE 2 END AS `class_`, `src`.`slbh` AS `slbh`, `src`.`gxsj` AS `gxsj`, `src`.`flag` + 0 AS `flag`, `src`.`xh` FROM `gjj`.`v_办件` `src` WHERE ((`src`.`gxsj` IS NULL OR `src`.`gxsj` <= CAST(? AS DATETIME(6))) OR (`src`.`gxsj` >= CAST(? AS DATETIME(6)) AND `src`.`gxsj` <= CAST(? AS DATETIME(6))) OR `src`.`gxsj` > CAST(? AS DATETIME(6))) AND (`zt` IN (?, ?)) ORDER BY `src`.`gxsj`, `src`.`slbh`, `src`.`xh`
  1000-01-01  2026-01-01 13:05:00.000000  2026-01-01 10:00:00.5  1000-01-01  2026-01-01 09:50:00.5  2026-01-01 13:00:00.000000  2026-01-01 13:05:00.000000  1  2

SELECT `src`.`slbh` AS `slbh`, `src`.`gxsj` AS `gxsj`, `src`.`flag` + 0 AS `flag` FROM `gjj`.`v_办件` `src` WHERE (`zt` IN (?, ?))
  1  2

SELECT CASE WHEN (`src`.`gxsj` IS NULL OR `src`.`gxsj` <= CAST(? AS DATETIME(6))) THEN 0 WHEN `src`.`gxsj` > CAST(? AS DATETIME(6)) THEN 3 WHEN `src`.`gxsj` <= CAST(? AS DATETIME(6)) THEN 1 ELSE 2 END AS `class_`, `src`.`slbh` AS `slbh`, `src`.`gxsj` AS `gxsj`, `src`.`flag` + 0 AS `flag`, `src`.`xh` FROM `gjj`.`v_办件` `src` WHERE ((`src`.`gxsj` IS NULL OR `src`.`gxsj` <= CAST(? AS DATETIME(6))) OR ((`src`.`gxsj` >= CAST(? AS DATETIME(6)) OR ((`src`.`gxsj` > CAST(? AS DATETIME(6))) OR (`src`.`gxsj` = CAST(? AS DATETIME(6)) AND `src`.`slbh` > ?) OR (`src`.`gxsj` = CAST(? AS DATETIME(6)) AND `src`.`slbh` = ? AND `src`.`xh` >= ?))) AND `src`.`gxsj` <= CAST(? AS DATETIME(6))) OR `src`.`gxsj` > CAST(? AS DATETIME(6))) AND (`zt` IN (?, ?)) ORDER BY `src`.`gxsj`, `src`.`slbh`, `src`.`xh`
  1000-01-01  2026-01-01 13:05:00.000000  2026-01-01 10:00:00.5  1000-01-01  2026-01-01 11:50:00  2026-01-01 11:00:00  2026-01-01 11:00:00  A1  2026-01-01 11:00:00  A1  3  2026-01-01 13:00:00.000000  2026-01-01 13:05:00.000000  1  2

SELECT `src`.`slbh` AS `slbh`, `src`.`gxsj` AS `gxsj`, `src`.`flag` + 0 AS `flag` FROM `gjj`.`v_办件` `src` WHERE (`zt` IN (?, ?))
  1  2

SELECT CASE WHEN (`src`.`gxsj` IS NULL OR `src`.`gxsj` <= ?) THEN 0 WHEN `src`.`gxsj` > ? THEN 3 ELSE 2 END AS `class_`, `src`.`slbh` AS `slbh`, +`src`.`gxsj` AS `gxsj`, `src`.`flag` AS `flag`, `src`.`xh` FROM `gjj`.`v_办件` `src` WHERE ((`src`.`gxsj` IS NULL OR `src`.`gxsj` <= ?) OR (`src`.`gxsj` > ? AND `src`.`gxsj` <= ?) OR `src`.`gxsj` > ?) AND (`zt` IN (?, ?)) ORDER BY `src`.`gxsj`, `src`.`slbh`, `src`.`xh`
  1000-01-01  2026-01-01 13:05:00.000000  1000-01-01  1000-01-01  2026-01-01 13:00:00.000000  2026-01-01 13:05:00.000000  1  2

SELECT `src`.`slbh` AS `slbh`, +`src`.`gxsj` AS `gxsj`, `src`.`flag` AS `flag` FROM `gjj`.`v_办件` `src` WHERE (`zt` IN (?, ?))
  1  2

SELECT CASE WHEN (`src`.`gxsj` IS NULL OR `src`.`gxsj` <= ?) THEN 0 WHEN `src`.`gxsj` > ? THEN 3 WHEN `src`.`gxsj` <= ? THEN 1 ELSE 2 END AS `class_`, `src`.`slbh` AS `slbh`, +`src`.`gxsj` AS `gxsj`, `src`.`flag` AS `flag`, `src`.`xh` FROM `gjj`.`v_办件` `src` WHERE ((`src`.`gxsj` IS NULL OR `src`.`gxsj` <= ?) OR (`src`.`gxsj` >= ? AND `src`.`gxsj` <= ?) OR `src`.`gxsj` > ?) AND (`zt` IN (?, ?)) ORDER BY `src`.`gxsj`, `src`.`slbh`, `src`.`xh`
  1000-01-01  2026-01-01 13:05:00.000000  2026-01-01 10:00:00.5  1000-01-01  2026-01-01 09:50:00.5  2026-01-01 13:00:00.000000  2026-01-01 13:05:00.000000  1  2

SELECT `src`.`slbh` AS `slbh`, +`src`.`gxsj` AS `gxsj`, `src`.`flag` AS `flag` FROM `gjj`.`v_办件` `src` WHERE (`zt` IN (?, ?))
  1  2

SELECT CASE WHEN (`src`.`gxsj` IS NULL OR `src`.`gxsj` <= ?) THEN 0 WHEN `src`.`gxsj` > ? THEN 3 WHEN `src`.`gxsj` <= ? THEN 1 ELSE 2 END AS `class_`, `src`.`slbh` AS `slbh`, +`src`.`gxsj` AS `gxsj`, `src`.`flag` AS `flag`, `src`.`xh` FROM `gjj`.`v_办件` `src` WHERE ((`src`.`gxsj` IS NULL OR `src`.`gxsj` <= ?) OR ((`src`.`gxsj` >= ? OR ((`src`.`gxsj` > ?) OR (`src`.`gxsj` = ? AND `src`.`slbh` > ?) OR (`src`.`gxsj` = ? AND `src`.`slbh` = ? AND `src`.`xh` >= ?))) AND `src`.`gxsj` <= ?) OR `src`.`gxsj` > ?) AND (`zt` IN (?, ?)) ORDER BY `src`.`gxsj`, `src`.`slbh`, `src`.`xh`
  1000-01-01  2026-01-01 13:05:00.000000  2026-01-01 10:00:00.5  1000-01-01  2026-01-01 11:50:00  2026-01-01 11:00:00  2026-01-01 11:00:00  A1  2026-01-01 11:00:00  A1  3  2026-01-01 13:00:00.000000  2026-01-01 13:05:00.000000  1  2

SELECT `src`.`slbh` AS `slbh`, +`src`.`gxsj` AS `gxsj`, `src`.`flag` AS `flag` FROM `gjj`.`v_办件` `src` WHERE (`zt` IN (?, ?))
  1  2

