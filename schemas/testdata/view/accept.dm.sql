-- 受理（case/accept）视图 / view for acceptance, 达梦 DM8
-- 1. 把 <字段名> 换成本系统的列或表达式（前面加 src.），把 <TABLE> 换成表名，需要时在 FROM 后关联其他表。
--    Put a column or an expression of yours where <field> stands, the table for <TABLE>, and join what is needed.
-- 2. 标“可选”的列没有就留着 NULL，有就换成列。代码不必改写，保留本系统的取值，由映射转换。
--    Optional columns stay NULL where there is nothing; codes stay as they are, the mapping translates them.
-- 3. 列名不要改。更新时间须随每次改动变化（含关联的表），并建索引。
--    Keep the column names. The time of change moves with every change, joined tables included, and has an index.
-- 注意：本脚本未在真实的 达梦 DM8 上运行过，请先在测试库试用。
-- Note: this script was not run against a real server of 达梦 DM8; try it on a test database first.

CREATE VIEW v_banjian_accept AS
SELECT
  -- ── 键与更新时间 / key and time of change
  -- 部门受理号；文本，最长 64 字
  <local_no> AS local_no,
  -- 受理轮次；整数；同一受理号重新受理时递增，从不重新受理的写 1
  <round> AS round,
  -- 来源更新时间；日期时间（北京时间）；增量读取用
  <changed_at> AS changed_at,
  -- ── 必填 / required
  -- 受理状态；代码；标准取值：accept 受理、refuse 不予受理、not_competent 不受理
  <decision> AS decision,
  -- 受理时间；日期时间（北京时间）
  <accepted_at> AS accepted_at,
  -- 受理人；文本，最长 100 字
  <accept_user> AS accept_user,
  -- 受理区划；行政区划代码，12 位，可只给前 6 位
  <accept_region> AS accept_region,
  -- 受理部门编码；文本，最长 18 字
  <dept_code> AS dept_code,
  -- 受理部门名称；文本，最长 100 字
  <dept_name> AS dept_name,
  -- 事项编码；文本，最长 50 字
  <item_code> AS item_code,
  -- 事项名称；文本，最长 1000 字
  <item_name> AS item_name,
  -- 事项所属区划；行政区划代码，12 位，可只给前 6 位
  <item_region> AS item_region,
  -- 申请人类型；代码；标准取值：1 自然人、2 企业法人、3 事业法人、4 社会组织法人、5 非法人企业、6 行政机关、9 其他组织
  <applicant_type> AS applicant_type,
  -- 申请人名称；文本，最长 100 字
  <applicant_name> AS applicant_name,
  -- 申请人证件类型；代码；标准取值：001 统一社会信用代码、111 身份证、112 临时身份证、113 户口簿、114 中国人民解放军军官证、115 中国人民武装警察部队警官证、116 暂住证、117 出生医学证明、118 中国人民解放军士兵证、119 中国人民武装警察部队士兵证、121 法官证、123 人民警察证、125 检察官证、127 律师证、129 记者证、131 工作证、133 学生证、151 出入证、153 临时出入证、154 居住证、……共 127 种（代码集 id_type）
  <applicant_id_type> AS applicant_id_type,
  -- 办理类型；代码；标准取值：instant 即办件、promised 承诺件、joint 联办件、reported 上报件、other 其他
  <handling_type> AS handling_type,
  -- ── 可选：没有就留 NULL / optional: NULL where there is nothing
  -- 来源主键；文本，最长 200 字
  CAST(NULL AS VARCHAR2(200 CHAR)) AS source_pk,
  -- 申报流水号；文本，最长 50 字
  CAST(NULL AS VARCHAR2(50 CHAR)) AS flow_no,
  -- 办件编号；文本，最长 50 字
  CAST(NULL AS VARCHAR2(50 CHAR)) AS case_no,
  -- 公开属性；代码；标准取值：open 可公开、restricted 不宜公开、classified 涉密
  CAST(NULL AS VARCHAR2(32 CHAR)) AS secrecy,
  -- 备注；文本，最长 1000 字
  CAST(NULL AS VARCHAR2(1000 CHAR)) AS remark,
  -- 受理人工号；文本，最长 64 字
  CAST(NULL AS VARCHAR2(64 CHAR)) AS accept_user_no,
  -- 受理意见或不予受理原因；文本，最长 2000 字；当 decision != 'accept' 时必填
  CAST(NULL AS VARCHAR2(4000)) AS accept_opinion,
  -- 受理区划名称；文本，最长 100 字
  CAST(NULL AS VARCHAR2(100 CHAR)) AS accept_region_name,
  -- 预审时间；日期时间（北京时间）
  CAST(NULL AS DATE) AS pre_at,
  -- 预审人；文本，最长 100 字
  CAST(NULL AS VARCHAR2(100 CHAR)) AS pre_user,
  -- 预审人工号；文本，最长 64 字
  CAST(NULL AS VARCHAR2(64 CHAR)) AS pre_user_no,
  -- 预审状态；代码；标准取值：pass 预审通过、fail 预审不通过
  CAST(NULL AS VARCHAR2(32 CHAR)) AS pre_state,
  -- 预审意见；文本，最长 2000 字
  CAST(NULL AS VARCHAR2(4000)) AS pre_opinion,
  -- 预审区划；行政区划代码，12 位，可只给前 6 位
  CAST(NULL AS VARCHAR2(12 CHAR)) AS pre_region,
  -- 预审区划名称；文本，最长 100 字
  CAST(NULL AS VARCHAR2(100 CHAR)) AS pre_region_name,
  -- 预审部门编码；文本，最长 18 字
  CAST(NULL AS VARCHAR2(18 CHAR)) AS pre_dept_code,
  -- 预审部门名称；文本，最长 100 字
  CAST(NULL AS VARCHAR2(100 CHAR)) AS pre_dept_name,
  -- 事项短码；文本，最长 50 字
  CAST(NULL AS VARCHAR2(50 CHAR)) AS item_code_short,
  -- 基本编码；文本，最长 12 字
  CAST(NULL AS VARCHAR2(12 CHAR)) AS catalog_code,
  -- 实施编码；文本，最长 36 字
  CAST(NULL AS VARCHAR2(36 CHAR)) AS task_code,
  -- 业务办理项编码；文本，最长 50 字
  CAST(NULL AS VARCHAR2(50 CHAR)) AS handle_item_code,
  -- 地方基本编码；文本，最长 50 字
  CAST(NULL AS VARCHAR2(50 CHAR)) AS local_catalog_code,
  -- 地方实施编码；文本，最长 50 字
  CAST(NULL AS VARCHAR2(50 CHAR)) AS local_task_code,
  -- 事项版本；整数
  CAST(NULL AS NUMBER(18)) AS item_version,
  -- 事项版本编码；文本，最长 64 字
  CAST(NULL AS VARCHAR2(64 CHAR)) AS item_version_code,
  -- 情形编码；文本，最长 64 字
  CAST(NULL AS VARCHAR2(64 CHAR)) AS situation_code,
  -- 父事项编码；文本，最长 50 字
  CAST(NULL AS VARCHAR2(50 CHAR)) AS parent_item_code,
  -- 父事项名称；文本，最长 200 字
  CAST(NULL AS VARCHAR2(200 CHAR)) AS parent_item_name,
  -- 申请人证件号码；文本，最长 64 字；当 applicant_id_type != '990' 时必填
  CAST(NULL AS VARCHAR2(64 CHAR)) AS applicant_id_no,
  -- 法定代表人或负责人；文本，最长 100 字
  CAST(NULL AS VARCHAR2(100 CHAR)) AS legal_rep,
  -- 联系人或代理人姓名；文本，最长 100 字
  CAST(NULL AS VARCHAR2(100 CHAR)) AS contact_name,
  -- 联系人证件类型；代码；标准取值：001 统一社会信用代码、111 身份证、112 临时身份证、113 户口簿、114 中国人民解放军军官证、115 中国人民武装警察部队警官证、116 暂住证、117 出生医学证明、118 中国人民解放军士兵证、119 中国人民武装警察部队士兵证、121 法官证、123 人民警察证、125 检察官证、127 律师证、129 记者证、131 工作证、133 学生证、151 出入证、153 临时出入证、154 居住证、……共 127 种（代码集 id_type）
  CAST(NULL AS VARCHAR2(32 CHAR)) AS contact_id_type,
  -- 联系人证件号码；文本，最长 50 字
  CAST(NULL AS VARCHAR2(50 CHAR)) AS contact_id_no,
  -- 联系人手机；文本，最长 11 字
  CAST(NULL AS VARCHAR2(11 CHAR)) AS contact_mobile,
  -- 联系电话；文本，最长 40 字
  CAST(NULL AS VARCHAR2(40 CHAR)) AS contact_phone,
  -- 邮箱；文本，最长 100 字
  CAST(NULL AS VARCHAR2(100 CHAR)) AS contact_email,
  -- 邮编；文本，最长 6 字
  CAST(NULL AS VARCHAR2(6 CHAR)) AS zip_code,
  -- 通讯地址；文本，最长 1000 字
  CAST(NULL AS VARCHAR2(1000 CHAR)) AS address,
  -- 是否有代办人；是否，1 是 0 否
  CAST(NULL AS NUMBER(1)) AS has_agent,
  -- 代办人姓名；文本，最长 100 字
  CAST(NULL AS VARCHAR2(100 CHAR)) AS agent_name,
  -- 代办人证件类型；代码；标准取值：001 统一社会信用代码、111 身份证、112 临时身份证、113 户口簿、114 中国人民解放军军官证、115 中国人民武装警察部队警官证、116 暂住证、117 出生医学证明、118 中国人民解放军士兵证、119 中国人民武装警察部队士兵证、121 法官证、123 人民警察证、125 检察官证、127 律师证、129 记者证、131 工作证、133 学生证、151 出入证、153 临时出入证、154 居住证、……共 127 种（代码集 id_type）
  CAST(NULL AS VARCHAR2(32 CHAR)) AS agent_id_type,
  -- 代办人证件号码；文本，最长 50 字
  CAST(NULL AS VARCHAR2(50 CHAR)) AS agent_id_no,
  -- 代办人联系电话；文本，最长 40 字
  CAST(NULL AS VARCHAR2(40 CHAR)) AS agent_phone,
  -- 申请时间；日期时间（北京时间）
  CAST(NULL AS DATE) AS applied_at,
  -- 申报渠道；代码；标准取值：window 窗口、web 网站、app 移动应用、wechat 微信、alipay 支付宝、self_service 自助终端、mail 邮寄、exchange 数据交换、other 其他
  CAST(NULL AS VARCHAR2(32 CHAR)) AS channel,
  -- 受理文书编号；文本，最长 50 字
  CAST(NULL AS VARCHAR2(50 CHAR)) AS accept_doc_no,
  -- 办理摘要；文本，最长 1000 字
  CAST(NULL AS VARCHAR2(1000 CHAR)) AS case_title,
  -- 承诺时限；整数
  CAST(NULL AS NUMBER(18)) AS promise_limit,
  -- 承诺时限单位；代码；标准取值：workday 工作日、day 自然日、hour 小时、minute 分钟、month 月
  CAST(NULL AS VARCHAR2(32 CHAR)) AS promise_unit,
  -- 法定时限；整数
  CAST(NULL AS NUMBER(18)) AS legal_limit,
  -- 法定时限单位；代码；标准取值：workday 工作日、day 自然日、hour 小时、minute 分钟、month 月
  CAST(NULL AS VARCHAR2(32 CHAR)) AS legal_unit,
  -- 承诺办结时间；日期时间（北京时间）；当 handling_type == 'promised' 时必填
  CAST(NULL AS DATE) AS promised_at,
  -- 查询密码；文本，最长 32 字
  CAST(NULL AS VARCHAR2(32 CHAR)) AS query_code,
  -- 联办号；文本，最长 64 字
  CAST(NULL AS VARCHAR2(64 CHAR)) AS group_no,
  -- 联办角色；代码；标准取值：lead 牵头、member 协办
  CAST(NULL AS VARCHAR2(32 CHAR)) AS group_role,
  -- 投资项目编号；文本，最长 32 字
  CAST(NULL AS VARCHAR2(32 CHAR)) AS project_code,
  -- 办件详情地址；文本，最长 500 字
  CAST(NULL AS VARCHAR2(500 CHAR)) AS detail_url
FROM <TABLE> src;

-- ── 只读账号：只能读这个视图，同时最多 2 个会话 / read-only account: this view only, 2 sessions at most
-- 换掉 <PASSWORD>（DBA 自定的强口令，带双引号）和 <OWNER>（视图所在的模式）。
-- Replace <PASSWORD> (a strong one of the DBA's own, in double quotes) and <OWNER> (the schema of the view).
CREATE USER banjian_ro IDENTIFIED BY <PASSWORD> LIMIT SESSION_PER_USER 2, CONNECT_IDLE_TIME 30, FAILED_LOGIN_ATTEMPS 10;
GRANT CREATE SESSION TO banjian_ro;
GRANT SELECT ON <OWNER>.v_banjian_accept TO banjian_ro;
