package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"

	"github.com/go-sql-driver/mysql"

	"banjian/schemas"
)

// tableColumns are the columns of the table behind the view.
var tableColumns = []string{
	"slbh", "bjbh", "sblsh", "sxbm", "sqr", "sqrlx", "zjlx", "zjhm", "frdb", "lxr",
	"lxrzjlx", "lxrzjhm", "lxdh", "yzbm", "txdz", "sqsj", "sqqd", "slsj", "slzt", "slyj",
	"blr", "blrgh", "jgbh", "bjlx", "cnts", "cnbjsj", "gxsj",
}

// departmentDDL is the department: one wide table, two dictionaries and the view that
// joins them.
var departmentDDL = []string{
	"CREATE TABLE jg (jgbh VARCHAR(4) NOT NULL PRIMARY KEY, slbm VARCHAR(100) NOT NULL, tyxydm VARCHAR(18) NOT NULL, xzqh VARCHAR(12) NOT NULL)",
	"CREATE TABLE sx (sxbm VARCHAR(20) NOT NULL PRIMARY KEY, sxmc VARCHAR(200) NOT NULL)",
	`CREATE TABLE ywsl (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, slbh VARCHAR(30), bjbh VARCHAR(60), sblsh VARCHAR(50), sxbm VARCHAR(20),
	  sqr VARCHAR(200), sqrlx VARCHAR(20), zjlx VARCHAR(40), zjhm VARCHAR(64), frdb VARCHAR(100), lxr VARCHAR(100), lxrzjlx VARCHAR(40), lxrzjhm VARCHAR(64),
	  lxdh VARCHAR(64), yzbm VARCHAR(20), txdz VARCHAR(500), sqsj VARCHAR(30), sqqd VARCHAR(20), slsj VARCHAR(30), slzt VARCHAR(2), slyj VARCHAR(2000),
	  blr VARCHAR(100), blrgh VARCHAR(20), jgbh VARCHAR(4), bjlx VARCHAR(20), cnts INTEGER, cnbjsj VARCHAR(30), gxsj DATETIME NOT NULL,
	  KEY ix_gxsj (gxsj, slbh))`,
	`CREATE VIEW v_accept AS SELECT y.slbh, y.bjbh, y.sblsh, y.sxbm, s.sxmc, y.sqr, y.sqrlx, y.zjlx, y.zjhm, y.frdb,
	  y.lxr, y.lxrzjlx, y.lxrzjhm, y.lxdh, y.yzbm, y.txdz, y.sqsj, y.sqqd, y.slsj, y.slzt,
	  y.slyj, y.blr, y.blrgh, j.slbm, j.tyxydm, j.xzqh, y.bjlx, y.cnts, y.cnbjsj, y.gxsj
	  FROM ywsl y LEFT JOIN sx s ON s.sxbm = y.sxbm LEFT JOIN jg j ON j.jgbh = y.jgbh`,
}

// department fills database name with rows cases.
func department(ctx context.Context, s *server, cat *schemas.Catalog, name string, rows int) error {
	p, err := newPeople(cat)
	if err != nil {
		return err
	}
	db, err := s.create(ctx, name)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, ddl := range departmentDDL {
		if _, err := db.ExecContext(ctx, ddl); err != nil {
			return err
		}
	}
	for _, o := range offices {
		if _, err := db.ExecContext(ctx, "INSERT INTO jg VALUES (?, ?, ?, ?)", o.code, o.name, p.centre, o.region); err != nil {
			return err
		}
	}
	for _, it := range p.items {
		if _, err := db.ExecContext(ctx, "INSERT INTO sx VALUES (?, ?)", it.code, it.name); err != nil {
			return err
		}
	}
	if err := load(ctx, db, p, rows); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "ANALYZE TABLE ywsl, sx, jg")
	return err
}

func load(ctx context.Context, db *sql.DB, p *people, rows int) error {
	mysql.RegisterReaderHandler("bench", func() io.Reader { return &rowReader{people: p, rows: rows} })
	defer mysql.DeregisterReaderHandler("bench")
	res, err := db.ExecContext(ctx, "LOAD DATA LOCAL INFILE 'Reader::bench' INTO TABLE ywsl CHARACTER SET utf8mb4 ("+strings.Join(tableColumns, ",")+")")
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != int64(rows) {
		return fmt.Errorf("the department took %d of %d rows: %v", n, rows, err)
	}
	return nil
}

// rowReader writes rows as LOAD DATA reads them.
type rowReader struct {
	people *people
	at     int
	rows   int
	buf    bytes.Buffer
}

func (r *rowReader) Read(b []byte) (int, error) {
	for r.at < r.rows && r.buf.Len() < len(b) {
		c := r.people.row(r.at)
		c.cell["jgbh"] = c.office
		for i, name := range tableColumns {
			if i > 0 {
				r.buf.WriteByte('\t')
			}
			if v := c.cell[name]; v != "" {
				r.buf.WriteString(v)
			} else {
				r.buf.WriteString(`\N`)
			}
		}
		r.buf.WriteByte('\n')
		r.at++
	}
	return r.buf.Read(b)
}
