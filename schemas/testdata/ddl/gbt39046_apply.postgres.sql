CREATE TABLE gbt39046_apply (
  project_no varchar(50) NULL,
  task_code varchar(24) NULL,
  task_name varchar(200) NULL,
  project_type_name varchar(20) NULL,
  project_type char(1) NULL,
  applicant_name varchar(100) NULL,
  applicant_id_type char(3) NULL,
  applicant_id_no varchar(18) NULL,
  contact_name varchar(30) NULL,
  contact_id_type char(3) NULL,
  contact_id_no varchar(18) NULL,
  contact_mobile varchar(18) NULL,
  zip_code char(6) NULL,
  address varchar(100) NULL,
  legal_rep varchar(30) NULL,
  handle_type char(1) NULL,
  applied_at timestamp(0) NULL,
  project_code varchar(24) NULL,
  region varchar(9) NULL,
  material_name varchar(200) NULL,
  material_got char(1) NULL,
  get_type varchar(20) NULL,
  get_num int NULL,
  got_at timestamp(0) NULL,
  attachment bytea NULL
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
