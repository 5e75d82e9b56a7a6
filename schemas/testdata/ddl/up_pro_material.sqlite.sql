CREATE TABLE up_pro_material (
  ID INTEGER PRIMARY KEY AUTOINCREMENT,
  row_guid varchar(50) NOT NULL CHECK (length(row_guid) <= 50),
  project_no varchar(50) NOT NULL CHECK (length(project_no) <= 50),
  material_name varchar(200) NOT NULL CHECK (length(material_name) <= 200),
  get_type varchar(2) NOT NULL CHECK (length(get_type) <= 2),
  get_num varchar(5) NULL CHECK (length(get_num) <= 5),
  material_attach_name varchar(200) NULL CHECK (length(material_attach_name) <= 200),
  remark varchar(1000) NULL CHECK (length(remark) <= 1000),
  cd_operation varchar(2) NOT NULL CHECK (length(cd_operation) <= 2),
  cd_time datetime NOT NULL,
  cd_batch varchar(32) NOT NULL CHECK (length(cd_batch) <= 32),
  data_source varchar(3) NOT NULL CHECK (length(data_source) <= 3),
  update_time datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
  Cd_source varchar(10) NULL,
  is_sync char(1) NOT NULL DEFAULT '0'
);
CREATE INDEX idx_up_pro_material_sync ON up_pro_material (is_sync, ID);
CREATE INDEX idx_up_pro_material_guid ON up_pro_material (row_guid);
CREATE INDEX idx_up_pro_material_project ON up_pro_material (project_no);
CREATE INDEX idx_up_pro_material_batch ON up_pro_material (cd_batch);
