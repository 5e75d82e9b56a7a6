package schemas

import (
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas/ids"
	"banjian/schemas/itemlist"
)

// ItemList finds a catalogue of items (事项目录) of the site, items/province.tsv by
// "province". It is read when it is first asked for, since it may be large: a mistake
// in it is a Config fault here, not in Load. ok is false when there is none.
func (c *Catalog) ItemList(name string) (list *itemlist.List, ok bool, err error) {
	it, ok := c.items[name]
	if !ok {
		return nil, false, nil
	}
	list, err = it.get()
	return list, true, err
}

// ItemListNames is every catalogue of items, sorted, and reads none.
func (c *Catalog) ItemListNames() []string { return c.items.names() }

func parseItems(src source, name, file string) (*itemlist.List, error) {
	return itemlist.Read(name, "schemas/"+file, src.data)
}

// ItemRule is what a mapping asks of the items of its records. Code, At, Name and
// Version are fields of the subject; Name and Version may be empty.
type ItemRule struct {
	List    *itemlist.List
	Code    string   // the item code: text
	At      string   // the day that counts, the acceptance as a rule: ts or date
	Name    string   // the item's name in the record
	Version string   // the item version in the record: int
	Unknown Severity // of an item that is not listed: Reject unless said otherwise
}

// ItemCheck judges the items of whole records, by their day and never by today's:
//
//	item_unknown         the code is not listed
//	item_not_in_force    the last day of its version had passed on the day
//	item_before_list     warning: the day lies before the list begins; such a case goes by crosswalk
//	item_paused          warning: suspended
//	item_cancelled       warning: cancelled, and nobody says since when
//	item_name_differs    warning: the record calls it otherwise than the version of the day
//	item_version_differs warning: the record's version is not the one of the day
//
// A row without a code or without a day is passed over. An ItemCheck has no state and
// is safe for concurrent use.
type ItemCheck struct {
	rule                    ItemRule
	code, at, name, version int // columns, -1
}

// NewItemCheck settles the columns of a rule. Config faults: no such field, or one of
// the wrong type.
func NewItemCheck(s *Subject, r ItemRule) (*ItemCheck, error) {
	k := &ItemCheck{rule: r}
	for _, f := range []struct {
		name  string
		into  *int
		types []Type
	}{
		{r.Code, &k.code, []Type{Text, Code}}, {r.At, &k.at, []Type{Time, Date}},
		{r.Name, &k.name, []Type{Text}}, {r.Version, &k.version, []Type{Int}},
	} {
		*f.into = -1
		if f.name == "" {
			continue
		}
		var known []string
		for i := range s.Fields {
			known = append(known, s.Fields[i].Name)
			if s.Fields[i].Name == f.name {
				*f.into = i
			}
		}
		if *f.into < 0 {
			return nil, fault.New(fault.Config, "prepare item check", s.Name, text.F("没有字段 %s", "there is no field %s", f.name), nearest.Hint(f.name, known))
		}
		if t := s.Fields[*f.into].Type; t != f.types[0] && t != f.types[len(f.types)-1] {
			return nil, fault.New(fault.Config, "prepare item check", s.Name,
				text.F("字段 %s 的类型是 %s，这里要 %s", "field %s is %s, %s is wanted", f.name, string(t), string(f.types[0])), text.Text{})
		}
	}
	if k.code < 0 || k.at < 0 {
		return nil, fault.New(fault.Config, "prepare item check", s.Name, text.T("缺少编码字段或日期字段", "the field of the code or of the day is missing"), text.Text{})
	}
	return k, nil
}

// Check judges every row of rec, whose schema is the subject's Arrow(). The issues come
// in row order.
func (k *ItemCheck) Check(rec arrow.Record) []Issue {
	codes := rec.Column(k.code).(*array.String)
	days := daysOf(rec.Column(k.at))
	var issues []Issue
	var lastCode string
	var lastDay int32
	var item itemlist.Item
	var standing itemlist.Standing
	for row := range int(rec.NumRows()) {
		day, ok := days(row)
		if !ok || codes.IsNull(row) || codes.Value(row) == "" {
			continue
		}
		if code := codes.Value(row); code != lastCode || day != lastDay || row == 0 {
			lastCode, lastDay = code, day
			item, standing = k.rule.List.At(code, day)
		}
		issues = k.judge(rec, row, &item, standing, issues)
	}
	return issues
}

func (k *ItemCheck) judge(rec arrow.Record, row int, item *itemlist.Item, standing itemlist.Standing, issues []Issue) []Issue {
	tell := func(field, rule string, severity Severity) {
		issues = append(issues, Issue{Row: int32(row), Field: field, Rule: rule, Severity: severity,
			Args: []string{k.rule.List.Name(), strconv.Itoa(int(item.Version))}})
	}
	switch standing {
	case itemlist.Unknown:
		tell(k.rule.Code, "item_unknown", k.rule.Unknown)
		return issues
	case itemlist.Ended:
		tell(k.rule.Code, "item_not_in_force", Reject)
		return issues
	case itemlist.Before:
		tell(k.rule.Code, "item_before_list", Warn)
		return issues
	case itemlist.Paused:
		tell(k.rule.Code, "item_paused", Warn)
	case itemlist.Gone:
		tell(k.rule.Code, "item_cancelled", Warn)
	}
	if k.name >= 0 && item.Name != "" {
		if names := rec.Column(k.name).(*array.String); names.IsValid(row) && !sameName(names.Value(row), item.Name) {
			tell(k.rule.Name, "item_name_differs", Warn)
		}
	}
	if k.version >= 0 {
		if v := rec.Column(k.version).(*array.Int64); v.IsValid(row) && v.Value(row) != int64(item.Version) {
			tell(k.rule.Version, "item_version_differs", Warn)
		}
	}
	return issues
}

// sameName compares names of items but for blanks, dashes, case and width.
func sameName(a, b string) bool { return a == b || ids.Fold(a) == ids.Fold(b) }

// daysOf reads a column of times as days in UTC+8.
func daysOf(col arrow.Array) func(row int) (int32, bool) {
	if dates, ok := col.(*array.Date32); ok {
		return func(row int) (int32, bool) {
			if dates.IsNull(row) {
				return 0, false
			}
			return int32(dates.Value(row)), true
		}
	}
	times := col.(*array.Timestamp)
	return func(row int) (int32, bool) {
		if times.IsNull(row) {
			return 0, false
		}
		return int32(localDay(int64(times.Value(row)))), true
	}
}
