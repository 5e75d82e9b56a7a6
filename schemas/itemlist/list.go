package itemlist

import (
	"cmp"
	"math"
	"slices"
)

// State is 事项状态.
type State uint8

const (
	InUse     State = 1 // 在用
	Suspended State = 2 // 暂停、挂起
	Cancelled State = 3 // 取消
)

// Open days: nothing is known to limit them.
const (
	Always  = math.MinInt32
	Forever = math.MaxInt32
)

// Item is one version of an item. Days are counted from 1970-01-01, both included.
type Item struct {
	Code    string
	Name    string
	Local   string // the department's own code, empty when not given
	Version int32
	State   State
	implied bool  // an implementation code known only from its handling items: no name of its own
	From    int32 // Always when not given
	To      int32 // Forever when not given
}

// Same says that two versions of an item say the same.
func (it Item) Same(other Item) bool {
	it.implied, other.implied = false, false
	return it == other
}

// Standing is what an item is on a day.
type Standing uint8

const (
	InForce Standing = iota
	Unknown          // the code is not listed
	Before           // the day lies before the first version: older than the catalogue
	Ended            // a version was in force before, but its last day has passed
	Paused           // in force by its days, but suspended
	Gone             // cancelled, and nobody says since when
)

var standings = [...]string{"in_force", "unknown", "before", "ended", "paused", "gone"}

func (s Standing) String() string { return standings[s] }

// List is a catalogue of items.
type List struct {
	name   string
	items  []Item           // by code, then by version
	first  map[string]int32 // code → its lowest version in items
	locals map[string]int32 // department's code → the highest version in items
	digest string
}

// Name is the name the list was read under.
func (l *List) Name() string { return l.name }

// Len is how many versions of items it holds.
func (l *List) Len() int { return len(l.items) }

// Digest is a hex hash of the list.
func (l *List) Digest() string { return l.digest }

// Items is every version of every item, by code and version; shared, not to be changed.
func (l *List) Items() []Item { return l.items }

// Versions is every version of a code, the lowest first; nil if there is none. Shared,
// not to be changed.
func (l *List) Versions(code string) []Item {
	i, ok := l.first[code]
	if !ok {
		return nil
	}
	j := i + 1
	for int(j) < len(l.items) && l.items[j].Code == code {
		j++
	}
	return l.items[i:j:j]
}

// ByLocal finds the newest version of the item a department calls local.
func (l *List) ByLocal(local string) (Item, bool) {
	i, ok := l.locals[local]
	if !ok {
		return Item{}, false
	}
	return l.items[i], true
}

// At finds the version of a code for a day: the highest one whose first day had come.
// What it is then, the standing says; the item is the zero Item for Unknown, and the
// first version for Before.
func (l *List) At(code string, day int32) (Item, Standing) {
	all := l.Versions(code)
	if all == nil {
		return Item{}, Unknown
	}
	for i := len(all) - 1; i >= 0; i-- {
		if it := &all[i]; it.From <= day {
			return *it, it.standing(day)
		}
	}
	return all[0], Before
}

func (it *Item) standing(day int32) Standing {
	switch {
	case day > it.To:
		return Ended
	case it.State == Suspended:
		return Paused
	case it.State == Cancelled && it.To == Forever:
		return Gone
	}
	return InForce
}

// seal puts the items in order; of equal code and version the last one stays, one that
// is only implied never before one that is not.
func (l *List) seal() {
	order := func(a, b Item) int {
		if a.Code == b.Code {
			return cmp.Compare(a.Version, b.Version)
		}
		return cmp.Compare(a.Code, b.Code)
	}
	if !slices.IsSortedFunc(l.items, order) {
		slices.SortStableFunc(l.items, order)
	}
	kept := l.items[:0]
	for _, it := range l.items {
		if n := len(kept); n == 0 || order(kept[n-1], it) != 0 {
			kept = append(kept, it)
		} else if !it.implied || kept[n-1].implied {
			kept[n-1] = it
		}
	}
	l.items = kept
	codes, locals := 0, 0
	for i := range kept {
		if i == 0 || kept[i].Code != kept[i-1].Code {
			codes++
		}
		if kept[i].Local != "" {
			locals++
		}
	}
	l.first, l.locals = make(map[string]int32, codes), make(map[string]int32, locals)
	for i := range kept {
		if i == 0 || kept[i].Code != kept[i-1].Code {
			l.first[kept[i].Code] = int32(i)
		}
		if local := kept[i].Local; local != "" {
			if at, ok := l.locals[local]; !ok || kept[at].Version <= kept[i].Version {
				l.locals[local] = int32(i)
			}
		}
	}
}
