package main

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/sides"
	"banjian/connectors"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/pipelines"
)

// listingFlags name a file that a platform's people exported.
type listingFlags struct {
	export, subject string
	numbers, system string
	fetch           bool

	columns        []string // NAME=HEADING
	charset, sheet string
	header         int
}

func (f *listingFlags) flags(a *app, c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.export, "export", "", a.t("中台导出的清单（csv、xlsx），与上报过的逐条比对；要写 --receiver", "a list that the platform of --receiver exported (csv, xlsx), to be laid beside what was delivered"))
	flags.StringVar(&f.subject, "subject", "case/accept", a.t("--export 里是哪种记录", "which records --export lists"))
	flags.StringVar(&f.numbers, "numbers", "", a.t("中台导出的申报流水号清单，找出推送时我们没收到的", "a list of the platform's flow numbers: tells those that were announced while nobody heard it"))
	flags.StringVar(&f.system, "system", "", a.t("--numbers 是哪个审批系统的（只有一个时不用写）", "whose --numbers they are, as gateway names its systems; not needed where there is one"))
	flags.BoolVar(&f.fetch, "fetch-missing", false, a.t("把没收到的流水号记入收件日志，由 serve 去取申请和材料", "enter the numbers that did not come into the journal: serve fetches their applications and materials"))
	flags.StringArrayVar(&f.columns, "column", nil, a.t("字段=列名，如 SBLSH_SHORT=流水号；列名留空则不比这个字段；--numbers 里每行都一样的写 字段==值，如 XZQHDM==370102（可多次）", "FIELD=HEADING, such as SBLSH_SHORT=流水号; without a heading the field is not compared; of --numbers FIELD==VALUE is the same in every row, such as XZQHDM==370102 (may be repeated)"))
	flags.StringVar(&f.charset, "charset", "", a.t("csv 的字符集：utf8（默认）、gbk、gb18030、big5", "of a csv: utf8 (default), gbk, gb18030, big5"))
	flags.StringVar(&f.sheet, "sheet", "", a.t("xlsx 的工作表（默认第一张）", "sheet of an xlsx (default: the first)"))
	flags.IntVar(&f.header, "header", 0, a.t("列名在第几行（默认 1）", "row of the headings (default 1)"))
	c.MarkFlagsMutuallyExclusive("export", "numbers")
	c.MarkFlagsMutuallyExclusive("ask", "export")
	c.MarkFlagsMutuallyExclusive("source", "export")
	c.MarkFlagsMutuallyExclusive("source", "numbers")
}

// check says whether the flags go together.
func (f *reconcileFlags) check(a *app) error {
	switch {
	case f.export != "" && f.receiver == "":
		return usageError{errors.New(a.t("--export 要写 --receiver：是哪个中台导出的", "--export needs --receiver: which platform exported it"))}
	case f.fetch && f.numbers == "":
		return usageError{errors.New(a.t("--fetch-missing 要和 --numbers 同用", "--fetch-missing goes with --numbers"))}
	case f.export == "" && f.numbers == "" && len(f.columns) > 0:
		return usageError{errors.New(a.t("--column 要和 --export 或 --numbers 同用", "--column goes with --export or --numbers"))}
	}
	return nil
}

// named is the headings that somebody named, by field.
func (f *listingFlags) named(a *app) (map[string]string, error) {
	named := map[string]string{}
	for _, c := range f.columns {
		name, heading, ok := strings.Cut(c, "=")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, usageError{errors.New(a.t("--column 写成 字段=列名", "--column is FIELD=HEADING"))}
		}
		named[strings.TrimSpace(name)] = strings.TrimSpace(heading)
	}
	return named, nil
}

// listOf is the list of a receiver that was named, nil without one.
func (a *app) listOf(h *house, f *reconcileFlags) (*sides.List, error) {
	if f.export == "" {
		return nil, nil
	}
	if p := h.Profile(f.receiver); p != nil && p.Kind != pipelines.KindPlatform {
		return nil, usageError{errors.New(a.t("--export 用于业务中台；别的接收方直接回读", "--export is for platforms: other receivers are read back"))}
	}
	list, err := f.list(a, f.export)
	if err == nil {
		list.Subject = f.subject
		list.Matched = func(headings []string) {
			a.note(text.F("比对的列：%s", "columns compared: %s", strings.Join(headings, ", ")))
		}
	}
	return list, err
}

// list is a file with what the flags say of it.
func (f *listingFlags) list(a *app, path string) (*sides.List, error) {
	named, err := f.named(a)
	return &sides.List{File: connectors.Listing{Path: path, Charset: f.charset, Sheet: f.sheet, Header: f.header}, Named: named}, err
}

// systemNamed is the approval system whose numbers are compared.
func (a *app) systemNamed(h *house, name string) (string, site.GatewaySystem, error) {
	if h.Site().Gateway == nil || len(h.Site().Gateway.Systems) == 0 {
		return "", site.GatewaySystem{}, fault.New(fault.Config, "compare numbers", h.Site().Dir, text.T("本站点没有 gateway，不收流水号", "this site has no gateway and takes no flow numbers"), text.T("见收件指南", "see the guide to the gateway"))
	}
	names := slices.Sorted(maps.Keys(h.Site().Gateway.Systems))
	if name == "" && len(names) == 1 {
		name = names[0]
	}
	s, ok := h.Site().Gateway.Systems[name]
	if name == "" {
		return "", s, usageError{errors.New(a.t("用 --system 写明是哪个审批系统：", "name the approval system with --system: ") + strings.Join(names, a.t("、", ", ")))}
	}
	if !ok {
		return "", s, fault.New(fault.Config, "compare numbers", "--system "+name, text.T("gateway 里没有这个审批系统", "gateway has no such system"), cmp.Or(nearest.Hint(name, names), text.F("有：%s", "there are: %s", strings.Join(names, ", "))))
	}
	return name, s, nil
}

// onlyNumbers is a reconciliation of flow numbers alone.
func (a *app) onlyNumbers(ctx context.Context, h *house, store ledger.Store, f *reconcileFlags, now time.Time) error {
	name, sys, err := a.systemNamed(h, f.system)
	if err != nil {
		return err
	}
	list, err := f.list(a, f.numbers)
	if err != nil {
		return err
	}
	report, err := a.sidesOf(h, store).Numbers(ctx, name, sys, list, f.fetch, f.named)
	if err != nil {
		return err
	}
	return a.endReconcile(h, report, f, now)
}
