CREATE TABLE dn_audit_abnormal (
  row_guid VARCHAR2(50 CHAR) NOT NULL,
  table_name VARCHAR2(50 CHAR) NOT NULL,
  table_sql_name VARCHAR2(50 CHAR) NOT NULL,
  table_row_guid VARCHAR2(50 CHAR) NOT NULL,
  table_cd_batch VARCHAR2(32 CHAR) NOT NULL,
  table_cd_time DATE NOT NULL,
  table_cd_source VARCHAR2(10 CHAR) NOT NULL,
  table_update_time DATE NOT NULL,
  err_type VARCHAR2(100 CHAR) NOT NULL,
  remark VARCHAR2(1000 CHAR) NULL,
  cd_time DATE NOT NULL
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
