CREATE TABLE province_evainstance_ck (
  Rowguid varchar(64) NULL,
  Flag varchar(64) NULL,
  projectno varchar(64) NULL,
  Datasource varchar(64) NULL,
  Assessnumber varchar(64) NULL,
  isdefault varchar(64) NULL,
  EffectivEvalua varchar(64) NULL,
  areacode varchar(64) NULL,
  Prostatus varchar(64) NULL,
  Evalevel varchar(64) NULL,
  evalDetail varchar(200) NULL,
  writingEvaluation text NULL,
  satisfaction varchar(64) NULL,
  assessTime timestamp(0) NULL,
  pf varchar(64) NULL,
  taskname varchar(200) NULL,
  taskcode varchar(64) NULL,
  taskhandleitem varchar(64) NULL,
  promisetime varchar(64) NULL,
  deptcode varchar(64) NULL,
  prodepart varchar(200) NULL,
  userprop varchar(64) NULL,
  username varchar(200) NULL,
  applicant varchar(200) NULL,
  certkey varchar(64) NULL,
  certkeygov varchar(64) NULL,
  acceptdate timestamp(0) NULL,
  createdate timestamp(0) NULL,
  mobile varchar(64) NULL,
  servicenumber varchar(64) NULL,
  answerStatus varchar(64) NULL,
  Appstatus varchar(64) NULL
);
COMMENT ON TABLE province_evainstance_ck IS '评价实例（省级好差评）';
COMMENT ON COLUMN province_evainstance_ck.Rowguid IS '主键';
COMMENT ON COLUMN province_evainstance_ck.Flag IS '同步类型';
COMMENT ON COLUMN province_evainstance_ck.projectno IS '办件编号';
COMMENT ON COLUMN province_evainstance_ck.Datasource IS '数据来源';
COMMENT ON COLUMN province_evainstance_ck.Assessnumber IS '评价次数';
COMMENT ON COLUMN province_evainstance_ck.isdefault IS '是否默认评价';
COMMENT ON COLUMN province_evainstance_ck.EffectivEvalua IS '是否有效评价';
COMMENT ON COLUMN province_evainstance_ck.areacode IS '所属辖区';
COMMENT ON COLUMN province_evainstance_ck.Prostatus IS '办件状态';
COMMENT ON COLUMN province_evainstance_ck.Evalevel IS '评价等级';
COMMENT ON COLUMN province_evainstance_ck.evalDetail IS '评价详情';
COMMENT ON COLUMN province_evainstance_ck.writingEvaluation IS '输入评价详情';
COMMENT ON COLUMN province_evainstance_ck.satisfaction IS '满意度';
COMMENT ON COLUMN province_evainstance_ck.assessTime IS '评价时间';
COMMENT ON COLUMN province_evainstance_ck.pf IS '评价渠道/终端';
COMMENT ON COLUMN province_evainstance_ck.taskname IS '事项名称';
COMMENT ON COLUMN province_evainstance_ck.taskcode IS '事项编码';
COMMENT ON COLUMN province_evainstance_ck.taskhandleitem IS '业务办理项编码';
COMMENT ON COLUMN province_evainstance_ck.promisetime IS '承诺时间';
COMMENT ON COLUMN province_evainstance_ck.deptcode IS '部门编码';
COMMENT ON COLUMN province_evainstance_ck.prodepart IS '办理部门';
COMMENT ON COLUMN province_evainstance_ck.userprop IS '申请人类型';
COMMENT ON COLUMN province_evainstance_ck.username IS '评价人';
COMMENT ON COLUMN province_evainstance_ck.applicant IS '申请人';
COMMENT ON COLUMN province_evainstance_ck.certkey IS '证件散列/号码';
COMMENT ON COLUMN province_evainstance_ck.certkeygov IS '单位证件号码';
COMMENT ON COLUMN province_evainstance_ck.acceptdate IS '受理时间';
COMMENT ON COLUMN province_evainstance_ck.createdate IS '创建时间';
COMMENT ON COLUMN province_evainstance_ck.mobile IS '联系方式';
COMMENT ON COLUMN province_evainstance_ck.servicenumber IS '服务次数';
COMMENT ON COLUMN province_evainstance_ck.answerStatus IS '答复状态';
COMMENT ON COLUMN province_evainstance_ck.Appstatus IS '申诉状态';
CREATE INDEX idx_province_evainstance_ck_key ON province_evainstance_ck (projectno, Assessnumber);
