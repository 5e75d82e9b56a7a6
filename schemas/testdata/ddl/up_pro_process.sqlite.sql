CREATE TABLE up_pro_process (
  ID INTEGER PRIMARY KEY AUTOINCREMENT,
  row_guid varchar(50) NOT NULL CHECK (length(row_guid) <= 50),
  project_no varchar(50) NOT NULL CHECK (length(project_no) <= 50),
  event_name varchar(2) NOT NULL CHECK (length(event_name) <= 2),
  process_name varchar(1000) NOT NULL CHECK (length(process_name) <= 1000),
  handle_user_name varchar(100) NOT NULL CHECK (length(handle_user_name) <= 100),
  handle_explain varchar(2000) NOT NULL CHECK (length(handle_explain) <= 2000),
  event_start_time datetime NOT NULL,
  event_end_time datetime NOT NULL,
  remark varchar(256) NULL CHECK (length(remark) <= 256),
  cd_operation varchar(2) NOT NULL CHECK (length(cd_operation) <= 2),
  cd_time datetime NOT NULL,
  cd_batch varchar(32) NOT NULL CHECK (length(cd_batch) <= 32),
  data_source varchar(3) NOT NULL CHECK (length(data_source) <= 3),
  update_time datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  Cd_source varchar(10) NULL,
  is_sync char(1) NOT NULL DEFAULT '0'
);
CREATE INDEX idx_up_pro_process_sync ON up_pro_process (is_sync, ID);
CREATE INDEX idx_up_pro_process_guid ON up_pro_process (row_guid);
CREATE INDEX idx_up_pro_process_project ON up_pro_process (project_no);
CREATE INDEX idx_up_pro_process_batch ON up_pro_process (cd_batch);
