package sqldialect

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// maxName is the longest name in characters; MySQL allows 64, others no less.
const maxName = 64

// CheckName says whether name may stand as a table, view or column name: letters
// (Chinese included), digits, _ and $, not longer than 64 characters. Anything else
// is a Config fault; no other text ever becomes part of a statement.
func CheckName(name string) error {
	ok := name != "" && utf8.ValidString(name) && utf8.RuneCountInString(name) <= maxName
	for _, r := range name {
		ok = ok && (r == '_' || r == '$' || unicode.IsLetter(r) || unicode.IsDigit(r))
	}
	if ok {
		return nil
	}
	return fault.New(fault.Config, "check name", "",
		text.F("%q 不能作为表、视图或列名", "%q cannot be the name of a table, view or column", name),
		text.T("名称只能由字母、汉字、数字、_ 和 $ 组成，最长 64 个字符；其他名称请让部门在视图中改名",
			"a name is made of letters, digits, _ and $, 64 characters at most; have a view rename anything else"))
}

// SplitView splits "view" or "schema.view" and checks both parts.
func SplitView(view string) (schema, name string, err error) {
	schema, name, found := strings.Cut(view, ".")
	if !found {
		schema, name = "", view
	} else if err := CheckName(schema); err != nil {
		return "", "", err
	}
	return schema, name, CheckName(name)
}

// QuoteName checks and quotes one name.
func (d *Dialect) QuoteName(name string) (string, error) {
	if err := CheckName(name); err != nil {
		return "", err
	}
	return d.Quote(name), nil
}

// QuoteView checks and quotes "view" or "schema.view".
func (d *Dialect) QuoteView(view string) (string, error) {
	schema, name, err := SplitView(view)
	if err != nil {
		return "", err
	}
	if schema == "" {
		return d.Quote(name), nil
	}
	return d.Quote(schema) + "." + d.Quote(name), nil
}

func backticks(name string) string {
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

func questionMark(int) string { return "?" }
