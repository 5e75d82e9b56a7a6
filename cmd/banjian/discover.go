package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"banjian/connectors/sqlview"
	"banjian/internal/fault"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/mappings/draft"
	"banjian/schemas"
)

// discoverOptions are the flags of discover.
type discoverOptions struct {
	view, subject, out, name, schema string
	sample                           int
}

func (a *app) discoverCommand() *cobra.Command {
	o := discoverOptions{}
	c := &cobra.Command{
		Use:   "discover CONNECTION",
		Short: a.t("看部门库里有什么表和视图，并为其中一个起草映射、测试和管道", "list a department's tables and views, and draft a mapping, its test and a pipeline for one"),
		Example: "  banjian discover gjj\n  banjian discover gjj --view v_gjj_accept\n" +
			"  banjian discover gjj --view v_gjj_accept --subject case/accept --out .\n  banjian discover gjj --view v_gjj_case --subject accept,result --out .",
		Args: a.exactly(1, text.T("写出 banjian.yaml 里的一个连接，如 gjj", "name one connection of banjian.yaml, such as gjj")),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(a); err != nil {
				return err
			}
			return a.withHouse(func(h *house) error { return a.discover(cmd.Context(), h, args[0], o) })
		},
	}
	f := c.Flags()
	f.StringVar(&o.view, "view", "", a.t("看这个视图或表的列", "show the columns of this view or table"))
	f.StringVar(&o.subject, "subject", "", a.t("它的行是哪种记录，如 case/accept；宽视图写几种，用逗号隔开（默认：猜）", "what its rows are, such as case/accept; of a wide view several, with commas (default: guessed)"))
	f.StringVar(&o.out, "out", "", a.t("把草稿写进这个文件夹（站点文件夹写 .）；不覆盖已有文件", "write the draft into this folder (. for the site's); nothing is overwritten"))
	f.StringVar(&o.name, "name", "", a.t("草稿的名称（默认：连接-记录，如 gjj-accept）", "name of the draft (default: connection-subject, such as gjj-accept)"))
	f.StringVar(&o.schema, "schema", "", a.t("列出这个库或模式（默认：连接自己的）", "list this schema (default: the connection's own)"))
	f.IntVar(&o.sample, "sample", sqlview.MaxSample, a.t("看几行来猜，0 为不看；取值只打码显示", "rows to look at for guessing, 0 for none; values are shown masked only"))
	return c
}

func (o *discoverOptions) check(a *app) error {
	bad := func(zh, en string) error { return usageError{errors.New(a.t(zh, en))} }
	switch {
	case o.view == "" && (o.subject != "" || o.out != "" || o.name != ""):
		return bad("--subject、--out、--name 要和 --view 一起用", "--subject, --out and --name go with --view")
	case o.view != "" && o.schema != "":
		return bad("有 --view 时模式写在视图名里：模式.视图", "with --view the schema is part of the name: schema.view")
	case o.sample < 0 || o.sample > sqlview.MaxSample:
		return bad(fmt.Sprintf("--sample 从 0 到 %d", sqlview.MaxSample), fmt.Sprintf("--sample is 0 to %d", sqlview.MaxSample))
	case o.name != "" && !draft.GoodName(o.name):
		return bad("--name 只能用小写字母、数字和 -，如 gjj-accept", "--name is made of small letters, digits and -, such as gjj-accept")
	}
	return nil
}

func (a *app) discover(ctx context.Context, h *house, connection string, o discoverOptions) error {
	if c, ok := h.Site().Connections[connection]; ok && !slices.Contains(sqldialect.Kinds(), c.Kind) {
		return fault.New(fault.Config, "find connection", connection, text.F("连接 %[1]s 是 %[2]s，不是数据库", "connection %[1]s is of kind %[2]s and no database", connection, c.Kind),
			text.T("读文件和主题的管道手工写；写好后用 banjian preview 看", "pipelines of files and topics are written by hand; banjian preview shows what they read"))
	}
	look, err := h.Look(connection)
	if err != nil {
		return err
	}
	if o.view == "" {
		return a.listRelations(ctx, look, connection, o.schema)
	}
	rel, sample, err := sqlview.Look(ctx, look, o.view, o.sample)
	if err != nil {
		return err
	}
	d, err := draft.New(h.Schemas())
	if err != nil {
		return err
	}
	v := viewOf(connection, o.view, rel, sample)
	v.Source, v.Lang = h.SourceBehind(connection), a.lang
	a.noteCharset(v)
	subjects, why, err := subjectsFor(h.Schemas(), d, v, o.subject)
	if err != nil {
		return err
	}
	if o.out != "" {
		return a.writeDraft(h.Schemas(), d.Draft(v, o.nameOf(v, subjects), subjects...), o.out)
	}
	return a.showColumns(d, v, subjects, why)
}

// viewOf is a relation as drafting takes it.
func viewOf(connection, name string, rel *sqlview.Relation, sample [][]string) draft.View {
	v := draft.View{Connection: connection, Name: rel.Name, Kind: rel.Kind, Comment: rel.Comment}
	if schema, _, found := strings.Cut(name, "."); found {
		v.Name = schema + "." + rel.Name
	}
	for i, c := range rel.Columns {
		v.Columns = append(v.Columns, draft.Column{Name: c.Name, Type: c.Type, Kind: c.Kind, Comment: c.Comment, Nullable: c.Nullable, Values: sample[i]})
	}
	return v
}

// noteCharset says that texts came out as what their bytes are in another charset.
func (a *app) noteCharset(v draft.View) {
	if columns := draft.Mistaken(v); len(columns) > 0 {
		a.note(text.F("注意：列 %[2]s 里的字是乱码，像是把 GBK 存进了声明为 latin1 的列。在 banjian.yaml 的连接 %[1]s 上写 charset: gbk，再 discover 一次",
			"note: the texts of %[2]s come out garbled, as GBK does that was stored in columns declared latin1. Write charset: gbk at connection %[1]s in banjian.yaml, and discover again",
			v.Connection, strings.Join(columns, ", ")))
	}
}

// nameOf is the name of the draft.
func (o *discoverOptions) nameOf(v draft.View, subjects []*schemas.Subject) string {
	if o.name != "" {
		return o.name
	}
	return draft.NameFor(v, subjects...)
}

// subjectsFor is the subjects a person named, or those that are guessed.
func subjectsFor(cat *schemas.Catalog, d *draft.Drafter, v draft.View, names string) ([]*schemas.Subject, text.Text, error) {
	known := cat.SubjectNames(schemas.DepartmentGroups...)
	if names == "" {
		list := d.Kinds(v)
		_, why := d.GuessSubject(v)
		if len(list) == 0 {
			return nil, why, fault.New(fault.Config, "guess subject", v.Name, text.T("看不出它的行是哪种记录", "it cannot be told what kind of record its rows are"),
				text.F("用 --subject 指明：%s", "say so with --subject: %s", strings.Join(known, ", ")))
		}
		if len(list) > 1 {
			why = text.T("受理和办结的列都在一行里", "a row has the columns of acceptance and result")
		}
		return list, why, nil
	}
	var list []*schemas.Subject
	for _, name := range strings.Split(names, ",") {
		if name = strings.TrimSpace(name); !slices.Contains(known, name) {
			name = "case/" + name
		}
		s, ok := cat.Subject(name)
		if !ok || !slices.Contains(known, name) {
			return nil, text.Text{}, fault.New(fault.Config, "find subject", strings.TrimPrefix(name, "case/"), text.T("没有这种记录", "there is no such subject"),
				text.F("可用：%s", "known: %s", strings.Join(known, ", ")))
		}
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list, text.T("由 --subject 指明", "named by --subject"), nil
}

// relationLine is one table or view as scripts read it.
type relationLine struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`
	Comment string   `json:"comment,omitempty"`
	Columns int      `json:"columns"`
	Key     []string `json:"key"`
	Rows    *int64   `json:"rows,omitempty"` // an estimate; left out where the server does not know
}

func (a *app) listRelations(ctx context.Context, look sqlview.Options, connection, schema string) error {
	list, err := sqlview.List(ctx, look, schema)
	if err != nil {
		return err
	}
	lines := []relationLine{}
	for _, r := range list {
		l := relationLine{Name: r.Name, Kind: r.Kind, Comment: r.Comment, Columns: len(r.Columns), Key: append([]string{}, r.Key...)}
		if r.Rows >= 0 {
			l.Rows = &r.Rows
		}
		lines = append(lines, l)
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(map[string]any{"connection": connection, "relations": lines})
	}
	w := &table{out: a.out}
	w.heading(a.t("名称\t种类\t列数\t主键\t行数约\t注释", "name\tkind\tcolumns\tprimary key\trows, about\tcomment"))
	for _, l := range lines {
		rows := "-"
		if l.Rows != nil {
			rows = count(*l.Rows)
		}
		w.row(l.Name, a.relationKind(l.Kind), count(int64(l.Columns)), strings.Join(l.Key, ", "), rows, l.Comment)
	}
	w.print()
	if len(list) > 0 {
		first := list[max(0, slices.IndexFunc(list, func(r sqlview.Relation) bool { return r.Kind == "view" }))].Name
		if schema != "" {
			first = schema + "." + first
		}
		a.note(text.F("看其中一个的列，猜它的行是什么：%s", "to see the columns of one, and what its rows may be: %s", a.command("discover", connection, "--view", first)))
	} else {
		a.note(text.T("这个账号看不到任何表或视图；请 DBA 授予视图的 SELECT 权限（banjian schema view 给出语句）",
			"this account sees no table and no view; have the DBA grant SELECT on a view (banjian schema view writes the statements)"))
	}
	return nil
}

func (a *app) relationKind(kind string) string {
	if kind == "view" {
		return a.t("视图", "view")
	}
	return a.t("表", "table")
}
