package main

import (
	"fmt"
	"strings"
)

// mustHave says which receivers there are when name is none of them.
func (a *app) mustHave(h *house, name string) error {
	if _, ok := h.Site().Receivers[name]; ok {
		return nil
	}
	known := strings.Join(h.Receivers(), a.t("、", ", "))
	if known == "" {
		return usageError{fmt.Errorf("%s", a.t("本站点没有接收方", "this site has no receivers"))}
	}
	return usageError{fmt.Errorf(a.t("本站点没有接收方 %q；有：%s", "this site has no receiver %q; it has: %s"), name, known)}
}

// pipelinesOfDepartment is what reads a department's system; nil without a department.
func (a *app) pipelinesOfDepartment(h *house, department string) ([]string, error) {
	if department == "" {
		return nil, nil
	}
	var list []string
	for _, s := range h.Specs() {
		if s.From.SourceID == department {
			list = append(list, s.Pipeline)
		}
	}
	if len(list) == 0 {
		return nil, usageError{fmt.Errorf(a.t("没有管道读取部门 %q；有：%s", "no pipeline reads a department %q; there are: %s"), department, strings.Join(h.Departments(), a.t("、", ", ")))}
	}
	return list, nil
}
