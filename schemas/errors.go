package schemas

import (
	"banjian/internal/fault"
	"banjian/internal/text"
)

func unknownSet(s *Subject, f *Field) error {
	return fault.New(fault.Config, "prepare checks", s.Name+"."+f.Name,
		text.F("代码集 %s 不存在", "there is no code set %s", f.CodeSet),
		text.T("请在 schemas/codes/ 下补上该代码集", "add the code set under schemas/codes/"))
}

func badCondition(s *Subject, f *Field, err *conditionError) error {
	return fault.New(fault.Config, "prepare checks", s.Name+"."+f.Name, err.what, conditionHint)
}

func badOrder(s *Subject, o Order) error {
	return fault.New(fault.Config, "prepare checks", s.Name,
		text.F("时间先后规则 %s 所用的字段不存在", "the order %s names fields that do not exist", o.Rule), text.Text{})
}

func badRule(s *Subject, bad text.Text) error {
	return fault.New(fault.Config, "prepare checks", s.Name, bad, ruleHint)
}
