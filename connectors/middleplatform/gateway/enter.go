package gateway

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
	"banjian/internal/text"
)

// knownAtOnce is how many numbers are looked up together.
const knownAtOnce = 500

// Known says which flow numbers of a platform the journal has.
func (j *Journal) Known(ctx context.Context, platform string, numbers []string) (map[string]bool, error) {
	known := make(map[string]bool, len(numbers))
	for part := range slices.Chunk(numbers, knownAtOnce) {
		args := []any{platform}
		for _, n := range part {
			args = append(args, n)
		}
		rows, err := j.read.QueryContext(ctx, "SELECT DISTINCT flow_no FROM applications WHERE platform=? AND flow_no IN (?"+strings.Repeat(",?", len(part)-1)+")", args...)
		if err != nil {
			return nil, journalFault(err, j.path)
		}
		if err := scanNames(rows, known); err != nil {
			return nil, journalFault(err, j.path)
		}
	}
	return known, nil
}

func scanNames(rows *sql.Rows, into map[string]bool) error {
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		into[name] = true
	}
	return rows.Err()
}

// Enter writes a flow number down that the platform announced while nobody heard it, so that
// what belongs to it is fetched. The message is what the call would have said, as far as it
// is known; without EXPRESSTYPE it is an application. known: the number was there already.
// Faults: Data (without number or item nothing can be asked for), those of the journal.
func (j *Journal) Enter(ctx context.Context, s *System, m *middleplatform.Element) (known bool, err error) {
	if m.Value("EXPRESSTYPE") == "" {
		m.Add("EXPRESSTYPE", "0")
	}
	in := inbound(s.Intake, 1)
	if why := (&call{system: s, in: in}).wrong(m); !why.IsZero() {
		return false, fault.New(fault.Data, "enter flow number", s.Name, why, text.T("清单里要有申报流水号和事项编码两列", "the list needs the flow number and the item's code"))
	}
	message, err := textOf(m)
	if err != nil {
		return false, err
	}
	a := announcementOf(s, m, message)
	err = j.announce(ctx, a)
	return a.repeated, err
}

// announcementOf is what a call of interface 1 says.
func announcementOf(s *System, m *middleplatform.Element, message string) *announcement {
	a := &announcement{system: s.Name, platform: s.Platform, flowNo: m.Value(s.Profile.Body.Case[0]), item: m.Value("SXBM"),
		kind: m.Value("EXPRESSTYPE"), replied: m.Value("BZSJ"), message: message}
	if a.kind != kindCorrection {
		a.replied = ""
	}
	return a
}
