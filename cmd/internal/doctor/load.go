package doctor

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"banjian/internal/text"
	"banjian/pipelines"
)

// Cost is what the runs of one pipeline cost the department's server on one day.
type Cost struct {
	Day        string `json:"day"` // 2026-01-02, in the site's zone
	Connection string `json:"connection"`
	Pipeline   string `json:"pipeline"`
	Runs       int    `json:"runs"`
	pipelines.Load
}

// Costs gathers runs by day, connection and pipeline.
type Costs struct {
	zone *time.Location
	by   map[[3]string]*Cost
}

// NewCosts has none yet; days are in zone.
func NewCosts(zone *time.Location) *Costs { return &Costs{zone, map[[3]string]*Cost{}} }

// Add adds one run.
func (c *Costs) Add(connection, pipeline string, started time.Time, l pipelines.Load) {
	key := [3]string{started.In(c.zone).Format(time.DateOnly), connection, pipeline}
	if c.by[key] == nil {
		c.by[key] = &Cost{Day: key[0], Connection: connection, Pipeline: pipeline}
	}
	c.by[key].Runs++
	c.by[key].Load.Add(l)
}

// List is one line a day, connection and pipeline, the newest day first.
func (c *Costs) List() []Cost {
	var list []Cost
	for _, one := range c.by {
		list = append(list, *one)
	}
	slices.SortFunc(list, func(a, b Cost) int {
		return cmp.Or(-cmp.Compare(a.Day, b.Day), cmp.Compare(a.Connection, b.Connection), cmp.Compare(a.Pipeline, b.Pipeline))
	})
	return list
}

// CostHeading names the columns of Cost.Cells.
func CostHeading(lang text.Lang) []string {
	if lang == text.ZH {
		return []string{"日期", "连接", "管道", "运行次数", "语句条数", "占用秒数", "读取行数", "读取字节"}
	}
	return []string{"day", "connection", "pipeline", "runs", "statements", "seconds", "rows", "bytes"}
}

// Cells is the line as text.
func (c Cost) Cells() []string {
	return []string{c.Day, c.Connection, c.Pipeline, strconv.Itoa(c.Runs), strconv.FormatInt(c.Queries, 10), fmt.Sprintf("%.1f", float64(c.BusyMS)/1000),
		strconv.FormatInt(c.Rows, 10), strconv.FormatInt(c.Bytes, 10)}
}

// WriteCSV writes lines for the department's DBA, with a byte order mark so that
// spreadsheets read the Chinese of it.
func WriteCSV(w io.Writer, list []Cost, lang text.Lang) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(CostHeading(lang)); err != nil {
		return err
	}
	for _, c := range list {
		if err := out.Write(c.Cells()); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// size is bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}

func seconds(ms int64) string { return (time.Duration(ms) * time.Millisecond).String() }
