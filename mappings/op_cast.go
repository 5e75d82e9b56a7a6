package mappings

import (
	"strconv"
	"strings"

	"banjian/internal/text"
	"banjian/schemas"
)

// buildCast is cast: int|dec|bool|text. int, dec and bool bring a text to its one
// canonical form ("007" → "7") or fail; text shows an instant as
// "2006-01-02 15:04:05" in UTC+8 and a truth value as true or false.
func buildCast(c *fieldCompiler, k, v *node) error {
	kind, err := c.word(k, v)
	if err != nil {
		return err
	}
	t := c.plan.target
	say := text.F("转为 %s", "cast to %s", kind)
	switch kind {
	case "int":
		return c.textStep(k, step{run: castInt, say: say})
	case "bool":
		return c.textStep(k, step{run: castBool, say: say})
	case "dec":
		st := decimalStep(0, -1)
		if t.Type == schemas.Decimal {
			st = decimalStep(t.Width, t.Scale)
		}
		st.say = say
		return c.textStep(k, st)
	case "text":
		if c.state == stateList {
			return c.fail(k, "列表要用 join 变成文本", "a list becomes text by join")
		}
		c.state = stateText
		c.plan.say(say)
		return nil
	}
	return c.fail(v, "cast: 只能是 int、dec、bool、text", "cast: is int, dec, bool or text")
}

func castInt(s *scratch, v string) (string, outcome) {
	n, ok := parseInt(v)
	if !ok {
		return s.fail("bad_int")
	}
	return s.end(strconv.AppendInt(s.begin(), n, 10))
}

// parseInt takes an optional sign and ASCII digits.
func parseInt(v string) (int64, bool) {
	n, err := strconv.ParseInt(v, 10, 64)
	return n, err == nil
}

func castBool(s *scratch, v string) (string, outcome) {
	switch b, ok := parseBool(v); {
	case !ok:
		return s.fail("bad_bool")
	case b:
		return "true", valued
	}
	return "false", valued
}

// parseBool takes 1, 0, true and false; anything else needs a map.
func parseBool(v string) (value, ok bool) {
	switch {
	case v == "1" || strings.EqualFold(v, "true"):
		return true, true
	case v == "0" || strings.EqualFold(v, "false"):
		return false, true
	}
	return false, false
}

// decimalStep brings decimal text to the scale of the field; surplus zeros go,
// surplus digits fail: nothing is rounded. Width 0 and scale -1 mean unlimited.
func decimalStep(width, scale int) step {
	return step{key: "cast", run: func(s *scratch, v string) (string, outcome) {
		b, ok := appendDecimal(s.begin(), v, width, scale)
		if !ok {
			return s.fail("bad_decimal")
		}
		return s.end(b)
	}}
}

// appendDecimal appends the canonical form of v: no plus sign, no leading zeros,
// exactly scale digits after the point (or no trailing zeros when scale is -1).
func appendDecimal(b []byte, v string, width, scale int) ([]byte, bool) {
	negative := strings.HasPrefix(v, "-")
	if negative || strings.HasPrefix(v, "+") {
		v = v[1:]
	}
	whole, part, _ := strings.Cut(v, ".")
	if whole == "" && part == "" || !digits(whole) || !digits(part) {
		return b, false
	}
	whole = strings.TrimLeft(whole, "0")
	part = strings.TrimRight(part, "0")
	if scale >= 0 && (len(part) > scale || len(whole) > width-scale) {
		return b, false
	}
	if negative && whole+part != "" {
		b = append(b, '-')
	}
	if whole == "" {
		whole = "0"
	}
	b = append(b, whole...)
	if len(part) == 0 && scale <= 0 {
		return b, true
	}
	b = append(append(b, '.'), part...)
	for n := len(part); n < scale; n++ {
		b = append(b, '0')
	}
	return b, true
}

func digits(v string) bool {
	for i := 0; i < len(v); i++ {
		if v[i] < '0' || v[i] > '9' {
			return false
		}
	}
	return true
}
