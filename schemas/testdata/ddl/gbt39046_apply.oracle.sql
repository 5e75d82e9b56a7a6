CREATE TABLE gbt39046_apply (
  project_no VARCHAR2(50 CHAR) NULL,
  task_code VARCHAR2(24 CHAR) NULL,
  task_name VARCHAR2(200 CHAR) NULL,
  project_type_name VARCHAR2(20 CHAR) NULL,
  project_type CHAR(1 CHAR) NULL,
  applicant_name VARCHAR2(100 CHAR) NULL,
  applicant_id_type CHAR(3 CHAR) NULL,
  applicant_id_no VARCHAR2(18 CHAR) NULL,
  contact_name VARCHAR2(30 CHAR) NULL,
  contact_id_type CHAR(3 CHAR) NULL,
  contact_id_no VARCHAR2(18 CHAR) NULL,
  contact_mobile VARCHAR2(18 CHAR) NULL,
  zip_code CHAR(6 CHAR) NULL,
  address VARCHAR2(100 CHAR) NULL,
  legal_rep VARCHAR2(30 CHAR) NULL,
  handle_type CHAR(1 CHAR) NULL,
  applied_at DATE NULL,
  project_code VARCHAR2(24 CHAR) NULL,
  region VARCHAR2(9 CHAR) NULL,
  material_name VARCHAR2(200 CHAR) NULL,
  material_got CHAR(1 CHAR) NULL,
  get_type VARCHAR2(20 CHAR) NULL,
  get_num NUMBER(10) NULL,
  got_at DATE NULL,
  attachment BLOB NULL
);
COMMENT ON TABLE gbt39046_apply IS '办事申请';
COMMENT ON COLUMN gbt39046_apply.project_no IS '办件编号';
COMMENT ON COLUMN gbt39046_apply.task_code IS '实施编码';
COMMENT ON COLUMN gbt39046_apply.task_name IS '事项名称';
COMMENT ON COLUMN gbt39046_apply.project_type_name IS '办件类型';
COMMENT ON COLUMN gbt39046_apply.project_type IS '办件类型代码';
COMMENT ON COLUMN gbt39046_apply.applicant_name IS '申请者名称';
COMMENT ON COLUMN gbt39046_apply.applicant_id_type IS '申请者证件类型代码';
COMMENT ON COLUMN gbt39046_apply.applicant_id_no IS '申请者证件号码';
COMMENT ON COLUMN gbt39046_apply.contact_name IS '联系人/代理人姓名';
COMMENT ON COLUMN gbt39046_apply.contact_id_type IS '联系人/代理人证件类型代码';
COMMENT ON COLUMN gbt39046_apply.contact_id_no IS '联系人/代理人证件号码';
COMMENT ON COLUMN gbt39046_apply.contact_mobile IS '联系人手机号码';
COMMENT ON COLUMN gbt39046_apply.zip_code IS '邮政编码';
COMMENT ON COLUMN gbt39046_apply.address IS '通讯地址';
COMMENT ON COLUMN gbt39046_apply.legal_rep IS '法定代表人';
COMMENT ON COLUMN gbt39046_apply.handle_type IS '申报来源代码';
COMMENT ON COLUMN gbt39046_apply.applied_at IS '申请时间';
COMMENT ON COLUMN gbt39046_apply.project_code IS '投资项目编号';
COMMENT ON COLUMN gbt39046_apply.region IS '行政区划';
COMMENT ON COLUMN gbt39046_apply.material_name IS '材料名称';
COMMENT ON COLUMN gbt39046_apply.material_got IS '是否收取';
COMMENT ON COLUMN gbt39046_apply.get_type IS '收取方式';
COMMENT ON COLUMN gbt39046_apply.get_num IS '收取数量';
COMMENT ON COLUMN gbt39046_apply.got_at IS '收取时间';
COMMENT ON COLUMN gbt39046_apply.attachment IS '附件实体';
CREATE INDEX idx_gbt39046_apply_project ON gbt39046_apply (project_no);
