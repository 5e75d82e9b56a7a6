package routing

import (
	"maps"
	"slices"
	"time"
)

// Role is what a department is in an application.
type Role string

const (
	Sole   Role = "sole"
	Lead   Role = "lead"   // 牵头
	Member Role = "member" // 协办
	Other  Role = "other"  // it is another department's
	Nobody Role = "nobody" // no route fits
)

// Version tells tables with different content apart.
func (t *Table) Version() uint64 { return t.version }

// Routed says whether the table decides what a receiver is given.
func (t *Table) Routed(receiver string) bool { return t.departmentOf(receiver) != "" }

// Keeper is the receiver that holds what no route fits.
func (t *Table) Keeper() string {
	name := t.Unowned
	if name == "" {
		name = slices.Sorted(maps.Keys(t.Departments))[0]
	}
	return t.Departments[name].Receivers[0]
}

func (t *Table) departmentOf(receiver string) string {
	for name, d := range t.Departments {
		if slices.Contains(d.Receivers, receiver) {
			return name
		}
	}
	return ""
}

// RoleOf is what a receiver's department is in an application for an item, or for the item
// that one is part of, in a region, handed in at a time.
func (t *Table) RoleOf(receiver, item, parent, region string, at time.Time) Role {
	r := t.find(item, region, at)
	if r == nil {
		r = t.find(parent, region, at)
	}
	department := t.departmentOf(receiver)
	switch {
	case r == nil:
		return Nobody
	case r.Department == department && len(r.Members) == 0:
		return Sole
	case r.Department == department:
		return Lead
	case slices.Contains(r.Members, department):
		return Member
	}
	return Other
}
