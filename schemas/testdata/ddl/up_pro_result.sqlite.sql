CREATE TABLE up_pro_result (
  ID INTEGER PRIMARY KEY AUTOINCREMENT,
  row_guid varchar(50) NOT NULL CHECK (length(row_guid) <= 50),
  project_no varchar(50) NOT NULL CHECK (length(project_no) <= 50),
  handle_user_name varchar(100) NULL CHECK (length(handle_user_name) <= 100),
  result_date datetime NOT NULL,
  result_type varchar(2) NOT NULL CHECK (length(result_type) <= 2),
  result_cetr_name text NULL,
  result_cetr_no varchar(2000) NULL CHECK (length(result_cetr_no) <= 2000),
  result_explain varchar(2000) NULL CHECK (length(result_explain) <= 2000),
  is_delivery_results varchar(2) NOT NULL CHECK (length(is_delivery_results) <= 2),
  satisfaction varchar(2) NULL CHECK (length(satisfaction) <= 2),
  remark varchar(1000) NULL CHECK (length(remark) <= 1000),
  cd_operation varchar(2) NOT NULL CHECK (length(cd_operation) <= 2),
  cd_time datetime NOT NULL,
  cd_batch varchar(32) NOT NULL CHECK (length(cd_batch) <= 32),
  data_source varchar(3) NOT NULL CHECK (length(data_source) <= 3),
  update_time datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  Cd_source varchar(10) NULL,
  is_sync char(1) NOT NULL DEFAULT '0'
);
CREATE INDEX idx_up_pro_result_sync ON up_pro_result (is_sync, ID);
CREATE INDEX idx_up_pro_result_guid ON up_pro_result (row_guid);
CREATE INDEX idx_up_pro_result_project ON up_pro_result (project_no);
CREATE INDEX idx_up_pro_result_batch ON up_pro_result (cd_batch);
