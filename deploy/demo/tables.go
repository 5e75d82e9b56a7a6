package demo

import (
	"fmt"
	"strings"
)

// The department's tables that cases fill; the views join them with gjj_jg (机构)
// and gjj_sx (事项).
const (
	tabAccept = iota
	tabStep
	tabMaterial
	tabResult
)

// table is a base table: its columns in the order rows are written.
type table struct {
	name, view, pipeline string
	national             string // the exchange table its records go to
	platform             string // the interface its records go to, empty where there is none
	columns              []string
	at                   map[string]int
}

var tables = [4]table{
	newTable("gjj_ywsl", "accept", "up_pro_accept", "accept", `id slbh bjbh sblsh sxbm sqr sqrlx zjlx zjhm frdb lxr lxrzjlx lxrzjhm lxdh yzbm txdz
		sqsj sqqd slsj slzt slyj blr blrgh jgbh bjlx cnts cnbjsj slwsbh je bz gxsj`),
	newTable("gjj_bljl", "step", "up_pro_process", "course", `id hjid slbh hjxh hjdm hjmc hjzt dz blyj blr blrgh jgbh kssj jssj bz gxsj`),
	newTable("gjj_sqcl", "material", "up_pro_material", "", `id clid slbh clbm clmc sfsq sqfs fs clsj fjmc bz gxsj`),
	newTable("gjj_bjjg", "result", "up_pro_result", "finish", `id slbh bjjg jgms bhyy bjsj blr blrgh jgbh zzmc zzbh sfyj myd bz gxsj`),
}

func newTable(name, kind, national, platform, columns string) table {
	t := table{name: name, view: "v_gjj_" + kind, pipeline: "provident-fund-" + kind, national: national, platform: platform, columns: strings.Fields(columns), at: map[string]int{}}
	for i, c := range t.columns {
		t.at[c] = i
	}
	return t
}

func (t *table) set(row []any, column string, value any) {
	i, ok := t.at[column]
	if !ok {
		panic("demo: no column " + t.name + "." + column)
	}
	row[i] = value
}

// Times are text in most of the department's tables, as its old system left them:
// that is how 0000-00-00 and 2024-02-30 come about.
const ddl = `
CREATE TABLE gjj_jg (jgbh VARCHAR(4) NOT NULL PRIMARY KEY, slbm VARCHAR(100) NOT NULL, tyxydm VARCHAR(18) NOT NULL, xzqh VARCHAR(12) NOT NULL);
CREATE TABLE gjj_sx (sxbm VARCHAR(20) NOT NULL PRIMARY KEY, sxmc VARCHAR(200) NOT NULL);
CREATE TABLE gjj_xtcs (csm VARCHAR(40) NOT NULL PRIMARY KEY, csz VARCHAR(200));
CREATE TABLE gjj_ywsl (
  id BIGINT NOT NULL PRIMARY KEY, slbh VARCHAR(30), bjbh VARCHAR(60), sblsh VARCHAR(50), sxbm VARCHAR(20),
  sqr VARCHAR(200), sqrlx VARCHAR(20), zjlx VARCHAR(40), zjhm VARCHAR(64), frdb VARCHAR(100),
  lxr VARCHAR(100), lxrzjlx VARCHAR(40), lxrzjhm VARCHAR(64), lxdh VARCHAR(64), yzbm VARCHAR(20), txdz VARCHAR(500),
  sqsj VARCHAR(30), sqqd VARCHAR(20), slsj VARCHAR(30), slzt VARCHAR(2), slyj VARCHAR(2000), blr VARCHAR(100), blrgh VARCHAR(20),
  jgbh VARCHAR(4), bjlx VARCHAR(20), cnts INTEGER, cnbjsj VARCHAR(30), slwsbh VARCHAR(60), je DECIMAL(16,2), bz TEXT, gxsj {datetime} NOT NULL){table};
CREATE TABLE gjj_bljl (
  id BIGINT NOT NULL PRIMARY KEY, hjid VARCHAR(40), slbh VARCHAR(30), hjxh INTEGER, hjdm VARCHAR(10), hjmc VARCHAR(100), hjzt VARCHAR(2),
  dz VARCHAR(20), blyj TEXT, blr VARCHAR(100), blrgh VARCHAR(20), jgbh VARCHAR(4), kssj VARCHAR(30), jssj VARCHAR(30), bz TEXT, gxsj {datetime} NOT NULL){table};
CREATE TABLE gjj_sqcl (
  id BIGINT NOT NULL PRIMARY KEY, clid VARCHAR(40), slbh VARCHAR(30), clbm VARCHAR(64), clmc VARCHAR(200), sfsq VARCHAR(2), sqfs VARCHAR(20),
  fs VARCHAR(10), clsj VARCHAR(30), fjmc VARCHAR(200), bz TEXT, gxsj {datetime} NOT NULL){table};
CREATE TABLE gjj_bjjg (
  id BIGINT NOT NULL PRIMARY KEY, slbh VARCHAR(30), bjjg VARCHAR(2), jgms VARCHAR(500), bhyy VARCHAR(500), bjsj VARCHAR(30), blr VARCHAR(100), blrgh VARCHAR(20),
  jgbh VARCHAR(4), zzmc VARCHAR(200), zzbh VARCHAR(100), sfyj VARCHAR(2), myd VARCHAR(2), bz TEXT, gxsj {datetime} NOT NULL){table};
CREATE VIEW v_gjj_accept AS
  SELECT y.id, y.slbh, y.bjbh, y.sblsh, y.sxbm, s.sxmc, y.sqr, y.sqrlx, y.zjlx, y.zjhm, y.frdb, y.lxr, y.lxrzjlx, y.lxrzjhm, y.lxdh, y.yzbm, y.txdz,
    y.sqsj, y.sqqd, y.slsj, y.slzt, y.slyj, y.blr, y.blrgh, j.slbm, j.tyxydm, j.xzqh, y.bjlx, y.cnts, y.cnbjsj, y.slwsbh, y.je, y.bz, y.gxsj
  FROM gjj_ywsl y LEFT JOIN gjj_sx s ON s.sxbm = y.sxbm LEFT JOIN gjj_jg j ON j.jgbh = y.jgbh;
CREATE VIEW v_gjj_step AS
  SELECT b.hjid, b.slbh, b.hjxh, b.hjdm, b.hjmc, b.hjzt, b.dz, b.blyj, b.blr, b.blrgh, j.slbm, j.tyxydm, j.xzqh, b.kssj, b.jssj, b.bz, b.gxsj
  FROM gjj_bljl b LEFT JOIN gjj_jg j ON j.jgbh = b.jgbh;
CREATE VIEW v_gjj_material AS
  SELECT c.clid, c.slbh, c.clbm, c.clmc, c.sfsq, c.sqfs, c.fs, c.clsj, c.fjmc, c.bz, c.gxsj
  FROM gjj_sqcl c;
CREATE VIEW v_gjj_result AS
  SELECT r.slbh, r.bjjg, r.jgms, r.bhyy, r.bjsj, r.blr, r.blrgh, j.slbm, j.tyxydm, j.xzqh, r.zzmc, r.zzbh, r.sfyj, r.myd, r.bz, r.gxsj
  FROM gjj_bjjg r LEFT JOIN gjj_jg j ON j.jgbh = r.jgbh;
CREATE INDEX ix_gjj_ywsl_gxsj ON gjj_ywsl (gxsj, slbh);
CREATE INDEX ix_gjj_bljl_gxsj ON gjj_bljl (gxsj, slbh);
CREATE INDEX ix_gjj_sqcl_gxsj ON gjj_sqcl (gxsj, slbh);
CREATE INDEX ix_gjj_bjjg_gxsj ON gjj_bjjg (gxsj, slbh)`

// statements is the department's schema, one statement each.
func statements(d Dialect) ([]string, error) {
	var words *strings.Replacer
	switch d {
	case SQLite:
		words = strings.NewReplacer("{datetime}", "TEXT", "{table}", "")
	case MySQL:
		words = strings.NewReplacer("{datetime}", "DATETIME", "{table}", " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4")
	default:
		return nil, fmt.Errorf("no department schema for dialect %q", d)
	}
	return strings.Split(strings.TrimSpace(words.Replace(ddl)), ";\n"), nil
}
