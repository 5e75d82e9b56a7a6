CREATE TABLE up_lic_data (
  ID INTEGER PRIMARY KEY AUTOINCREMENT,
  certificate_source_id varchar(128) NOT NULL CHECK (length(certificate_source_id) <= 128),
  certificate_type varchar(256) NOT NULL CHECK (length(certificate_type) <= 256),
  certificate_type_code varchar(64) NOT NULL CHECK (length(certificate_type_code) <= 64),
  certificate_name varchar(512) NOT NULL CHECK (length(certificate_name) <= 512),
  certificate_number varchar(128) NOT NULL CHECK (length(certificate_number) <= 128),
  certificate_holder text NOT NULL,
  certificate_holder_code text NOT NULL,
  certificate_holder_type varchar(2000) NULL CHECK (length(certificate_holder_type) <= 2000),
  certificate_area_code varchar(32) NOT NULL CHECK (length(certificate_area_code) <= 32),
  issue_dept text NOT NULL,
  issue_dept_code text NOT NULL,
  issue_date varchar(32) NOT NULL CHECK (length(issue_date) <= 32),
  cd_operation varchar(2) NOT NULL CHECK (length(cd_operation) <= 2),
  cd_time datetime NOT NULL,
  cd_batch varchar(32) NOT NULL CHECK (length(cd_batch) <= 32),
  data_source varchar(3) NOT NULL CHECK (length(data_source) <= 3),
  update_time datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  Cd_source varchar(10) NULL,
  is_sync char(1) NOT NULL DEFAULT '0'
);
CREATE INDEX idx_up_lic_data_sync ON up_lic_data (is_sync, ID);
CREATE INDEX idx_up_lic_data_key ON up_lic_data (certificate_source_id);
CREATE INDEX idx_up_lic_data_batch ON up_lic_data (cd_batch);
