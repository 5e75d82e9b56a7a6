package mappings

import (
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/schemas"
)

// measure is a unit: base of the smallest in its kind make one of it.
type measure struct {
	names []string // the first is shown
	kind  string
	base  uint64
}

var measures = []measure{
	{[]string{"分", "fen"}, "money", 1}, {[]string{"角", "jiao"}, "money", 10}, {[]string{"元", "yuan"}, "money", 100},
	{[]string{"千元"}, "money", 100_000}, {[]string{"万元", "万"}, "money", 1_000_000}, {[]string{"亿元", "亿"}, "money", 10_000_000_000},
	{[]string{"秒", "second"}, "time", 1}, {[]string{"分钟", "minute"}, "time", 60}, {[]string{"小时", "hour"}, "time", 3600},
	{[]string{"天", "日", "自然日", "day"}, "time", 86400}, {[]string{"周", "week"}, "time", 604800},
	{[]string{"工作日", "workday"}, "workday", 1},
	{[]string{"月", "个月", "month"}, "month", 1}, {[]string{"年", "year"}, "month", 12},
	{[]string{"平方米", "㎡", "m2"}, "area", 3}, {[]string{"亩", "mu"}, "area", 2000}, {[]string{"公顷", "ha"}, "area", 30000}, {[]string{"平方公里", "km2"}, "area", 3_000_000},
	{[]string{"克", "g"}, "weight", 1}, {[]string{"千克", "公斤", "kg"}, "weight", 1000}, {[]string{"吨", "t"}, "weight", 1_000_000},
}

// Measures is the name of every unit.
func Measures() []string {
	var out []string
	for _, m := range measures {
		out = append(out, m.names...)
	}
	return out
}

func findMeasure(name string) *measure {
	i := slices.IndexFunc(measures, func(m measure) bool { return slices.Contains(m.names, name) })
	if i < 0 {
		return nil
	}
	return &measures[i]
}

// conversion brings decimal text from one unit to another, exactly or rounded.
type conversion struct {
	from, to *measure
	mul, div uint64
	places   int // decimals of the result, -1: as many as it has, up to 9
	round    string
}

var roundings = []string{"up", "down", "half"}

// buildUnit is unit: {from: 万元, to: 元, round: half}. A number may carry the unit it is
// in (15个工作日); another unit fails with bad_unit. What does not come out even within the
// decimals of the field fails with inexact_unit unless round says how: up away from
// zero, down towards it, half to the nearest. From a unit to itself only takes the unit
// off. Days are of 24 hours and never working days: those need a calendar (deadline).
func buildUnit(c *fieldCompiler, k, v *node) error {
	if v.kind != mapNode {
		return c.failHint(orNode(v, k), text.T("例如 unit: {from: 万元, to: 元}", "for example unit: {from: 万元, to: 元}"), "unit: 要写 {from, to}", "unit: needs {from, to}")
	}
	if err := c.file.known(v, []string{"from", "to", "round"}); err != nil {
		return err
	}
	from, err := c.measure(v, "from")
	if err != nil {
		return err
	}
	to, err := c.measure(v, "to")
	if err != nil {
		return err
	}
	if from.kind != to.kind {
		return c.fail(v.get("to"), "%s 不能换算成 %s", "%s cannot be converted to %s", from.names[0], to.names[0])
	}
	x := conversion{from: from, to: to, places: -1}
	g := gcd(from.base, to.base)
	x.mul, x.div = from.base/g, to.base/g
	switch t := c.plan.target; t.Type {
	case schemas.Int:
		x.places = 0
	case schemas.Decimal:
		x.places = t.Scale
	}
	say := text.F("%s 换算为 %s", "%s to %s", from.names[0], to.names[0])
	if from == to {
		say = text.F("去掉单位 %s", "without its unit %s", from.names[0])
	}
	if n := v.get("round"); n != nil {
		if n.kind != scalarNode || !slices.Contains(roundings, n.text) {
			return c.fail(n, "round: 只能是 up、down、half", "round: is up, down or half")
		}
		x.round = n.text
		x.places = max(x.places, 0)
		say.ZH += map[string]string{"up": "，进位", "down": "，舍去", "half": "，四舍五入"}[x.round]
		say.EN += ", rounded " + x.round
	}
	return c.textStep(k, step{run: x.run, say: say})
}

func (c *fieldCompiler) measure(v *node, key string) (*measure, error) {
	n, err := c.file.scalar(v, key, true)
	if err != nil {
		return nil, err
	}
	m := findMeasure(n.text)
	if m == nil {
		return nil, c.failHint(n, nearest.Hint(n.text, Measures()), "没有单位 %s", "there is no unit %s", n.text)
	}
	return m, nil
}

func (x *conversion) run(s *scratch, v string) (string, outcome) {
	number, rule := x.bare(v)
	if rule != "" {
		return s.fail(rule, x.from.names[0])
	}
	if x.mul == x.div && x.places < 0 {
		return number, valued
	}
	b, rule := x.convert(s.begin(), number)
	if rule != "" {
		return s.fail(rule)
	}
	return s.end(b)
}

// bare is v without the unit it carries.
func (x *conversion) bare(v string) (string, string) {
	end := len(v)
	for end > 0 && (v[end-1] < '0' || v[end-1] > '9') && v[end-1] != '.' {
		end--
	}
	if end == len(v) || end == 0 {
		return v, ""
	}
	unit := strings.TrimFunc(v[end:], isBlankRune)
	if short := strings.TrimPrefix(unit, "个"); unit != "" && !slices.Contains(x.from.names, unit) && !slices.Contains(x.from.names, short) {
		return "", "bad_unit"
	}
	return v[:end], ""
}

// convert appends v times mul through div.
func (x *conversion) convert(b []byte, v string) ([]byte, string) {
	negative := strings.HasPrefix(v, "-")
	whole, part, _ := strings.Cut(strings.TrimLeft(v, "+-"), ".")
	part = strings.TrimRight(part, "0")
	if whole == "" && part == "" && !strings.Contains(v, "0") || !digits(whole) || !digits(part) || len(whole)+len(part) > 15 || len(part) > 8 {
		return b, "bad_decimal"
	}
	m, den := uint64(0), x.div
	for _, d := range []string{whole, part} {
		for i := 0; i < len(d); i++ {
			m = m*10 + uint64(d[i]-'0')
		}
	}
	for range part {
		den *= 10
	}
	places := x.places
	if places < 0 {
		places = 9
	}
	hi, lo := bits.Mul64(m, x.mul)
	if hi == 0 {
		hi, lo = bits.Mul64(lo, pow10(places))
	} else {
		return b, "bad_decimal"
	}
	if hi >= den {
		return b, "bad_decimal"
	}
	q, rest := bits.Div64(hi, lo, den)
	switch {
	case rest == 0:
	case x.round == "up", x.round == "half" && rest >= den-rest:
		q++
	case x.round == "":
		return b, "inexact_unit"
	}
	if negative && q > 0 {
		b = append(b, '-')
	}
	return appendPlaces(b, q, places, x.places < 0), ""
}

// appendPlaces writes q with its last digits behind the point.
func appendPlaces(b []byte, q uint64, places int, short bool) []byte {
	p := pow10(places)
	b = strconv.AppendUint(b, q/p, 10)
	part := q % p
	if places == 0 || short && part == 0 {
		return b
	}
	b = append(b, '.')
	for p /= 10; p > 0; p /= 10 {
		b = append(b, byte('0'+part/p%10))
		if short && part%p == 0 {
			break
		}
	}
	return b
}

func pow10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
