CREATE TABLE dn_audit_abnormal (
  row_guid varchar(50) NOT NULL,
  table_name varchar(50) NOT NULL,
  table_sql_name varchar(50) NOT NULL,
  table_row_guid varchar(50) NOT NULL,
  table_cd_batch varchar(32) NOT NULL,
  table_cd_time timestamp(0) NOT NULL,
  table_cd_source varchar(10) NOT NULL,
  table_update_time timestamp(0) NOT NULL,
  err_type varchar(100) NOT NULL,
  remark varchar(1000) NULL,
  cd_time timestamp(0) NOT NULL
);
COMMENT ON TABLE dn_audit_abnormal IS '事项和办件异常数据';
COMMENT ON COLUMN dn_audit_abnormal.row_guid IS '记录唯一标识';
COMMENT ON COLUMN dn_audit_abnormal.table_name IS '数据表中文名';
COMMENT ON COLUMN dn_audit_abnormal.table_sql_name IS '数据表英文名';
COMMENT ON COLUMN dn_audit_abnormal.table_row_guid IS '数据表主键';
COMMENT ON COLUMN dn_audit_abnormal.table_cd_batch IS '批次号';
COMMENT ON COLUMN dn_audit_abnormal.table_cd_time IS '上传日期';
COMMENT ON COLUMN dn_audit_abnormal.table_cd_source IS '数据来源';
COMMENT ON COLUMN dn_audit_abnormal.table_update_time IS '进入汇聚区日期';
COMMENT ON COLUMN dn_audit_abnormal.err_type IS '异常类型';
COMMENT ON COLUMN dn_audit_abnormal.remark IS '备注';
COMMENT ON COLUMN dn_audit_abnormal.cd_time IS '同步时间';
CREATE INDEX idx_dn_audit_abnormal_guid ON dn_audit_abnormal (row_guid);
CREATE INDEX idx_dn_audit_abnormal_refused ON dn_audit_abnormal (table_row_guid);
