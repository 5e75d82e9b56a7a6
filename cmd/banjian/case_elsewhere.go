package main

import (
	"fmt"

	"banjian/cmd/internal/sides"
)

func (a *app) printElsewhere(h *house, e sides.Elsewhere) {
	fmt.Fprintf(a.out, a.t("  同一办件：%s %s（为准）↔ %s %s（比对）", "  the same case: %s %s (counts) ↔ %s %s (compared)"), e.First, e.Local, e.Compared, e.Other)
	if len(e.Fields) == 0 {
		fmt.Fprintln(a.out, a.t("，一致", ", equal"))
		return
	}
	fmt.Fprintln(a.out)
	a.printDifferences(h, e.Fields, e.First, e.Compared)
}
