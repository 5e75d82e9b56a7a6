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
SELECT COUNT(*), SUM(CASE WHEN ([src].[gxsj] IS NULL OR [src].[gxsj] <= CONVERT(datetime, LEFT(@p1, 23), 121)) THEN 1 ELSE 0 END), SUM(CASE WHEN [src].[slbh] IS NULL OR [src].[slbh] = '' THEN 1 ELSE 0 END), SUM(CASE WHEN [src].[slbh] IS NULL THEN 1 ELSE 0 END) FROM [gjj].[v_bj] [src] WHERE ([slbh] > @p2)
SELECT COUNT(*) FROM [gjj].[v_bj] [src] WHERE [src].[gxsj] > CONVERT(datetime, LEFT(@p1, 23), 121)
SELECT 1 FROM sys.index_columns i JOIN sys.columns c ON c.object_id = i.object_id AND c.column_id = i.column_id JOIN sys.objects o ON o.object_id = i.object_id WHERE o.schema_id = SCHEMA_ID(COALESCE(NULLIF(@p1, ''), SCHEMA_NAME())) AND o.name = @p2 AND c.name = @p3 AND i.key_ordinal = 1
SELECT TOP (200) [src].[slbh], CASE WHEN DATALENGTH([src].[nr]) <= 16777216 THEN CAST([src].[nr] AS nvarchar(max)) END, CONVERT(varchar(27), [src].[gxsj], 121) FROM [gjj].[v_bj] [src]
SELECT TOP (1000) COUNT(*), [src].[slbh] COLLATE Latin1_General_BIN2 FROM [gjj].[v_bj] [src] WHERE ([slbh] > @p1) AND NOT ([src].[slbh] IS NULL OR [src].[slbh] = '') GROUP BY [src].[slbh] COLLATE Latin1_General_BIN2 HAVING COUNT(*) > 1

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

