package sides

import (
	"context"
	"time"

	"banjian/cmd/internal/status"
	"banjian/ledger"
	"banjian/ledger/compare"
	"banjian/pipelines/precedence"
)

// Pair is one rule of precedence and one system that is compared under it.
type Pair struct {
	Items   []string `json:"items"`
	Regions []string `json:"regions,omitempty"`
	First   string   `json:"first"` // whose word counts
	Second  string   `json:"compared"`

	FirstCases  int64 `json:"first_cases"`
	SecondCases int64 `json:"compared_cases"`
	Equal       int64 `json:"equal"`
	Different   int64 `json:"different"`
	Alone       int64 `json:"alone"` // known to the compared one alone
	Silent      int64 `json:"silent"`
	Unmatched   int64 `json:"first_alone"`

	Cases []PairCase `json:"cases"`
}

// PairCase is one case that is not the same in both.
type PairCase struct {
	Local  string        `json:"local_no"` // of the compared system
	Other  string        `json:"first_local_no,omitempty"`
	Since  status.Moment `json:"alone_since,omitzero"`
	Fields []PairField   `json:"fields,omitempty"`
}

// PairField is a field that differs, personal values masked.
type PairField struct {
	Subject string `json:"subject"`
	Field   string `json:"field,omitempty"` // none: the number of records
	First   string `json:"first"`
	Second  string `json:"compared"`
}

// Pairs compares the systems of every rule of precedence, or of those that compare second
// alone. At most limit cases of a rule are listed; 0: all.
func (s *Site) Pairs(ctx context.Context, second string, limit int, now time.Time) ([]*Pair, error) {
	pairs := []*Pair{}
	err := s.eachRule(func(r *precedence.Rule, compared string) error {
		if second != "" && compared != second {
			return nil
		}
		p := &Pair{Items: r.Items, Regions: r.Regions, First: r.From, Second: compared, Cases: []PairCase{}}
		pair := s.pair(r, compared, now)
		pair.Each = func(c *compare.Compared) error {
			if limit == 0 || len(p.Cases) < limit {
				p.Cases = append(p.Cases, s.pairCase(c))
			}
			return nil
		}
		sum, err := compare.Systems(ctx, s.Store, pair)
		p.FirstCases, p.SecondCases, p.Equal, p.Different = sum.First, sum.Second, sum.Equal, sum.Different
		p.Alone, p.Silent, p.Unmatched = sum.Alone, sum.Silent, sum.Unmatched
		pairs = append(pairs, p)
		return err
	})
	return pairs, err
}

// Elsewhere is what another system says of a case.
type Elsewhere struct {
	First    string      `json:"first"`    // the system whose word counts
	Compared string      `json:"compared"` // the one that is compared with it
	Local    string      `json:"first_local_no"`
	Other    string      `json:"compared_local_no"`
	Fields   []PairField `json:"fields,omitempty"` // that differ
}

// Elsewhere looks for a case of a system among those of systems that report the same ones.
func (s *Site) Elsewhere(ctx context.Context, source, local string, now time.Time) ([]Elsewhere, error) {
	var list []Elsewhere
	if !s.House.Ranks().Named(source) {
		return nil, nil
	}
	err := s.eachRule(func(r *precedence.Rule, second string) error {
		if source != r.From && source != second {
			return nil
		}
		pair := s.pair(r, second, now)
		pair.Want = func(of, other string) bool {
			return source == second && other == local || source == r.From && of == local
		}
		pair.Each = func(c *compare.Compared) error {
			list = append(list, Elsewhere{r.From, second, c.Other, c.Local, s.pairCase(c).Fields})
			return nil
		}
		_, err := compare.Systems(ctx, s.Store, pair)
		return err
	})
	return list, err
}

// eachRule calls do for each rule and each system compared under it; for none where no two
// report the same cases.
func (s *Site) eachRule(do func(r *precedence.Rule, second string) error) error {
	ranks := s.House.Ranks()
	if ranks == nil {
		return nil
	}
	for i := range ranks.Cases {
		for _, second := range ranks.Cases[i].Compare {
			if err := do(&ranks.Cases[i], second); err != nil {
				return err
			}
		}
	}
	return nil
}

// pair is a rule and one of its compared systems, as the ledger compares them.
func (s *Site) pair(r *precedence.Rule, second string, now time.Time) *compare.Pair {
	return &compare.Pair{First: r.From, Second: second, Match: r.Sets(), Ignore: r.Ignore, Silent: r.SilentAfter(), Now: now,
		Covers: func(t ledger.Told) bool { return s.House.Ranks().RuleOf(t.Source, t.Items, t.Region) == r },
		Each:   func(*compare.Compared) error { return nil }}
}

// pairCase is a case with personal values masked and times in the site's zone.
func (s *Site) pairCase(c *compare.Compared) PairCase {
	out := PairCase{Local: c.Local, Other: c.Other, Since: status.Moment{Time: c.Since}}
	for _, d := range c.Fields {
		out.Fields = append(out.Fields, PairField{d.Subject, d.Field, s.shown(d.Subject, d.Field, d.First), s.shown(d.Subject, d.Field, d.Second)})
	}
	return out
}

// shown is a canonical value as people may see it.
func (s *Site) shown(subject, field, value string) string {
	form := s.House.Form(subject)
	if form == nil || form.Field(field) == nil {
		return value
	}
	if t, err := time.Parse("2006-01-02 15:04:05Z", value); err == nil {
		return t.In(s.House.Zone()).Format(time.DateTime)
	}
	return form.Field(field).Show(value)
}
