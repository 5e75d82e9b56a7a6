package draft

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/schemas"
)

// shape is a way values can look; data/shapes.tsv uses the names.
type shape string

// strong shapes can hardly be anything else, and a column of one speaks for itself.
var strong = []shape{"resident", "mobile", "uscc", "item31", "item33", "email", "url", "division", "organ", "company", "landline", "place"}

// patterns are the shapes that a single value shows. Those with a check digit are found
// by look.take.
var patterns = map[shape]*regexp.Regexp{
	"item31":    regexp.MustCompile(`^[0-9A-Z]{18}[0-9A-Z]{2}[0-9]{11}$|^[0-9A-Z]{9}[0-9A-Z]{12}[0-9]{10}$`),
	"item33":    regexp.MustCompile(`^[0-9A-Z]{20}[0-9]{13}$`),
	"basic12":   regexp.MustCompile(`^[0-9]{12}$`),
	"landline":  regexp.MustCompile(`^(0[0-9]{2,3}[-－]?)?[2-8][0-9]{6,7}$`),
	"email":     regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[A-Za-z]+$`),
	"zip":       regexp.MustCompile(`^[0-9]{6}$`),
	"guid":      regexp.MustCompile(`^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$`),
	"url":       regexp.MustCompile(`^https?://`),
	"file":      regexp.MustCompile(`(?i)\.(pdf|jpe?g|png|docx?|ofd|zip|rar|xlsx?|tif)\b`),
	"organ":     regexp.MustCompile(`(局|委|厅|部|中心|大厅|委员会|办公室|支队|大队|派出所|办事处|政府|科|处|所|站|法院|管理处|机关)$`),
	"company":   regexp.MustCompile(`(公司|学校|医院|协会|银行|厂|店|合作社|基金会|事务所|大学|学院|集团|幼儿园|工作室|经营部|中学|小学)$`),
	"place":     regexp.MustCompile(`(省|市|区|县|镇|乡|村).*(路|街|道|号|栋|村|室|弄|巷|区|县|镇)`),
	"person":    regexp.MustCompile(`^[\p{Han}·]{2,4}$`),
	"serial":    regexp.MustCompile(`^(?:[0-9A-Za-z\-_/]*[0-9]){4}[0-9A-Za-z\-_/]*$`),
	"sentence":  regexp.MustCompile(`\p{Han}{5,}|[，。；]`),
	"organcode": regexp.MustCompile(`^[0-9A-Z]{8}-?[0-9X]$`),
}

// shapes are those that most values of the column have.
func (l *look) shapes(c *Column) []shape {
	if l.Seen == 0 {
		return nil
	}
	var out []shape
	add := func(s shape, ok bool) {
		if ok {
			out = append(out, s)
		}
	}
	add("resident", l.half(l.Resident))
	add("uscc", l.half(l.USCC))
	add("mobile", l.half(l.Mobile))
	add("division", l.most(l.Division))
	add("time", l.half(l.Time) && l.Resident+l.Division == 0 || c.Kind == sqldialect.Datetime || c.Kind == sqldialect.Date)
	add("number", l.most(l.Number))
	counts, han := map[shape]int{}, 0
	distinct := map[string]bool{}
	for _, v := range c.Values {
		if v = strings.TrimSpace(v); v == "" {
			continue
		}
		distinct[v] = true
		for s, p := range patterns {
			if p.MatchString(v) {
				counts[s]++
			}
		}
		if strings.ContainsFunc(v, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			han++
		}
	}
	for _, s := range slices.Sorted(mapsKeys(counts)) {
		add(s, l.most(counts[s]))
	}
	add("han", l.most(han))
	add("unique", len(distinct) == l.Seen && l.Seen > 2)
	add("constant", len(distinct) == 1 && l.Seen >= 5)
	add("few", len(distinct) > 1 && len(distinct)*2 <= l.Seen && l.Few)
	if slices.Contains(out, "organ") || slices.Contains(out, "company") || slices.Contains(out, "few") && l.Seen >= 2*fewPeople { // 王大力 is a name, 通过 is not
		out = slices.DeleteFunc(out, func(s shape) bool { return s == "person" })
	}
	if slices.Contains(out, "division") || slices.Contains(out, "mobile") || slices.Contains(out, "resident") || slices.Contains(out, "time") {
		out = slices.DeleteFunc(out, func(s shape) bool { return s == "serial" || s == "landline" || s == "basic12" })
	}
	return out
}

// fewPeople is how many rows there must be before few different names are no names.
const fewPeople = 10

func mapsKeys[M ~map[K]V, K comparable, V any](m M) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// What values say, in the same unit as names do: natural logarithms of odds.
const (
	strongFit  = 1.8
	weakFit    = 0.5
	noFit      = -0.6
	typeFit    = 0.9
	codesKnown = 1.6
	clashes    = -2.5
	never      = -7
)

// agrees is what the column's type and values say for or against a field.
func (d *Drafter) agrees(s *sight, k *known) float64 {
	f, l := k.field, s.look
	switch {
	case s.column.Kind == sqldialect.Binary:
		return never
	case f.Type == schemas.Time || f.Type == schemas.Date:
		return timeAgrees(s)
	case s.timed() && f.Name != "licence_valid":
		return never
	case isRegion(f):
		return or(l, l.half(l.Division), strongFit, -4)
	case f.Type == schemas.Code:
		return d.codesAgree(s, f)
	case f.Type == schemas.Bool:
		return or(l, l.Few && !slices.ContainsFunc(l.Distinct, func(v string) bool { return !truths[v] }), typeFit, -4)
	case f.Type == schemas.Int || f.Type == schemas.Decimal:
		if l.Seen == 0 && s.column.Kind != sqldialect.Text {
			return weakFit
		}
		return or(l, l.half(l.Number) || s.column.Kind != sqldialect.Text, weakFit, -2.5)
	}
	return k.fit(s)
}

// truths are the ways of writing yes and no.
var truths = map[string]bool{"0": true, "1": true, "是": true, "否": true, "有": true, "无": true, "Y": true, "N": true, "y": true, "n": true, "true": true, "false": true, "T": true, "F": true}

func timeAgrees(s *sight) float64 {
	switch {
	case s.timed():
		return typeFit
	case s.column.Kind != sqldialect.Text && s.column.Kind != sqldialect.Int:
		return never
	}
	if s.look.Seen == 0 {
		return 0
	}
	return or(s.look, s.look.half(s.look.Time+s.look.Unix), strongFit, never)
}

// fit weighs the shapes of the values against those of the field.
func (k *known) fit(s *sight) float64 {
	sum, fits := 0.0, false
	for _, have := range s.shapes {
		if slices.Contains(k.fits, have) {
			fits = true
			if slices.Contains(strong, have) {
				sum = max(sum, strongFit)
			} else {
				sum = max(sum, weakFit)
			}
		}
	}
	for _, have := range s.shapes {
		if slices.Contains(k.clash, have) {
			switch {
			case have == "constant" || have == "few":
				return sum - 1.5
			case !fits || slices.Contains(strong, have):
				return sum + clashes
			}
			sum--
		}
	}
	if !fits && len(k.fits) > 0 && len(s.shapes) > 0 {
		sum += noFit
	}
	return sum
}

// codesAgree asks how many of the values, or of what the comment says they mean, are
// codes of the set.
func (d *Drafter) codesAgree(s *sight, f *schemas.Field) float64 {
	set, ok := d.cat.CodeSet(f.CodeSet)
	if !ok {
		return 0
	}
	values := slices.Clone(s.look.Distinct)
	for v := range s.meanings {
		if !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	if s.look.Seen > 0 && !s.look.Few && !s.look.half(s.look.Number) {
		return -4
	}
	knownOnes, worded := 0, 0
	for _, v := range values {
		word := v
		if m := s.meanings[v]; m != "" {
			word = m
		}
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			worded++
		}
		if _, ok := d.codeOf(set, word); ok {
			knownOnes++
		}
	}
	switch {
	case knownOnes*2 >= len(values) && knownOnes > 0:
		return codesKnown
	case knownOnes > 0:
		return weakFit
	case worded > 0:
		return -1.2
	}
	if slices.ContainsFunc(values, func(v string) bool { return utf8.RuneCountInString(v) > 6 }) {
		return -1.5
	}
	return 0
}

func or(l *look, good bool, gain, loss float64) float64 {
	switch {
	case l.Seen == 0:
		return 0
	case good:
		return gain
	}
	return loss
}

// alone are the shapes that a field may be guessed by where neither name nor comment
// tell anything.
var alone = map[string][]shape{
	"applicant_id_no": {"resident"}, "contact_mobile": {"mobile"}, "task_code": {"item31"}, "handle_item_code": {"item33"},
	"accept_region": {"division"}, "region": {"division"}, "dept_name": {"organ", "constant"}, "dept_code": {"uscc", "constant"},
}

func (k *known) alone(s *sight) bool {
	needs, ok := alone[k.field.Name]
	return ok && !slices.ContainsFunc(needs, func(n shape) bool { return !slices.Contains(s.shapes, n) })
}

// inWords are the shapes that a reason names.
var inWords = []struct {
	shape shape
	zh    string
	en    string
}{
	{"resident", "样值是身份证号码", "its values are resident ID numbers"}, {"uscc", "样值是统一社会信用代码", "its values are credit codes"},
	{"mobile", "样值是手机号码", "its values are mobile numbers"}, {"item31", "样值是 31 位实施编码", "its values are implementation codes of 31 characters"},
	{"item33", "样值是 33 位业务办理项编码", "its values are handling-item codes of 33 characters"}, {"division", "样值是行政区划代码", "its values are administrative divisions"},
	{"time", "样值是时间", "its values are times"}, {"email", "样值是邮箱", "its values are e-mail addresses"}, {"organ", "样值是机构名称", "its values are names of bodies"},
	{"landline", "样值是固定电话", "its values are telephone numbers"},
}

// evidence is the shape that speaks for the field, in words.
func (k *known) evidence(s *sight) (text.Text, bool) {
	for _, w := range inWords {
		if slices.Contains(s.shapes, w.shape) && (slices.Contains(k.fits, w.shape) || isRegion(k.field) || k.field.Type == schemas.Time || slices.Contains(alone[k.field.Name], w.shape)) {
			return text.T(w.zh, w.en), true
		}
	}
	return text.Text{}, false
}
