-- 办结（case/result）视图 / view for result, PostgreSQL
-- 1. 把 <字段名> 换成本系统的列或表达式（前面加 src.），把 <TABLE> 换成表名，需要时在 FROM 后关联其他表。
--    Put a column or an expression of yours where <field> stands, the table for <TABLE>, and join what is needed.
-- 2. 标“可选”的列没有就留着 NULL，有就换成列。代码不必改写，保留本系统的取值，由映射转换。
--    Optional columns stay NULL where there is nothing; codes stay as they are, the mapping translates them.
-- 3. 列名不要改。更新时间须随每次改动变化（含关联的表），并建索引。
--    Keep the column names. The time of change moves with every change, joined tables included, and has an index.
-- 注意：本脚本未在真实的 PostgreSQL 上运行过，请先在测试库试用。
-- Note: this script was not run against a real server of PostgreSQL; try it on a test database first.

CREATE VIEW v_banjian_result AS
SELECT
  -- ── 键与更新时间 / key and time of change
  -- 部门受理号；文本，最长 64 字
  <local_no> AS local_no,
  -- 受理轮次；整数；同一受理号重新受理时递增，从不重新受理的写 1
  <round> AS round,
  -- 来源更新时间；日期时间（北京时间）；增量读取用
  <changed_at> AS changed_at,
  -- ── 必填 / required
  -- 办结结果；代码；标准取值：issued 出证办结、granted 准予、refused 不予许可、returned 退回、void 作废、deleted 删除、forwarded 转报、lapsed 补正不来、withdrawn 申请人撤回、not_accepted 不予受理、done_other 其他办结
  <result_code> AS result_code,
  -- 结果描述；文本，最长 2000 字
  <result_text> AS result_text,
  -- 办结时间；日期时间（北京时间）
  <finished_at> AS finished_at,
  -- 审批人；文本，最长 100 字
  <user> AS "user",
  -- 办结部门编码；文本，最长 18 字
  <dept_code> AS dept_code,
  -- 办结部门名称；文本，最长 100 字
  <dept_name> AS dept_name,
  -- 区划；行政区划代码，12 位，可只给前 6 位
  <region> AS region,
  -- ── 可选：没有就留 NULL / optional: NULL where there is nothing
  -- 来源主键；文本，最长 200 字
  CAST(NULL AS VARCHAR(200)) AS source_pk,
  -- 申报流水号；文本，最长 50 字
  CAST(NULL AS VARCHAR(50)) AS flow_no,
  -- 办件编号；文本，最长 50 字
  CAST(NULL AS VARCHAR(50)) AS case_no,
  -- 公开属性；代码；标准取值：open 可公开、restricted 不宜公开、classified 涉密
  CAST(NULL AS VARCHAR(32)) AS secrecy,
  -- 备注；文本，最长 1000 字
  CAST(NULL AS VARCHAR(1000)) AS remark,
  -- 事项编码；文本，最长 50 字
  CAST(NULL AS VARCHAR(50)) AS item_code,
  -- 作废或退回原因；文本，最长 2000 字；当 result_code in ['refused', 'returned', 'void', 'deleted', 'lapsed', 'withdrawn', 'not_accepted'] 时必填
  CAST(NULL AS VARCHAR(2000)) AS failure_reason,
  -- 审批人代码；文本，最长 64 字
  CAST(NULL AS VARCHAR(64)) AS user_no,
  -- 证件名称；文本，多个用、分隔；当 result_code == 'issued' 时必填
  CAST(NULL AS TEXT) AS licence_name,
  -- 证件编号；文本，多个用、分隔；当 result_code == 'issued' 时必填
  CAST(NULL AS TEXT) AS licence_no,
  -- 有效期限；文本，最长 100 字
  CAST(NULL AS VARCHAR(100)) AS licence_valid,
  -- 发证单位；文本，最长 100 字
  CAST(NULL AS VARCHAR(100)) AS licence_issuer,
  -- 收费金额；数值，最多 16 位，其中小数 2 位
  CAST(NULL AS NUMERIC(16,2)) AS fee,
  -- 币种；文本，最长 3 字
  CAST(NULL AS VARCHAR(3)) AS fee_currency,
  -- 是否收费；是否，1 是 0 否
  CAST(NULL AS SMALLINT) AS is_charged,
  -- 是否快递递送；是否，1 是 0 否
  CAST(NULL AS SMALLINT) AS is_delivered,
  -- 领取人姓名；文本，最长 100 字
  CAST(NULL AS VARCHAR(100)) AS pickup_name,
  -- 领取人证件类型；代码；标准取值：001 统一社会信用代码、111 身份证、112 临时身份证、113 户口簿、114 中国人民解放军军官证、115 中国人民武装警察部队警官证、116 暂住证、117 出生医学证明、118 中国人民解放军士兵证、119 中国人民武装警察部队士兵证、121 法官证、123 人民警察证、125 检察官证、127 律师证、129 记者证、131 工作证、133 学生证、151 出入证、153 临时出入证、154 居住证、……共 127 种（代码集 id_type）
  CAST(NULL AS VARCHAR(32)) AS pickup_id_type,
  -- 领取人证件号码；文本，最长 64 字
  CAST(NULL AS VARCHAR(64)) AS pickup_id_no,
  -- 领取方式；代码；标准取值：window 窗口、mail 邮寄
  CAST(NULL AS VARCHAR(32)) AS pickup_way,
  -- 领取时间；日期时间（北京时间）
  CAST(NULL AS TIMESTAMP(0)) AS pickup_at,
  -- 满意度；代码；标准取值：1 非常满意、2 满意、3 基本满意、4 不满意、5 非常不满意
  CAST(NULL AS VARCHAR(32)) AS satisfaction,
  -- 备用；文本，最长 200 字
  CAST(NULL AS VARCHAR(200)) AS spare
FROM <TABLE> src;

-- ── 只读账号：只能读这个视图，同时最多 2 个连接 / read-only account: this view only, 2 connections at most
-- 换掉 <PASSWORD>（DBA 自定的强口令，带单引号）和 <SCHEMA>（视图所在的模式）。
-- Replace <PASSWORD> (a strong one of the DBA's own, in single quotes) and <SCHEMA> (of the view).
CREATE ROLE banjian_ro LOGIN PASSWORD <PASSWORD> CONNECTION LIMIT 2;
ALTER ROLE banjian_ro SET default_transaction_read_only = on;
ALTER ROLE banjian_ro SET statement_timeout = '30min';
GRANT USAGE ON SCHEMA <SCHEMA> TO banjian_ro;
GRANT SELECT ON <SCHEMA>.v_banjian_result TO banjian_ro;
