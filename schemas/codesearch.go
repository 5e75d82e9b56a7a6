package schemas

import (
	"cmp"
	"slices"
	"strings"

	"banjian/internal/text"
)

// CodeHit is a code that a search found.
type CodeHit struct {
	Set   *CodeSet
	Value CodeValue
	rank  int
}

// SearchCodes finds codes of all listed sets by code, title or further column: the
// code itself first, then a title that is the word, then those that begin with it and
// those that hold it. Letter case does not count.
func (c *Catalog) SearchCodes(word string) []CodeHit {
	word = strings.ToLower(strings.TrimSpace(word))
	if word == "" {
		return nil
	}
	var hits []CodeHit
	for _, set := range c.CodeSets() {
		for _, v := range set.Codes {
			if rank := v.rank(word); rank > 0 {
				hits = append(hits, CodeHit{set, v, rank})
			}
		}
	}
	slices.SortStableFunc(hits, func(a, b CodeHit) int {
		return cmp.Or(b.rank-a.rank, strings.Count(a.Set.Name, "/")-strings.Count(b.Set.Name, "/"))
	})
	return hits
}

func (v *CodeValue) rank(word string) int {
	rank := 0
	for _, s := range append([]string{v.Code, v.Title.ZH, v.Title.EN}, v.Extra...) {
		s = strings.ToLower(s)
		switch {
		case s == word && s != "":
			rank = max(rank, 4)
		case strings.HasPrefix(s, word):
			rank = max(rank, 2)
		case strings.Contains(s, word):
			rank = max(rank, 1)
		}
	}
	if strings.ToLower(v.Code) == word {
		rank = 5
	}
	return rank
}

// CodeMistake is what is wrong with a code of a list.
type CodeMistake struct {
	Index int // in the list
	What  text.Text
}

// CheckCodes finds everything wrong with a list of codes: what a code set may not hold.
func CheckCodes(codes []CodeValue) []CodeMistake {
	var found []CodeMistake
	set := CodeSet{Codes: codes, newest: make(map[string]int32, len(codes)), spans: make([]span, len(codes))}
	for i := range codes {
		p, what := codes[i].span()
		if set.spans[i] = p; what.IsZero() {
			what = set.insert(int32(i))
		}
		if !what.IsZero() {
			found = append(found, CodeMistake{i, what})
		}
	}
	known := make(map[string]bool, len(codes))
	for _, v := range codes {
		known[v.Code] = true
	}
	for i, v := range codes {
		for _, next := range v.Successors {
			if !known[next] || next == v.Code {
				found = append(found, CodeMistake{i, noSuccessor(next)})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b CodeMistake) int { return a.Index - b.Index })
	return found
}

func noSuccessor(code string) text.Text {
	return text.F("替代代码 %s 不在代码集里", "the successor %s is not in the set", code)
}
