package doctor

import (
	"bytes"
	"testing"
	"time"

	"banjian/internal/text"
	"banjian/pipelines"
)

func TestWhatRunsCostIsAddedUpByDay(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	c := NewCosts(zone)
	day := time.Date(2026, 1, 2, 23, 0, 0, 0, zone)
	c.Add("gjj", "a", day, pipelines.Load{Queries: 10, BusyMS: 1500, Rows: 100, Bytes: 4096})
	c.Add("gjj", "a", day.Add(30*time.Minute), pipelines.Load{Queries: 5, BusyMS: 100, Rows: 1, Bytes: 10})
	c.Add("gjj", "a", day.Add(2*time.Hour), pipelines.Load{Queries: 1})
	var b bytes.Buffer
	if err := WriteCSV(&b, c.List(), text.ZH); err != nil {
		t.Fatal(err)
	}
	want := "\ufeff日期,连接,管道,运行次数,语句条数,占用秒数,读取行数,读取字节\r\n2026-01-03,gjj,a,1,1,0.0,0,0\r\n2026-01-02,gjj,a,2,15,1.6,101,4106\r\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}
