CREATE TABLE up_task_directory (
  ID INTEGER PRIMARY KEY AUTOINCREMENT,
  row_guid varchar(50) NOT NULL CHECK (length(row_guid) <= 50),
  task_name varchar(1000) NOT NULL CHECK (length(task_name) <= 1000),
  catalog_code varchar(12) NOT NULL CHECK (length(catalog_code) <= 12),
  local_catalog_code varchar(50) NULL CHECK (length(local_catalog_code) <= 50),
  task_type varchar(2) NOT NULL CHECK (length(task_type) <= 2),
  by_law text NOT NULL,
  use_level varchar(11) NOT NULL CHECK (length(use_level) <= 11),
  task_version int NOT NULL,
  task_state varchar(2) NOT NULL CHECK (length(task_state) <= 2),
  plan_effective_date datetime NULL,
  plan_cancel_date datetime NULL,
  cd_operation varchar(2) NOT NULL CHECK (length(cd_operation) <= 2),
  cd_time datetime NOT NULL,
  cd_batch varchar(32) NOT NULL CHECK (length(cd_batch) <= 32),
  data_source varchar(3) NOT NULL CHECK (length(data_source) <= 3),
  update_time datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  Cd_source varchar(10) NULL,
  is_sync char(1) NOT NULL DEFAULT '0'
);
CREATE INDEX idx_up_task_directory_sync ON up_task_directory (is_sync, ID);
CREATE INDEX idx_up_task_directory_guid ON up_task_directory (row_guid);
CREATE INDEX idx_up_task_directory_batch ON up_task_directory (cd_batch);
