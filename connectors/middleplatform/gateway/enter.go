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

// askedAtOnce is how many calls are looked up together.
const askedAtOnce = 500

// Call is what tells a call of interface 1 from others.
type Call struct {
	FlowNo  string
	Kind    string // EXPRESSTYPE of a correction or a resubmission; empty: the application itself
	Replied string // of a correction, as far as it is known, such as to the day
}

// CallOf is the call that a message would be.
func CallOf(s *System, m *middleplatform.Element) Call {
	a := announcementOf(s, m, "")
	if a.kind != kindCorrection && a.kind != kindAgain {
		a.kind = ""
	}
	return Call{a.flowNo, a.kind, a.replied}
}

// Is says that two calls are the same, as far as both tell the time of the correction.
func (c Call) Is(o Call) bool {
	return c.FlowNo == o.FlowNo && c.Kind == o.Kind && (strings.HasPrefix(c.Replied, o.Replied) || strings.HasPrefix(o.Replied, c.Replied))
}

// Heard says which calls of a platform the journal has.
func (j *Journal) Heard(ctx context.Context, platform string, calls []Call) ([]bool, error) {
	heard := make([]bool, 0, len(calls))
	for part := range slices.Chunk(calls, askedAtOnce) {
		args := []any{platform}
		for _, c := range part {
			args = append(args, c.FlowNo)
		}
		rows, err := j.read.QueryContext(ctx, "SELECT flow_no, CASE submission WHEN 0 THEN '' ELSE kind END, replied FROM applications WHERE platform=? AND flow_no IN (?"+strings.Repeat(",?", len(part)-1)+")", args...)
		if err != nil {
			return nil, journalFault(err, j.path)
		}
		known, err := scanCalls(rows)
		if err != nil {
			return nil, journalFault(err, j.path)
		}
		for _, c := range part {
			heard = append(heard, slices.ContainsFunc(known[c.FlowNo], c.Is))
		}
	}
	return heard, nil
}

// scanCalls reads calls, by flow number.
func scanCalls(rows *sql.Rows) (map[string][]Call, error) {
	defer rows.Close()
	found := map[string][]Call{}
	for rows.Next() {
		var c Call
		if err := rows.Scan(&c.FlowNo, &c.Kind, &c.Replied); err != nil {
			return nil, err
		}
		found[c.FlowNo] = append(found[c.FlowNo], c)
	}
	return found, rows.Err()
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
