mysql LONGTEXT
  SELECT CASE WHEN OCTET_LENGTH(`src`.`nr`) > 1048576 THEN OCTET_LENGTH(`src`.`nr`) END, `src`.`slbh` AS `slbh`, CASE WHEN OCTET_LENGTH(`src`.`nr`) <= 1048576 THEN `src`.`nr` END AS `nr` FROM `v` `src`
postgres TEXT
  SELECT CASE WHEN octet_length("src"."nr") > 1048576 THEN octet_length("src"."nr") END, "src"."slbh"::text AS "slbh", CASE WHEN octet_length("src"."nr") <= 1048576 THEN "src"."nr" END AS "nr" FROM "v" "src"
oracle OCIClobLocator
  SELECT CASE WHEN DBMS_LOB.GETLENGTH("SRC"."NR") > 1048576 THEN DBMS_LOB.GETLENGTH("SRC"."NR") END, "SRC"."SLBH" AS "SLBH", CASE WHEN DBMS_LOB.GETLENGTH("SRC"."NR") <= 1048576 THEN "SRC"."NR" END AS "NR" FROM "V" "SRC"
dm CLOB
  SELECT CASE WHEN DBMS_LOB.GETLENGTH("SRC"."NR") > 1048576 THEN DBMS_LOB.GETLENGTH("SRC"."NR") END, "SRC"."SLBH" AS "SLBH", CASE WHEN DBMS_LOB.GETLENGTH("SRC"."NR") <= 1048576 THEN "SRC"."NR" END AS "NR" FROM "V" "SRC"
sqlserver NTEXT
  SELECT CASE WHEN DATALENGTH([src].[nr]) > 1048576 THEN DATALENGTH([src].[nr]) END, [src].[slbh] AS [slbh], CASE WHEN DATALENGTH([src].[nr]) <= 1048576 THEN CAST([src].[nr] AS nvarchar(max)) END AS [nr] FROM [v] [src]
sqlite TEXT
  SELECT `src`.`slbh` AS `slbh`, `src`.`nr` AS `nr` FROM `v` `src`
oracle LONG
  SELECT "SRC"."SLBH" AS "SLBH", "SRC"."NR" AS "NR" FROM "V" "SRC"
