package wiring

import (
	"maps"
	"path/filepath"
	"slices"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/site"
	"banjian/internal/text"
	"banjian/jobs"
	"banjian/pipelines"
)

// Receivers is the names of the site's receivers, in order.
func (h *House) Receivers() []string { return slices.Sorted(maps.Keys(h.site.Receivers)) }

// Windows is the maintenance windows of a receiver.
func (h *House) Windows(receiver string) (*jobs.Windows, error) {
	return jobs.ParseWindows(filepath.Join(h.site.Dir, site.FileName), h.site.Receivers[receiver].Maintenance, h.zone)
}

// Takes says whether a receiver is given records of a subject.
func (h *House) Takes(receiver, subject string) bool {
	p := h.profiles[receiver]
	if p == nil {
		return false
	}
	for _, s := range p.Subjects {
		if s.Subject == subject {
			return true
		}
	}
	return false
}

// Fed says whether any pipeline delivers to a receiver.
func (h *House) Fed(receiver string) bool {
	specs, err := h.Pipelines(nil)
	return err == nil && slices.ContainsFunc(specs, func(s pipelines.Spec) bool { return slices.Contains(s.Deliver, receiver) })
}

// SourceOf is the department system a pipeline reads, false for one that is no more.
func (h *House) SourceOf(pipeline string) (string, bool) {
	for _, s := range h.specs {
		if s.Pipeline == pipeline {
			return s.From.SourceID, true
		}
	}
	return "", false
}

// SourceBehind is the source_id of the pipelines that read from a connection, empty unless
// it is one: a second name for a system would make its cases other cases.
func (h *House) SourceBehind(connection string) string {
	specs, err := h.Pipelines(nil)
	if err != nil {
		return ""
	}
	found := ""
	for _, s := range specs {
		switch {
		case s.From.Connection != connection:
		case found == "":
			found = s.From.SourceID
		case found != s.From.SourceID:
			return ""
		}
	}
	return found
}

// Departments is the source_id of every pipeline of the site, in order.
func (h *House) Departments() []string {
	var list []string
	for _, s := range h.specs {
		list = append(list, s.From.SourceID)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Streams is the continuous pipelines of the site.
func (h *House) Streams() ([]pipelines.Spec, error) {
	specs, err := h.Pipelines(nil)
	var list []pipelines.Spec
	for _, s := range specs {
		if s.Stream() {
			list = append(list, s)
		}
	}
	return list, err
}

// Rank is the place of a subject in the order of delivery, so that parents are
// collected first.
func (h *House) Rank(subject string) int {
	for _, name := range slices.Sorted(maps.Keys(h.profiles)) {
		if i := slices.IndexFunc(h.profiles[name].Subjects, func(s pipelines.ProfileSubject) bool { return s.Subject == subject }); i >= 0 {
			return i
		}
	}
	return len(subject)
}

// Jobs is the site's jobs; each names pipelines that there are. With an error, which
// tells all mistakes, it gives the jobs that are whole.
func (h *House) Jobs() ([]jobs.Job, error) {
	var found fault.List
	list, err := jobs.Load(h.site.Folder("jobs"))
	found.Add(err)
	specs, err := h.Pipelines(nil)
	if found.Add(err) {
		return nil, found.Err()
	}
	var known []string
	for _, s := range specs {
		known = append(known, s.Pipeline)
	}
	sound := slices.DeleteFunc(list, func(j jobs.Job) bool {
		var wrong fault.List
		for i, name := range j.Pipelines {
			if h.partial || slices.Contains(known, name) {
				continue
			}
			hint := nearest.Hint(name, known)
			if hint.IsZero() {
				hint = text.T("改 pipelines，或去掉它；banjian validate 列出本站点的管道", "mend pipelines, or drop the name; banjian validate lists the site's pipelines")
			}
			wrong.Add(j.Fault(text.F("任务 %s：没有管道 %s", "job %s: there is no pipeline %s", j.Job, name), hint, "pipelines", i))
		}
		return found.Add(wrong.Err())
	})
	return sound, found.Err()
}
