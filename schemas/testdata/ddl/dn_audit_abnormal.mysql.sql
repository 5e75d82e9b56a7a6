CREATE TABLE dn_audit_abnormal (
  row_guid varchar(50) NOT NULL COMMENT '记录唯一标识',
  table_name varchar(50) NOT NULL COMMENT '数据表中文名',
  table_sql_name varchar(50) NOT NULL COMMENT '数据表英文名',
  table_row_guid varchar(50) NOT NULL COMMENT '数据表主键',
  table_cd_batch varchar(32) NOT NULL COMMENT '批次号',
  table_cd_time datetime NOT NULL COMMENT '上传日期',
  table_cd_source varchar(10) NOT NULL COMMENT '数据来源',
  table_update_time datetime NOT NULL COMMENT '进入汇聚区日期',
  err_type varchar(100) NOT NULL COMMENT '异常类型',
  remark varchar(1000) NULL COMMENT '备注',
  cd_time datetime NOT NULL COMMENT '同步时间',
  KEY idx_dn_audit_abnormal_guid (row_guid),
  KEY idx_dn_audit_abnormal_refused (table_row_guid)
) DEFAULT CHARSET=utf8mb4 COMMENT='事项和办件异常数据';
