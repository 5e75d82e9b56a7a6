package draft

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// concept is one part that names and titles are put together from: "applicant", "time".
type concept int

// spelling is a way a concept is written.
type spelling struct {
	concept concept
	quality float64 // how sure it is that the letters mean the concept
	whole   bool    // a short word: it counts only where a part of the name ends
}

// lexicon knows how the concepts are written: in characters, full pinyin, its initials
// and English.
type lexicon struct {
	weights  []float64 // by concept
	writings map[string][]spelling
	longest  int                  // runes of the longest writing
	readings map[rune]string      // pinyin without tones
	words    map[string][]concept // Chinese words only
	time     concept
}

// Qualities of spellings: two letters of initials may mean many things.
const (
	asWord     = 1.0
	asPinyin   = 0.95
	asInitials = 0.9
	asLetter   = 0.7
)

func loadLexicon() (*lexicon, error) {
	x := &lexicon{writings: map[string][]spelling{}, readings: map[rune]string{}, words: map[string][]concept{}}
	err := eachLine("pinyin", 2, func(c []string) {
		for _, r := range c[1] {
			x.readings[r] = c[0]
		}
	})
	if err != nil {
		return nil, err
	}
	return x, eachLine("concepts", 4, func(c []string) {
		weight, err := strconv.ParseFloat(c[1], 64)
		if err != nil {
			weight = 1
		}
		id := concept(len(x.weights))
		x.weights = append(x.weights, weight)
		if c[0] == "time" {
			x.time = id
		}
		for _, word := range strings.Fields(c[2]) {
			x.words[word] = append(x.words[word], id)
			x.write(word, spelling{concept: id, quality: asWord})
			full, initials := x.pinyin(word)
			x.write(full, spelling{concept: id, quality: asPinyin})
			if len(initials) > 1 {
				x.write(initials, spelling{concept: id, quality: asInitials})
			}
		}
		for _, word := range strings.Fields(c[3]) {
			if len(word) == 1 {
				x.write(word, spelling{concept: id, quality: asLetter})
			} else {
				x.write(word, spelling{concept: id, quality: asWord, whole: len(word) <= 3})
			}
		}
	})
}

func (x *lexicon) write(word string, s spelling) {
	if word == "" {
		return
	}
	for i, other := range x.writings[word] {
		if other.concept == s.concept {
			if s.quality > other.quality && !s.whole {
				x.writings[word][i] = s
			}
			return
		}
	}
	x.writings[word] = append(x.writings[word], s)
	x.longest = max(x.longest, utf8.RuneCountInString(word))
}

// pinyin is a Chinese word's full pinyin and its initials, both empty if a character of
// it has no reading in the table.
func (x *lexicon) pinyin(word string) (full, initials string) {
	var f, i strings.Builder
	for _, r := range word {
		reading, ok := x.readings[r]
		if !ok {
			return "", ""
		}
		f.WriteString(reading)
		i.WriteByte(reading[0])
	}
	return f.String(), i.String()
}

// part is one part of a title: the concepts its word may mean.
type part struct {
	concepts []concept
	weight   float64
}

// unheard is the weight of characters between known words: a wording never has them,
// unless it is the title itself.
const unheard = 0.6

// parts cuts a Chinese title into known words, the longest first.
func (x *lexicon) parts(title string) []part {
	var out []part
	runes := []rune(title)
	gap := false
	for p := 0; p < len(runes); {
		n := min(x.longest, len(runes)-p)
		for n > 0 && x.words[string(runes[p:p+n])] == nil {
			n--
		}
		switch {
		case n > 0:
			ids := x.words[string(runes[p:p+n])]
			out = append(out, part{ids, x.weights[ids[0]]})
		case !gap:
			out = append(out, part{weight: unheard})
		}
		gap = n == 0
		p += max(n, 1)
	}
	return out
}
