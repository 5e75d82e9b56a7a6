package exchangetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"strings"
)

// Consumer is the national side's program for one table: it reads rows in ID order
// and applies them as that program does. It is used by one goroutine.
type Consumer struct {
	DB    *sql.DB
	Table string // physical name, 2020 spellings

	// Records is what the national library holds, by row_guid.
	Records map[string]Record
	// Duplicates are effects that came twice: an I for a row_guid inserted before, or
	// any row equal to the one applied last for its row_guid.
	Duplicates []Duplicate
	Rows       int // read so far

	last int64 // ID
}

// Record is one record of the national library.
type Record struct {
	Content [32]byte // of the mapped columns
	Batch   string   // that brought it
	Copies  int      // rows of the library with this row_guid: more than 1 after a repeated I
}

// Duplicate is one effect that came twice.
type Duplicate struct {
	GUID      string
	Operation string
	Batch     string
}

// Poll reads everything new: I inserts without asking, U updates or inserts, D
// deletes.
func (c *Consumer) Poll(ctx context.Context) error {
	if c.Records == nil {
		c.Records = map[string]Record{}
	}
	rows, err := c.DB.QueryContext(ctx, "SELECT * FROM `"+c.Table+"` WHERE ID > ? ORDER BY ID", c.last)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	values := make([]any, len(names))
	cells := make([]sql.NullString, len(names))
	for i := range cells {
		values[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(values...); err != nil {
			return err
		}
		if err := c.apply(names, cells); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (c *Consumer) apply(names []string, cells []sql.NullString) error {
	cell := map[string]string{}
	hash := sha256.New()
	for i, name := range names {
		lower := strings.ToLower(name)
		cell[lower] = cells[i].String
		switch lower {
		case "id", "update_time", "cd_source", "is_sync", "cd_operation", "cd_time", "cd_batch":
		default:
			fmt.Fprintf(hash, "%s=%t:%d:%s;", lower, cells[i].Valid, len(cells[i].String), cells[i].String)
		}
	}
	if _, err := fmt.Sscan(cell["id"], &c.last); err != nil {
		return fmt.Errorf("read ID: %w", err)
	}
	c.Rows++
	return c.take(cell["row_guid"], cell["cd_operation"], cell["cd_batch"], [32]byte(hash.Sum(nil)))
}

func (c *Consumer) take(guid, operation, batch string, content [32]byte) error {
	old, known := c.Records[guid]
	if operation == "I" && known || operation != "D" && known && old.Content == content || operation == "D" && !known {
		c.Duplicates = append(c.Duplicates, Duplicate{GUID: guid, Operation: operation, Batch: batch})
	}
	switch operation {
	case "I":
		c.Records[guid] = Record{Content: content, Batch: batch, Copies: old.Copies + 1}
	case "U":
		c.Records[guid] = Record{Content: content, Batch: batch, Copies: max(1, old.Copies)}
	case "D":
		delete(c.Records, guid)
	default:
		return fmt.Errorf("row %s has operation %q", guid, operation)
	}
	return nil
}
