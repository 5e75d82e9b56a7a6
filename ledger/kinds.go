package ledger

import (
	"cmp"
	"slices"

	"banjian/pipelines"
)

// Together makes one reject of what a rule found in several fields of one row.
func Together(rejects []Reject) []Reject {
	type finding struct {
		pipeline, receiver, key, rule string
		source                        pipelines.Hash
	}
	list, at := make([]Reject, 0, len(rejects)), make(map[finding]int, len(rejects))
	for _, r := range rejects {
		f := finding{r.Pipeline, r.Receiver, string(r.Key), r.Rule, r.Source}
		i, known := at[f]
		if !known {
			at[f] = len(list)
			list = append(list, r)
		} else if one := &list[i]; r.Field != one.Field && !slices.Contains(one.Also, r.Field) {
			one.Also = append(slices.Clip(one.Also), r.Field)
		}
	}
	return list
}

// RejectKind is rejects of one rule in the same fields, from one place.
type RejectKind struct {
	First Reject
	Count int64
	Args  bool // those of the first are everyone's
}

// Kinds counts rejects by kind. The zero value is ready; it is not for concurrent use.
type Kinds struct {
	at   map[string]int
	list []RejectKind
}

// Add counts them.
func (k *Kinds) Add(rejects ...Reject) {
	if k.at == nil {
		k.at = map[string]int{}
	}
	for i := range rejects {
		r := &rejects[i]
		kind := string(EncodeKey(append([]string{r.Pipeline, r.Receiver, r.Subject, r.Rule, r.Field}, r.Also...)...))
		at, known := k.at[kind]
		if !known {
			at = len(k.list)
			k.at[kind] = at
			k.list = append(k.list, RejectKind{First: *r, Args: true})
		}
		one := &k.list[at]
		one.Count++
		one.Args = one.Args && slices.Equal(one.First.Args, r.Args)
	}
}

// List is the kinds, those with the most rejects first.
func (k *Kinds) List() []RejectKind {
	list := slices.Clone(k.list)
	slices.SortStableFunc(list, func(a, b RejectKind) int { return cmp.Compare(b.Count, a.Count) })
	return list
}
