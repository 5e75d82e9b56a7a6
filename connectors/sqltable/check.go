package sqltable

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
)

// Check looks whether the tables are as Options.Tables says: each is there with the columns
// of its key, its version, its flag and Fill, and a unique key of exactly the key's columns.
// columns are those the mappings write, by table. Nothing is written. What cannot be
// delivered to is a Config fault; it may be called at any time.
func (t *Target) Check(ctx context.Context, columns map[string][]string) error {
	for _, name := range slices.Sorted(maps.Keys(t.opts.Tables)) {
		if err := t.checkTable(ctx, name, columns[name]); err != nil {
			return err
		}
	}
	return nil
}

const opCheck = "check table"

func (t *Target) checkTable(ctx context.Context, name string, mapped []string) error {
	table := t.opts.Tables[name]
	has, err := t.columns(ctx, name)
	if err != nil {
		return err
	}
	if len(has) == 0 {
		return t.unfit(name, text.T("没有这张表，或账号看不到它", "there is no such table, or the account cannot see it"),
			text.F("请接收方建表，或执行：GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO <用户>", "have the receiver create it, or run: GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO <user>", name))
	}
	written := append(append(slices.Clone(table.Key), table.ours()...), mapped...)
	var lacks []string
	for _, column := range written {
		if !t.within([]string{column}, has) && !slices.Contains(lacks, column) {
			lacks = append(lacks, column)
		}
	}
	if len(lacks) > 0 {
		return t.unfit(name, text.F("表缺列：%s", "the table lacks columns: %s", strings.Join(lacks, ", ")), nearest.Hint(lacks[0], has))
	}
	keys, err := t.uniqueKeys(ctx, name)
	if err != nil {
		return err
	}
	var other string
	found := false
	for _, unique := range slices.Sorted(maps.Keys(keys)) {
		switch own := keys[unique]; {
		case len(own) == len(table.Key) && t.within(own, table.Key):
			found = true
		case t.opts.Dialect.Name == "mysql" && t.within(own, written):
			other = unique
		}
	}
	list := strings.Join(table.Key, ", ")
	switch {
	case !found:
		return t.unfit(name, text.F("表没有恰好由 %s 组成的唯一键", "the table has no unique key of exactly %s", list),
			text.F("请接收方执行：CREATE UNIQUE INDEX … ON %s (%s)", "have the receiver run: CREATE UNIQUE INDEX … ON %s (%s)", name, list))
	case other != "":
		return t.unfit(name, text.F("表还有唯一键 %[1]s（%[2]s）：与它重复的记录会覆盖另一条记录", "the table has another unique key %[1]s (%[2]s): a row that repeats it would go over another record", other, strings.Join(keys[other], ", ")),
			text.T("请接收方改为普通索引，或以它为 key", "have the receiver make it a plain index, or let it be the key"))
	}
	return nil
}

func (t *Target) unfit(table string, what, hint text.Text) error {
	return fault.New(fault.Config, opCheck, t.where(table), what, hint)
}

// within says that all has every column of part; names have a case in PostgreSQL alone.
func (t *Target) within(part, all []string) bool {
	same := strings.EqualFold
	if t.opts.Dialect.Name == "postgres" {
		same = func(a, b string) bool { return a == b }
	}
	return !slices.ContainsFunc(part, func(c string) bool {
		return !slices.ContainsFunc(all, func(a string) bool { return same(a, c) })
	})
}

// columns is the names of a table's columns; none if there is no such table.
func (t *Target) columns(ctx context.Context, name string) (list []string, err error) {
	err = t.each(ctx, t.opts.Dialect.Columns, name, func(r *sql.Rows) error {
		var column string
		defer func() { list = append(list, column) }()
		return r.Scan(&column)
	})
	return list, err
}

// uniqueKeys is the columns of each unique key.
func (t *Target) uniqueKeys(ctx context.Context, name string) (map[string][]string, error) {
	keys := map[string][]string{}
	return keys, t.each(ctx, t.opts.Dialect.UniqueKeys(), name, func(r *sql.Rows) error {
		var key, column string
		err := r.Scan(&key, &column)
		keys[key] = append(keys[key], column)
		return err
	})
}

func (t *Target) each(ctx context.Context, query, name string, take func(*sql.Rows) error) error {
	schema, table, err := sqldialect.SplitView(name)
	if err != nil {
		return err
	}
	rows, err := t.opts.DB.QueryContext(ctx, query, schema, table)
	if err != nil {
		return t.fault(err, opCheck, name)
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows); err != nil {
			return t.fault(err, opCheck, name)
		}
	}
	return t.fault(rows.Err(), opCheck, name)
}
