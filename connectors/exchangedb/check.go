package exchangedb

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/schemas"
)

// Report is what Check found that does not stop a delivery.
type Report struct {
	Absent   []Absent    // tables that are not there, while others are
	Narrow   []Narrow    // columns that hold less than the standard asks for
	Warnings []text.Text // what a person should know
}

// Absent is a table that the receiver does not have, or that we may not see.
type Absent struct {
	Table string // logical name
	Err   error  // the Config fault of a delivery to it
}

// Narrow is a column of the receiver's that is narrower than the standard's. What is
// longer than Receiver must be rejected before it is sent.
type Narrow struct {
	Table, Column string // logical names
	Standard      int    // characters; 0 = unlimited
	Receiver      int    // characters
}

// found is one column as the receiver has it.
type found struct {
	name     string
	kind     string // lower-case type name without its width
	width    int    // characters at most; 0 = not text
	charset  string
	required bool // NOT NULL without a default: somebody must write it
}

// Check compares the receiver's tables with the layouts in Options.Tables: rights,
// columns, widths, charsets, engine and the index on cd_batch. Nothing is written. A
// table that cannot be delivered to is a Config fault, and so is that none is there; it
// may be called at any time.
func (t *Target) Check(ctx context.Context) (Report, error) {
	var r Report
	all := 0
	for _, logical := range slices.Sorted(maps.Keys(t.opts.Tables)) {
		shards, err := t.opts.shards(logical)
		if err != nil {
			return r, err
		}
		for _, n := range shards {
			if err := t.checkTable(ctx, n, &r); err != nil {
				return r, err
			}
			all++
		}
	}
	if len(r.Absent) > 0 && len(r.Absent) == all {
		return r, r.Absent[0].Err
	}
	return r, nil
}

func (t *Target) checkTable(ctx context.Context, n *names, r *Report) error {
	const op = "check exchange table"
	s, err := t.open(ctx, n.logical)
	if err != nil {
		return err
	}
	defer s.release()
	columns, err := s.describe(ctx, n)
	if err != nil {
		return t.fault(op, n.logical, err)
	}
	if len(columns) == 0 {
		r.Absent = append(r.Absent, Absent{n.logical, fault.New(fault.Config, op, t.where(n.logical),
			text.F("接收方没有表 %s，或没有权限看到它", "the receiver has no table %s, or we may not see it", n.plain), ddlHint(n.logical))})
		return nil
	}
	if err := t.compare(n, columns, r); err != nil {
		return err
	}
	if err := s.probe(ctx, n); err != nil {
		return t.fault(op, n.logical, err)
	}
	if err := t.checkEngine(ctx, s, n); err != nil {
		return err
	}
	return t.checkIndex(ctx, s, n, r)
}

// wanted is every column we will write, as the standard has it.
func (n *names) wanted() []schemas.Column {
	if n.layout != nil {
		return n.layout.Columns
	}
	columns := make([]schemas.Column, len(ours))
	for i, name := range ours {
		columns[i] = schemas.Column{Name: name, Delivery: true}
	}
	return columns
}

// compare finds missing columns, columns nobody would fill, narrow ones and charsets
// that cannot hold every character.
func (t *Target) compare(n *names, columns []found, r *Report) error {
	theirs := make(map[string]*found, len(columns))
	for i := range columns {
		theirs[strings.ToLower(columns[i].name)] = &columns[i]
	}
	var missing, narrow []string
	for _, w := range n.wanted() {
		key := strings.ToLower(n.column(w.Name))
		c := theirs[key]
		delete(theirs, key)
		switch {
		case c == nil:
			missing = append(missing, n.column(w.Name))
		case c.width > 0 && c.width < ownWidth(w) && w.Delivery:
			narrow = append(narrow, c.name)
		default:
			compareColumn(n, w, c, r)
		}
	}
	if len(missing) > 0 {
		return t.shapeFault(n, text.F("表 %s 缺列：%s", "table %s lacks columns: %s", n.plain, strings.Join(missing, ", ")))
	}
	if len(narrow) > 0 {
		return t.shapeFault(n, text.F("表 %s 的列过窄，放不下我们写入的值：%s", "table %s: columns too narrow for what we write: %s", n.plain, strings.Join(narrow, ", ")))
	}
	if orphans := unfilled(n, theirs); len(orphans) > 0 {
		return t.shapeFault(n, text.F("表 %s 有无人填写的必填列：%s", "table %s: nobody fills the NOT NULL columns %s", n.plain, strings.Join(orphans, ", ")))
	}
	return nil
}

func (t *Target) shapeFault(n *names, what text.Text) error {
	return fault.New(fault.Config, "check exchange table", t.where(n.logical), what, ddlHint(n.logical))
}

// ownWidth is how many characters we write into a column of our own.
func ownWidth(w schemas.Column) int {
	switch w.Name {
	case colGUID:
		return 36
	case colBatch:
		return 32
	case colSource:
		return 3
	case colOperation:
		return 1
	}
	return 0
}

func compareColumn(n *names, w schemas.Column, c *found, r *Report) {
	isText := w.SQLType == "varchar" || w.SQLType == "char" || w.SQLType == "text"
	if isText && !w.Delivery && c.width > 0 && (w.Width == 0 || c.width < w.Width) {
		r.Narrow = append(r.Narrow, Narrow{Table: n.logical, Column: w.Name, Standard: w.Width, Receiver: c.width})
	}
	if isText && c.charset != "" && c.charset != "utf8mb4" {
		r.Warnings = append(r.Warnings, text.F("%s.%s 的字符集是 %s，放不下全部汉字", "%s.%s has charset %s, which cannot hold every character", n.plain, c.name, c.charset))
	}
	if !w.NotNull && !w.Delivery && c.required {
		r.Warnings = append(r.Warnings, text.F("%s.%s 在接收方为必填，标准中可空：空值的行会被拒绝", "%s.%s is NOT NULL at the receiver and optional in the standard: rows without a value are refused", n.plain, c.name))
	}
	if w.SQLType == "datetime" && c.kind == "date" {
		r.Warnings = append(r.Warnings, text.F("%s.%s 是 date，带时刻的行会被拒绝", "%s.%s is a date: rows with a time of day are refused", n.plain, c.name))
	}
}

// unfilled are the receiver's NOT NULL columns without a default that we do not write.
func unfilled(n *names, rest map[string]*found) []string {
	if n.layout == nil {
		return nil
	}
	var orphans []string
	for _, key := range slices.Sorted(maps.Keys(rest)) {
		if rest[key].required {
			orphans = append(orphans, rest[key].name)
		}
	}
	return orphans
}

// probe asks for the rights a delivery and its settlement need, without touching a row.
func (s *session) probe(ctx context.Context, n *names) error {
	batch := n.quoted(colBatch)
	defer s.rollback()
	if err := s.begin(ctx); err != nil {
		return err
	}
	if err := s.exec(ctx, "INSERT INTO "+n.table+" ("+batch+") SELECT "+batch+" FROM "+n.table+" WHERE 1 = 0"); err != nil && !isNumber(err, []uint16{1364}) {
		return err
	}
	rows, err := s.on().QueryContext(ctx, "SELECT "+batch+" FROM "+n.table+" WHERE 1 = 0"+s.way.share)
	if err != nil {
		return err
	}
	return rows.Close()
}

// checkEngine refuses a table whose engine cannot take half a batch back.
func (t *Target) checkEngine(ctx context.Context, s *session, n *names) error {
	const op = "check exchange table"
	if s.dialect.Name != mysqlName {
		return nil
	}
	schema, table := n.schema()
	var transactional sql.NullString
	err := s.conn.QueryRowContext(ctx, "SELECT e.transactions FROM information_schema.tables t JOIN information_schema.engines e ON e.engine = t.engine"+
		" WHERE t.table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND t.table_name = ?", schema, table).Scan(&transactional)
	if err != nil && err != sql.ErrNoRows {
		return t.fault(op, n.logical, err)
	}
	if transactional.String == "NO" {
		return fault.New(fault.Config, op, t.where(n.logical),
			text.F("表 %s 的存储引擎不支持事务，中断时会留下半批数据", "table %s has an engine without transactions: an interruption would leave half a batch", n.plain),
			text.T("请 DBA 改为 InnoDB", "have the DBA change it to InnoDB"))
	}
	return nil
}

// checkIndex looks for the index that a batch is counted by.
func (t *Target) checkIndex(ctx context.Context, s *session, n *names, r *Report) error {
	if s.way.indexed == "" {
		return nil
	}
	schema, table := n.schema()
	var indexed sql.NullString
	if err := s.conn.QueryRowContext(ctx, s.way.indexed, orNull(schema, s), table, n.column(colBatch)).Scan(&indexed); err != nil {
		return t.fault("check exchange table", n.logical, err)
	}
	if !indexed.Valid {
		r.Warnings = append(r.Warnings, text.F("表 %s 的 %s 没有索引，核实未知批次要扫描全表", "table %s has no index on %s: settling an unknown batch reads the whole table", n.plain, n.column(colBatch)))
	}
	return nil
}
