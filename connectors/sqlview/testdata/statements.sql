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

SELECT CASE WHEN ("src"."gxsj" IS NULL OR "src"."gxsj" <= CAST($1 AS TIMESTAMPTZ)) THEN 0 WHEN "src"."gxsj" > CAST($2 AS TIMESTAMPTZ) THEN 3 ELSE 2 END AS "class_", "src"."slbh"::text AS "slbh", "src"."gxsj"::timestamp::text AS "gxsj", "src"."flag"::text AS "flag", "src"."xh"::text FROM "gjj"."v_办件" "src" WHERE (("src"."gxsj" IS NULL OR "src"."gxsj" <= CAST($3 AS TIMESTAMPTZ)) OR ("src"."gxsj" > CAST($4 AS TIMESTAMPTZ) AND "src"."gxsj" <= CAST($5 AS TIMESTAMPTZ)) OR "src"."gxsj" > CAST($6 AS TIMESTAMPTZ)) AND ("zt" IN ($7, $8)) ORDER BY "src"."gxsj" NULLS FIRST, "src"."slbh" NULLS FIRST, "src"."xh" NULLS FIRST
  1000-01-01  2026-01-01 13:05:00.000000  1000-01-01  1000-01-01  2026-01-01 13:00:00.000000  2026-01-01 13:05:00.000000  1  2

SELECT "src"."slbh"::text AS "slbh", "src"."gxsj"::timestamp::text AS "gxsj", "src"."flag"::text AS "flag" FROM "gjj"."v_办件" "src" WHERE ("zt" IN ($1, $2))
  1  2

SELECT CASE WHEN ("src"."gxsj" IS NULL OR "src"."gxsj" <= CAST($1 AS TIMESTAMPTZ)) THEN 0 WHEN "src"."gxsj" > CAST($2 AS TIMESTAMPTZ) THEN 3 WHEN "src"."gxsj" <= CAST($3 AS TIMESTAMPTZ) THEN 1 ELSE 2 END AS "class_", "src"."slbh"::text AS "slbh", "src"."gxsj"::timestamp::text AS "gxsj", "src"."flag"::text AS "flag", "src"."xh"::text FROM "gjj"."v_办件" "src" WHERE (("src"."gxsj" IS NULL OR "src"."gxsj" <= CAST($4 AS TIMESTAMPTZ)) OR ("src"."gxsj" >= CAST($5 AS TIMESTAMPTZ) AND "src"."gxsj" <= CAST($6 AS TIMESTAMPTZ)) OR "src"."gxsj" > CAST($7 AS TIMESTAMPTZ)) AND ("zt" IN ($8, $9)) ORDER BY "src"."gxsj" NULLS FIRST, "src"."slbh" NULLS FIRST, "src"."xh" NULLS FIRST
  1000-01-01  2026-01-01 13:05:00.000000  2026-01-01 10:00:00.5  1000-01-01  2026-01-01 09:50:00.5  2026-01-01 13:00:00.000000  2026-01-01 13:05:00.000000  1  2

SELECT "src"."slbh"::text AS "slbh", "src"."gxsj"::timestamp::text AS "gxsj", "src"."flag"::text AS "flag" FROM "gjj"."v_办件" "src" WHERE ("zt" IN ($1, $2))
  1  2

SELECT CASE WHEN ("src"."gxsj" IS NULL OR "src"."gxsj" <= CAST($1 AS TIMESTAMPTZ)) THEN 0 WHEN "src"."gxsj" > CAST($2 AS TIMESTAMPTZ) THEN 3 WHEN "src"."gxsj" <= CAST($3 AS TIMESTAMPTZ) THEN 1 ELSE 2 END AS "class_", "src"."slbh"::text AS "slbh", "src"."gxsj"::timestamp::text AS "gxsj", "src"."flag"::text AS "flag", "src"."xh"::text FROM "gjj"."v_办件" "src" WHERE (("src"."gxsj" IS NULL OR "src"."gxsj" <= CAST($4 AS TIMESTAMPTZ)) OR (("src"."gxsj" >= CAST($5 AS TIMESTAMPTZ) OR (("src"."gxsj" > CAST($6 AS TIMESTAMPTZ)) OR ("src"."gxsj" = CAST($7 AS TIMESTAMPTZ) AND "src"."slbh" > $8) OR ("src"."gxsj" = CAST($9 AS TIMESTAMPTZ) AND "src"."slbh" = $10 AND "src"."xh" >= $11))) AND "src"."gxsj" <= CAST($12 AS TIMESTAMPTZ)) OR "src"."gxsj" > CAST($13 AS TIMESTAMPTZ)) AND ("zt" IN ($14, $15)) ORDER BY "src"."gxsj" NULLS FIRST, "src"."slbh" NULLS FIRST, "src"."xh" NULLS FIRST
  1000-01-01  2026-01-01 13:05:00.000000  2026-01-01 10:00:00.5  1000-01-01  2026-01-01 11:50:00  2026-01-01 11:00:00  2026-01-01 11:00:00  A1  2026-01-01 11:00:00  A1  3  2026-01-01 13:00:00.000000  2026-01-01 13:05:00.000000  1  2

SELECT "src"."slbh"::text AS "slbh", "src"."gxsj"::timestamp::text AS "gxsj", "src"."flag"::text AS "flag" FROM "gjj"."v_办件" "src" WHERE ("zt" IN ($1, $2))
  1  2

SELECT CASE WHEN ("SRC"."GXSJ" IS NULL OR "SRC"."GXSJ" <= TO_DATE(SUBSTR(:1, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) THEN 0 WHEN "SRC"."GXSJ" > TO_DATE(SUBSTR(:2, 1, 19), 'YYYY-MM-DD HH24:MI:SS') THEN 3 ELSE 2 END AS "CLASS_", "SRC"."SLBH" AS "SLBH", TO_CHAR("SRC"."GXSJ", 'YYYY-MM-DD HH24:MI:SS') AS "GXSJ", "SRC"."FLAG" AS "FLAG", "SRC"."XH" FROM "GJJ"."V_办件" "SRC" WHERE (("SRC"."GXSJ" IS NULL OR "SRC"."GXSJ" <= TO_DATE(SUBSTR(:3, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) OR ("SRC"."GXSJ" > TO_DATE(SUBSTR(:4, 1, 19), 'YYYY-MM-DD HH24:MI:SS') AND "SRC"."GXSJ" <= TO_DATE(SUBSTR(:5, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) OR "SRC"."GXSJ" > TO_DATE(SUBSTR(:6, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) AND ("ZT" IN (:7, :8)) ORDER BY "SRC"."GXSJ" NULLS FIRST, "SRC"."SLBH" NULLS FIRST, "SRC"."XH" NULLS FIRST
  1000-01-01  2026-01-01 13:05:00.000000  1000-01-01  1000-01-01  2026-01-01 13:00:00.000000  2026-01-01 13:05:00.000000  1  2

SELECT "SRC"."SLBH" AS "SLBH", TO_CHAR("SRC"."GXSJ", 'YYYY-MM-DD HH24:MI:SS') AS "GXSJ", "SRC"."FLAG" AS "FLAG" FROM "GJJ"."V_办件" "SRC" WHERE ("ZT" IN (:1, :2))
  1  2

SELECT CASE WHEN ("SRC"."GXSJ" IS NULL OR "SRC"."GXSJ" <= TO_DATE(SUBSTR(:1, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) THEN 0 WHEN "SRC"."GXSJ" > TO_DATE(SUBSTR(:2, 1, 19), 'YYYY-MM-DD HH24:MI:SS') THEN 3 WHEN "SRC"."GXSJ" <= TO_DATE(SUBSTR(:3, 1, 19), 'YYYY-MM-DD HH24:MI:SS') THEN 1 ELSE 2 END AS "CLASS_", "SRC"."SLBH" AS "SLBH", TO_CHAR("SRC"."GXSJ", 'YYYY-MM-DD HH24:MI:SS') AS "GXSJ", "SRC"."FLAG" AS "FLAG", "SRC"."XH" FROM "GJJ"."V_办件" "SRC" WHERE (("SRC"."GXSJ" IS NULL OR "SRC"."GXSJ" <= TO_DATE(SUBSTR(:4, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) OR ("SRC"."GXSJ" >= TO_DATE(SUBSTR(:5, 1, 19), 'YYYY-MM-DD HH24:MI:SS') AND "SRC"."GXSJ" <= TO_DATE(SUBSTR(:6, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) OR "SRC"."GXSJ" > TO_DATE(SUBSTR(:7, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) AND ("ZT" IN (:8, :9)) ORDER BY "SRC"."GXSJ" NULLS FIRST, "SRC"."SLBH" NULLS FIRST, "SRC"."XH" NULLS FIRST
  1000-01-01  2026-01-01 13:05:00.000000  2026-01-01 10:00:00.5  1000-01-01  2026-01-01 09:50:00.5  2026-01-01 13:00:00.000000  2026-01-01 13:05:00.000000  1  2

SELECT "SRC"."SLBH" AS "SLBH", TO_CHAR("SRC"."GXSJ", 'YYYY-MM-DD HH24:MI:SS') AS "GXSJ", "SRC"."FLAG" AS "FLAG" FROM "GJJ"."V_办件" "SRC" WHERE ("ZT" IN (:1, :2))
  1  2

SELECT CASE WHEN ("SRC"."GXSJ" IS NULL OR "SRC"."GXSJ" <= TO_DATE(SUBSTR(:1, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) THEN 0 WHEN "SRC"."GXSJ" > TO_DATE(SUBSTR(:2, 1, 19), 'YYYY-MM-DD HH24:MI:SS') THEN 3 WHEN "SRC"."GXSJ" <= TO_DATE(SUBSTR(:3, 1, 19), 'YYYY-MM-DD HH24:MI:SS') THEN 1 ELSE 2 END AS "CLASS_", "SRC"."SLBH" AS "SLBH", TO_CHAR("SRC"."GXSJ", 'YYYY-MM-DD HH24:MI:SS') AS "GXSJ", "SRC"."FLAG" AS "FLAG", "SRC"."XH" FROM "GJJ"."V_办件" "SRC" WHERE (("SRC"."GXSJ" IS NULL OR "SRC"."GXSJ" <= TO_DATE(SUBSTR(:4, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) OR (("SRC"."GXSJ" >= TO_DATE(SUBSTR(:5, 1, 19), 'YYYY-MM-DD HH24:MI:SS') OR (("SRC"."GXSJ" > TO_DATE(SUBSTR(:6, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) OR ("SRC"."GXSJ" = TO_DATE(SUBSTR(:7, 1, 19), 'YYYY-MM-DD HH24:MI:SS') AND "SRC"."SLBH" > :8) OR ("SRC"."GXSJ" = TO_DATE(SUBSTR(:9, 1, 19), 'YYYY-MM-DD HH24:MI:SS') AND "SRC"."SLBH" = :10 AND "SRC"."XH" >= :11))) AND "SRC"."GXSJ" <= TO_DATE(SUBSTR(:12, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) OR "SRC"."GXSJ" > TO_DATE(SUBSTR(:13, 1, 19), 'YYYY-MM-DD HH24:MI:SS')) AND ("ZT" IN (:14, :15)) ORDER BY "SRC"."GXSJ" NULLS FIRST, "SRC"."SLBH" NULLS FIRST, "SRC"."XH" NULLS FIRST
  1000-01-01  2026-01-01 13:05:00.000000  2026-01-01 10:00:00.5  1000-01-01  2026-01-01 11:50:00  2026-01-01 11:00:00  2026-01-01 11:00:00  A1  2026-01-01 11:00:00  A1  3  2026-01-01 13:00:00.000000  2026-01-01 13:05:00.000000  1  2

SELECT "SRC"."SLBH" AS "SLBH", TO_CHAR("SRC"."GXSJ", 'YYYY-MM-DD HH24:MI:SS') AS "GXSJ", "SRC"."FLAG" AS "FLAG" FROM "GJJ"."V_办件" "SRC" WHERE ("ZT" IN (:1, :2))
  1  2

SELECT CASE WHEN ([src].[gxsj] IS NULL OR [src].[gxsj] <= CONVERT(datetime, LEFT(@p1, 23), 121)) THEN 0 WHEN [src].[gxsj] > CONVERT(datetime, LEFT(@p2, 23), 121) THEN 3 ELSE 2 END AS [class_], [src].[slbh] AS [slbh], CONVERT(varchar(27), [src].[gxsj], 121) AS [gxsj], CAST([src].[flag] AS tinyint) AS [flag], [src].[xh] FROM [gjj].[v_办件] [src] WHERE (([src].[gxsj] IS NULL OR [src].[gxsj] <= CONVERT(datetime, LEFT(@p3, 23), 121)) OR ([src].[gxsj] > CONVERT(datetime, LEFT(@p4, 23), 121) AND [src].[gxsj] <= CONVERT(datetime, LEFT(@p5, 23), 121)) OR [src].[gxsj] > CONVERT(datetime, LEFT(@p6, 23), 121)) AND ([zt] IN (@p7, @p8)) ORDER BY [src].[gxsj], [src].[slbh], [src].[xh]
  1900-01-01  2026-01-01 13:05:00.000000  1900-01-01  1900-01-01  2026-01-01 13:00:00.000000  2026-01-01 13:05:00.000000  1  2

SELECT [src].[slbh] AS [slbh], CONVERT(varchar(27), [src].[gxsj], 121) AS [gxsj], CAST([src].[flag] AS tinyint) AS [flag] FROM [gjj].[v_办件] [src] WHERE ([zt] IN (@p1, @p2))
  1  2

SELECT CASE WHEN ([src].[gxsj] IS NULL OR [src].[gxsj] <= CONVERT(datetime, LEFT(@p1, 23), 121)) THEN 0 WHEN [src].[gxsj] > CONVERT(datetime, LEFT(@p2, 23), 121) THEN 3 WHEN [src].[gxsj] <= CONVERT(datetime, LEFT(@p3, 23), 121) THEN 1 ELSE 2 END AS [class_], [src].[slbh] AS [slbh], CONVERT(varchar(27), [src].[gxsj], 121) AS [gxsj], CAST([src].[flag] AS tinyint) AS [flag], [src].[xh] FROM [gjj].[v_办件] [src] WHERE (([src].[gxsj] IS NULL OR [src].[gxsj] <= CONVERT(datetime, LEFT(@p4, 23), 121)) OR ([src].[gxsj] >= CONVERT(datetime, LEFT(@p5, 23), 121) AND [src].[gxsj] <= CONVERT(datetime, LEFT(@p6, 23), 121)) OR [src].[gxsj] > CONVERT(datetime, LEFT(@p7, 23), 121)) AND ([zt] IN (@p8, @p9)) ORDER BY [src].[gxsj], [src].[slbh], [src].[xh]
  1900-01-01  2026-01-01 13:05:00.000000  2026-01-01 10:00:00.5  1900-01-01  2026-01-01 09:50:00.5  2026-01-01 13:00:00.000000  2026-01-01 13:05:00.000000  1  2

SELECT [src].[slbh] AS [slbh], CONVERT(varchar(27), [src].[gxsj], 121) AS [gxsj], CAST([src].[flag] AS tinyint) AS [flag] FROM [gjj].[v_办件] [src] WHERE ([zt] IN (@p1, @p2))
  1  2

SELECT CASE WHEN ([src].[gxsj] IS NULL OR [src].[gxsj] <= CONVERT(datetime, LEFT(@p1, 23), 121)) THEN 0 WHEN [src].[gxsj] > CONVERT(datetime, LEFT(@p2, 23), 121) THEN 3 WHEN [src].[gxsj] <= CONVERT(datetime, LEFT(@p3, 23), 121) THEN 1 ELSE 2 END AS [class_], [src].[slbh] AS [slbh], CONVERT(varchar(27), [src].[gxsj], 121) AS [gxsj], CAST([src].[flag] AS tinyint) AS [flag], [src].[xh] FROM [gjj].[v_办件] [src] WHERE (([src].[gxsj] IS NULL OR [src].[gxsj] <= CONVERT(datetime, LEFT(@p4, 23), 121)) OR (([src].[gxsj] >= CONVERT(datetime, LEFT(@p5, 23), 121) OR (([src].[gxsj] > CONVERT(datetime, LEFT(@p6, 23), 121)) OR ([src].[gxsj] = CONVERT(datetime, LEFT(@p7, 23), 121) AND [src].[slbh] > @p8) OR ([src].[gxsj] = CONVERT(datetime, LEFT(@p9, 23), 121) AND [src].[slbh] = @p10 AND [src].[xh] >= @p11))) AND [src].[gxsj] <= CONVERT(datetime, LEFT(@p12, 23), 121)) OR [src].[gxsj] > CONVERT(datetime, LEFT(@p13, 23), 121)) AND ([zt] IN (@p14, @p15)) ORDER BY [src].[gxsj], [src].[slbh], [src].[xh]
  1900-01-01  2026-01-01 13:05:00.000000  2026-01-01 10:00:00.5  1900-01-01  2026-01-01 11:50:00  2026-01-01 11:00:00  2026-01-01 11:00:00  A1  2026-01-01 11:00:00  A1  3  2026-01-01 13:00:00.000000  2026-01-01 13:05:00.000000  1  2

SELECT [src].[slbh] AS [slbh], CONVERT(varchar(27), [src].[gxsj], 121) AS [gxsj], CAST([src].[flag] AS tinyint) AS [flag] FROM [gjj].[v_办件] [src] WHERE ([zt] IN (@p1, @p2))
  1  2

