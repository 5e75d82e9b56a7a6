package kafka

import (
	"encoding/base64"
	"math/big"
	"strconv"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// conversion is what a value of a message stands for.
type conversion struct {
	kind  conversionKind
	scale int // of a decimal
}

type conversionKind uint8

const (
	asIs        conversionKind = iota
	days                       // since 1970-01-01
	millis                     // since then, of a wall time: shown as 2006-01-02 15:04:05
	micros                     //
	nanos                      //
	clockMillis                // since midnight
	clockMicros                //
	clockNanos                 //
	decimal                    // big-endian two's complement in base64
)

// conversionOf is the conversion a pipeline file names.
func conversionOf(name string) (conversion, error) {
	for kind, known := range map[conversionKind]string{days: "date", millis: "millis", micros: "micros", nanos: "nanos"} {
		if name == known {
			return conversion{kind: kind}, nil
		}
	}
	return conversion{}, fault.New(fault.Config, "open topic", "", text.F("times 里的 %q 不认识", "times: %q is not known", name), text.T("用 date、millis、micros 或 nanos", "use date, millis, micros or nanos"))
}

// logical is what the types of Connect and Debezium stand for; others are as they are.
var logical = map[string]conversionKind{
	"org.apache.kafka.connect.data.Date":      days,
	"org.apache.kafka.connect.data.Time":      clockMillis,
	"org.apache.kafka.connect.data.Timestamp": millis,
	"org.apache.kafka.connect.data.Decimal":   decimal,
	"io.debezium.time.Date":                   days,
	"io.debezium.time.Timestamp":              millis,
	"io.debezium.time.MicroTimestamp":         micros,
	"io.debezium.time.NanoTimestamp":          nanos,
	"io.debezium.time.Time":                   clockMillis,
	"io.debezium.time.MicroTime":              clockMicros,
	"io.debezium.time.NanoTime":               clockNanos,
}

// append writes raw as a view would show it; ok is false for what is not of the kind.
func (c conversion) append(to, raw []byte) ([]byte, bool) {
	if c.kind == decimal {
		return c.appendDecimal(to, raw)
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return to, false
	}
	var t time.Time
	switch c.kind {
	case days:
		return time.Unix(n*24*3600, 0).UTC().AppendFormat(to, time.DateOnly), n > -1e7 && n < 1e7
	case millis:
		t = time.UnixMilli(n)
	case micros:
		t = time.UnixMicro(n)
	case nanos:
		t = time.Unix(0, n)
	case clockMillis:
		t = time.UnixMilli(n)
	case clockMicros:
		t = time.UnixMicro(n)
	case clockNanos:
		t = time.Unix(0, n)
	}
	if t = t.UTC(); t.Year() < 0 || t.Year() > 9999 {
		return to, false
	}
	form := time.DateTime
	if c.kind >= clockMillis {
		form = time.TimeOnly
	}
	to = t.AppendFormat(to, form)
	if t.Nanosecond() != 0 {
		to = t.AppendFormat(to, ".999999999")
	}
	return to, true
}

func (c conversion) appendDecimal(to, raw []byte) ([]byte, bool) {
	b, err := base64.StdEncoding.AppendDecode(nil, raw)
	if err != nil || len(b) == 0 {
		return to, false
	}
	n := new(big.Int).SetBytes(b)
	if b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	if n.Sign() < 0 {
		to = append(to, '-')
		n.Neg(n)
	}
	digits := n.String()
	for len(digits) <= c.scale {
		digits = "0" + digits
	}
	to = append(to, digits[:len(digits)-max(c.scale, 0)]...)
	if c.scale > 0 {
		to = append(append(to, '.'), digits[len(digits)-c.scale:]...)
	}
	for range -min(c.scale, 0) {
		to = append(to, '0')
	}
	return to, true
}
