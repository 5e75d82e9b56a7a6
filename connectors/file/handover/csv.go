package handover

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"banjian/pipelines"
)

// csvOf writes RFC 4180 in UTF-8 with line feeds: no value is nothing, an empty text is "".
func csvOf(cols []column, rows int, bom bool, zone *time.Location) []byte {
	var b []byte
	if bom {
		b = append(b, "\uFEFF"...)
	}
	for i := range cols {
		b = appendText(appendComma(b, i), cols[i].name)
	}
	b = append(b, '\n')
	for row := range rows {
		for i := range cols {
			b = cols[i].appendCSV(appendComma(b, i), row, zone)
		}
		b = append(b, '\n')
	}
	return b
}

func appendComma(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}

func appendText(b []byte, s string) []byte {
	if s != "" && !strings.ContainsAny(s, "\",\r\n\uFEFF") {
		return append(b, s...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
	return append(b, '"')
}

func (c *column) appendCSV(b []byte, row int, zone *time.Location) []byte {
	switch c.kind {
	case pipelines.TextCell:
		if v, ok := c.text(row); ok {
			return appendText(b, v)
		}
	case pipelines.IntCell:
		if v, ok := c.integer(row); ok {
			return strconv.AppendInt(b, v, 10)
		}
	case pipelines.FloatCell:
		if v, ok := c.float(row); ok {
			return strconv.AppendFloat(b, v, 'f', -1, 64)
		}
	case pipelines.BoolCell:
		if v, ok := c.boolean(row); ok {
			return strconv.AppendBool(b, v)
		}
	case pipelines.TimeCell:
		if v, ok := c.instant(row); ok {
			return v.In(zone).AppendFormat(b, "2006-01-02 15:04:05.999999999")
		}
	case pipelines.DateCell:
		if v, ok := c.date(row); ok {
			return v.ToTime().AppendFormat(b, time.DateOnly)
		}
	case pipelines.ListCell:
		if v, ok := c.texts(row); ok {
			j, _ := json.Marshal(v) // texts
			return appendText(b, string(j))
		}
	}
	return b
}
