CREATE TABLE dn_audit_abnormal (
  row_guid varchar(50) NOT NULL CHECK (length(row_guid) <= 50),
  table_name varchar(50) NOT NULL CHECK (length(table_name) <= 50),
  table_sql_name varchar(50) NOT NULL CHECK (length(table_sql_name) <= 50),
  table_row_guid varchar(50) NOT NULL CHECK (length(table_row_guid) <= 50),
  table_cd_batch varchar(32) NOT NULL CHECK (length(table_cd_batch) <= 32),
  table_cd_time datetime NOT NULL,
  table_cd_source varchar(10) NOT NULL CHECK (length(table_cd_source) <= 10),
  table_update_time datetime NOT NULL,
  err_type varchar(100) NOT NULL CHECK (length(err_type) <= 100),
  remark varchar(1000) NULL CHECK (length(remark) <= 1000),
  cd_time datetime NOT NULL
);
CREATE INDEX idx_dn_audit_abnormal_guid ON dn_audit_abnormal (row_guid);
CREATE INDEX idx_dn_audit_abnormal_refused ON dn_audit_abnormal (table_row_guid);
