CREATE TABLE province_evainstance_ck (
  Rowguid VARCHAR2(64 CHAR) NULL,
  Flag VARCHAR2(64 CHAR) NULL,
  projectno VARCHAR2(64 CHAR) NULL,
  Datasource VARCHAR2(64 CHAR) NULL,
  Assessnumber VARCHAR2(64 CHAR) NULL,
  isdefault VARCHAR2(64 CHAR) NULL,
  EffectivEvalua VARCHAR2(64 CHAR) NULL,
  areacode VARCHAR2(64 CHAR) NULL,
  Prostatus VARCHAR2(64 CHAR) NULL,
  Evalevel VARCHAR2(64 CHAR) NULL,
  evalDetail VARCHAR2(200 CHAR) NULL,
  writingEvaluation CLOB NULL,
  satisfaction VARCHAR2(64 CHAR) NULL,
  assessTime DATE NULL,
  pf VARCHAR2(64 CHAR) NULL,
  taskname VARCHAR2(200 CHAR) NULL,
  taskcode VARCHAR2(64 CHAR) NULL,
  taskhandleitem VARCHAR2(64 CHAR) NULL,
  promisetime VARCHAR2(64 CHAR) NULL,
  deptcode VARCHAR2(64 CHAR) NULL,
  prodepart VARCHAR2(200 CHAR) NULL,
  userprop VARCHAR2(64 CHAR) NULL,
  username VARCHAR2(200 CHAR) NULL,
  applicant VARCHAR2(200 CHAR) NULL,
  certkey VARCHAR2(64 CHAR) NULL,
  certkeygov VARCHAR2(64 CHAR) NULL,
  acceptdate DATE NULL,
  createdate DATE NULL,
  mobile VARCHAR2(64 CHAR) NULL,
  servicenumber VARCHAR2(64 CHAR) NULL,
  answerStatus VARCHAR2(64 CHAR) NULL,
  Appstatus VARCHAR2(64 CHAR) NULL
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
CREATE INDEX idx_province_evainstanc_48095a ON province_evainstance_ck (projectno, Assessnumber);
