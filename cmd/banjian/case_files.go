package main

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// lackingFile is a file of the application that its platform does not give.
type lackingFile struct {
	System     string    `json:"system"`
	Submission int64     `json:"submission"`
	Seq        string    `json:"seq"`
	Material   string    `json:"material,omitempty"`
	State      string    `json:"file_state"` // pending, failed
	Since      time.Time `json:"since,omitzero"`
	Tries      int64     `json:"tries"`
	Next       time.Time `json:"next_try,omitzero"`
	Why        string    `json:"why,omitempty"`
}

// lack adds what is lacking of the application: its number is the case's flow number, or what an
// application itself is known by.
func (a *app) lack(ctx context.Context, h *house, l *caseLife) error {
	list, err := h.Lacking(ctx, cmp.Or(l.FlowNo, l.LocalNo))
	for _, f := range list {
		if l.FlowNo == "" && l.Source != f.Platform {
			continue // a local number that another platform's application has by chance
		}
		one := lackingFile{System: f.System, Submission: f.Submission, Seq: f.Seq, Material: f.Material, State: "pending", Since: f.Since, Tries: f.Tries, Next: f.Next, Why: f.Why.In(a.lang)}
		if f.Failed {
			one.State = "failed"
		}
		l.Lacking = append(l.Lacking, one)
	}
	return err
}

func (a *app) printLacking(f *lackingFile, zone *time.Location) {
	fmt.Fprintf(a.out, a.t("  缺附件  %s，第 %d 次提交，材料 %s", "  file lacking  %s, submission %d, material %s"), f.System, f.Submission, cmp.Or(f.Material, f.Seq))
	if f.State == "pending" {
		fmt.Fprintln(a.out, a.t("：待下载", ": to be fetched"))
		return
	}
	if !f.Since.IsZero() {
		fmt.Fprintf(a.out, a.t("，自 %s", ", since %s"), f.Since.In(zone).Format(time.DateTime))
	}
	fmt.Fprintf(a.out, a.t("：%s", ": %s"), f.Why)
	if !f.Next.IsZero() {
		fmt.Fprintf(a.out, a.t("；试过 %d 次，%s 再取", "; tried %d times, asked for again at %s"), f.Tries, f.Next.In(zone).Format(time.DateTime))
	}
	fmt.Fprintln(a.out)
}
