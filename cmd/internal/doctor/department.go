package doctor

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"banjian/connectors"
	"banjian/connectors/sqlview"
	"banjian/internal/text"
	"banjian/pipelines"
	"banjian/schemas"
)

// Department is a connection that pipelines read from.
type Department struct {
	Name  string
	Look  sqlview.Options // of the connection alone, see sqlview.List
	Views []View
}

// View is what one pipeline reads.
type View struct {
	Pipeline string
	Source   connectors.SourceOptions // From alone if the mapping is broken
	Mistake  error                    // in its mapping
	Ran      []pipelines.Load         // what its last runs cost, newest first
}

// Bounds keep an examination light on the department.
type Bounds struct {
	Rows    int64         // keys are compared in views up to that size
	Timeout time.Duration // of each statement
}

// Examine asks the server, then looks at the rows of each view. Outside the hours of the
// connection nothing is asked.
func (d *Department) Examine(ctx context.Context, b Bounds) []Line {
	r := &Report{About: d.Name}
	d.Look.Timeout = b.Timeout
	server, err := sqlview.Visit(ctx, d.Look)
	if err != nil {
		r.Wrong("", "connect", err)
		return r.Lines
	}
	r.Add("", "connect", OK, text.F("%s %s，%s 内连上，连接按 UTF-8 收发", "%s %s, connected in %s, speaks UTF-8", d.Look.DB.Kind, server.Version, server.Took.Round(time.Millisecond)), text.Text{})
	r.Clock(server.Clock)
	r.standby(d, server.Lag)
	var needed, flags []string
	open := false
	for _, v := range d.Views {
		needed = append(needed, v.Source.From.View+v.Source.From.Table)
		open = open || v.Source.From.Query != ""
		if f := v.Source.From.Flag; f != nil {
			flags = append(flags, f.Table)
		}
	}
	if needed = slices.DeleteFunc(needed, func(n string) bool { return n == "" }); len(d.Views) > 0 {
		if dialect, err := d.Look.DB.Dialect(); err == nil {
			r.rights(dialect, server, needed, open, flags...)
		}
	}
	for i := range d.Views {
		if ctx.Err() != nil {
			break
		}
		r.view(ctx, &d.Views[i], b)
	}
	return r.Lines
}

func (r *Report) view(ctx context.Context, v *View, b Bounds) {
	if len(v.Source.Columns) == 0 {
		r.Mistakes(v.Pipeline, v.Mistake)
		return
	}
	o, err := v.Source.View()
	if err != nil {
		r.Wrong(v.Pipeline, "columns", err)
		return
	}
	o.Timeout = b.Timeout
	h, err := sqlview.Examine(ctx, o, b.Rows)
	if err != nil {
		r.Wrong(v.Pipeline, "columns", err)
		return
	}
	r.Add(v.Pipeline, "columns", OK, text.F("映射要的 %d 列都在", "all %d columns that the mapping reads are there", len(o.Columns)), text.Text{})
	r.charsets(v.Pipeline, o, h)
	r.key(v.Pipeline, o.Key, v.Source.From.Numbered(), h, b)
	if len(o.Cursor) > 0 {
		r.cursor(v.Pipeline, strings.Join(o.Cursor, ", "), h)
	}
	r.load(v, o, h)
}

// chinese are charsets in which Chinese is written as itself.
var chinese = []string{"utf8", "utf8mb3", "utf8mb4", "gbk", "gb2312", "gb18030", "big5", "ucs2", "utf16", "utf16le", "utf32", "ascii"}

func (r *Report) charsets(pipeline string, o sqlview.Options, h *sqlview.Health) {
	var odd []string
	for _, column := range slices.Sorted(maps.Keys(h.Charsets)) {
		if !slices.Contains(chinese, h.Charsets[column]) && o.Charset == "" && o.Charsets[column] == "" {
			odd = append(odd, column+" "+h.Charsets[column])
		}
	}
	if len(odd) == 0 {
		return
	}
	r.Add(pipeline, "charset", Warn, text.F("这些列的字符集写不了中文：%s", "Chinese cannot be written in the charset of these columns: %s", strings.Join(odd, ", ")),
		text.T("若里面有中文，多半是 GBK 或 UTF-8 的字节存进了 latin1：与部门核对真实编码，在连接或管道的 columns 里写 charset: gbk", "if there is Chinese in them, they hold bytes of GBK or UTF-8: ask the department which, and write charset: gbk with the connection or under columns of the pipeline"))
}

// shownKeys is how many colliding keys are shown.
const shownKeys = 3

func (r *Report) key(pipeline string, key []string, numbered bool, h *sqlview.Health, b Bounds) {
	name := strings.Join(key, ", ")
	if h.NoKey > 0 {
		r.Add(pipeline, "key", Warn, text.F("%d 行的 %s 有空值（NULL %d 行，空文字 %d 行），归集时会成为问题数据", "%d rows have nothing in %s (%d NULL, %d an empty text) and will be rejected", h.NoKey, name, h.NoKey-h.EmptyKey, h.EmptyKey), text.T("请部门补上，或在视图里用别的列", "have the department fill it in, or have the view give another column"))
	}
	switch {
	case numbered:
		r.Add(pipeline, "key", OK, text.F("%d 行，相同的行按次序编号", "%d rows, those that are equal are numbered", h.Rows), text.Text{})
	case len(key) == 0:
		r.Add(pipeline, "key", Warn, text.T("没有来自视图列的主键，按整行比较", "no column of the view feeds the key; rows are told apart as a whole"), text.T("请部门在视图中给出不重复的编号", "have the view give a number that does not repeat"))
	case h.KeysFault != nil:
		r.Wrong(pipeline, "key", h.KeysFault)
	case !h.KeysTold:
		r.Add(pipeline, "key", Warn, text.F("视图有 %d 行，超过 %d，没有检查 %s 是否重复", "the view has %d rows, more than %d: %s was not looked through for repeats", h.Rows, b.Rows, name), text.T("用 --rows 放宽", "raise --rows"))
	case len(h.Collisions) > 0:
		r.Add(pipeline, "key", Fail, collided(name, h.Collisions), text.T("先归集的一行算数，其余成为问题数据：在管道的 key 里加上能区分它们的字段，或请部门去掉重复；是哪些行，请部门自己执行下面的语句看", "the row that was collected first counts, the others are rejected: add to the pipeline's key what tells them apart, or have the department remove repeats; the statement below shows the department which rows they are"), h.Repeats)
	default:
		r.Add(pipeline, "key", OK, text.F("%d 行，%s 不重复", "%d rows, %s does not repeat", h.Rows, name), text.Text{})
	}
}

// collided counts keys and shows the first, masked.
func collided(name string, list []sqlview.Collision) text.Text {
	var rows int64
	var shown []string
	for i, c := range list {
		rows += c.Rows
		if i < shownKeys {
			parts := make([]string, len(c.Key))
			for j, k := range c.Key {
				parts[j] = schemas.MaskText.Apply(k)
			}
			shown = append(shown, strings.Join(parts, "+"))
		}
	}
	zh, en := "", ""
	if len(list) >= sqlview.MaxCollisions {
		zh, en = "至少 ", "at least "
	}
	return text.F("%[1]s 重复：%[3]s%[4]d 个值出现在 %[5]d 行，如 %[6]s", "%[1]s repeats: %[2]s%[4]d values on %[5]d rows, such as %[6]s", name, en, zh, len(list), rows, strings.Join(shown, "; "))
}

// Where an index makes no difference, and how much it must make elsewhere.
const (
	quickScan  = 500 * time.Millisecond
	probeShare = 4
)

func (r *Report) cursor(pipeline, name string, h *sqlview.Health) {
	if h.NoCursor > 0 {
		r.Add(pipeline, "cursor", Warn, text.F("%d 行的 %s 为空，每次都要重读", "%d rows have no %s and are read in every run", h.NoCursor, name), text.T("请部门补上，或写 coalesce(更新时间, 创建时间)", "have the department fill it in, or write coalesce(updated, created)"))
	}
	if h.Future > 0 {
		r.Add(pipeline, "cursor", Warn, text.F("%d 行的 %s 比对方时钟晚 5 分钟以上，每次都要重读", "%d rows have a %s more than 5 minutes ahead of the server's clock and are read in every run", h.Future, name), text.T("请部门更正这些时间", "have the department correct these times"))
	}
	switch {
	case h.Indexed:
		r.Add(pipeline, "cursor", OK, text.F("%s 有索引", "%s has an index", name), text.Text{})
	case h.Scan < quickScan || h.Probe > 0 && h.Probe*probeShare < h.Scan:
		r.Add(pipeline, "cursor", OK, text.F("按 %s 查最新的行用 %s，数完全部用 %s", "asking for the newest by %s took %s, counting all %s", name, h.Probe.Round(time.Millisecond), h.Scan.Round(time.Millisecond)), text.Text{})
	default:
		r.Add(pipeline, "cursor", Warn, text.F("按 %s 查最新的行用 %s，和数完全部（%s）差不多：像是没有索引", "asking for the newest by %s took %s, about as long as counting all (%s): there seems to be no index", name, h.Probe.Round(time.Millisecond), h.Scan.Round(time.Millisecond)),
			text.T("请 DBA 在视图背后的表上给这一列建索引，否则每次增量都扫全表", "have the DBA put an index on the column behind the view: without one every run scans everything"))
	}
}

// load says what a run will cost.
func (r *Report) load(v *View, o sqlview.Options, h *sqlview.Health) {
	bytes := h.Rows * h.RowBytes
	what := text.F("读全部约 %d 行、%s", "reading all is about %d rows, %s", h.Rows, size(bytes))
	if least := leastTime(o, h.Rows, bytes); least > 0 {
		what = joined(what, text.F("，按限速至少 %s", ", at the speed allowed at least %s", least))
	}
	if n := int64(len(v.Ran)); n > 0 {
		var sum pipelines.Load
		for _, l := range v.Ran {
			sum.Add(l)
		}
		what = joined(what, text.F("；最近 %d 次平均 %d 条语句、%s、%d 行、%s", "; the last %d runs took %d statements, %s, %d rows, %s on average", n, sum.Queries/n, seconds(sum.BusyMS/n), sum.Rows/n, size(sum.Bytes/n)))
	}
	r.Add(v.Pipeline, "load", OK, what, text.Text{})
}

func joined(a, b text.Text) text.Text { return text.T(a.ZH+b.ZH, a.EN+b.EN) }

// leastTime is how long so much takes at the speeds allowed.
func leastTime(o sqlview.Options, rows, bytes int64) time.Duration {
	var least time.Duration
	for _, part := range []struct{ n, perSecond int64 }{
		{rows, int64(o.Speed.Rows)}, {rows, int64(o.Shared.Rows)}, {bytes, int64(o.Speed.Bytes)}, {bytes, int64(o.Shared.Bytes)},
	} {
		if part.perSecond > 0 {
			least = max(least, time.Duration(part.n/part.perSecond)*time.Second)
		}
	}
	return least
}
