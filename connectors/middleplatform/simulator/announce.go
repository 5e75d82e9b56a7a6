package simulator

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
	"banjian/internal/text"
)

// Announcement is what the platform tells an approval system: the flow number of an
// application (interface 1), or that it was withdrawn (interface 10).
type Announcement struct {
	Flow, Item, Region string
	Express            string // EXPRESSTYPE of interface 1, 0 when it is empty
	Corrected          string // names of the corrected materials, of EXPRESSTYPE 1
	By                 string // who corrected, or withdrew
	At                 string // when, as the profile writes times
	Withdrawn          bool
	How                middleplatform.Notice
}

// Announce calls an approval system behind a base address, as the platform does, signed
// for this moment. The status is the one of its acknowledgement. A call without one is
// Unknown.
func (s *Simulator) Announce(ctx context.Context, client *http.Client, base string, a Announcement) (status string, err error) {
	name := "apply_no"
	m := &middleplatform.Element{Name: s.opts.Profile.Body.Root}
	fill(m, "SBLSH_SHORT", a.Flow, "SXBM", a.Item)
	if a.Withdrawn {
		name = "cancel"
		fill(m, "CXRXM", a.By)
		if a.At != "" {
			fill(m, "CXSJ", a.At)
		}
	} else {
		express := a.Express
		if express == "" {
			express = "0"
		}
		fill(m, "XZQHDM", a.Region, "EXPRESSTYPE", express, "BZSLBLRXM", a.By, "BZCLQD", a.Corrected, "BZSJ", a.At)
	}
	for _, q := range quirks() {
		if s.quirks[q.Name] && q.prolog != "" {
			a.How.Prolog = q.prolog
		}
	}
	r, err := s.intake.Notify(strings.TrimSuffix(base, "/")+s.intake.Interfaces[name].Path, m, a.How, s.cipher)
	if err != nil {
		return "", err
	}
	if err := s.opts.Profile.SignRequest(r, s.opts.Credentials, uuid.NewString(), s.opts.Now(), "-"); err != nil {
		return "", err
	}
	resp, err := client.Do(r.WithContext(ctx))
	if err != nil {
		return "", fault.Wrap(err, fault.Unknown, "announce", base, text.T("没有等到审批系统的回应", "the approval system did not answer"), text.Text{})
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, middleplatform.MaxBody))
	status, ok := s.intake.Acknowledged(body, s.cipher)
	if err != nil || !ok {
		return "", fault.New(fault.Unknown, "announce", base, text.F("审批系统的回应看不懂（%d）", "the approval system's answer cannot be read (%d)", resp.StatusCode), text.Text{})
	}
	return status, nil
}
