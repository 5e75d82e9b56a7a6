package schemas

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"banjian/internal/text"
)

// CodeTable (代码对照) is how a receiver, or a department's system, writes the codes of
// a canonical set: one table of its profile. The two directions are told apart: one
// peer code may stand for several canonical ones, and then nothing says which was
// meant when it comes in.
type CodeTable struct {
	Profile    string     // "ea-jc"
	Name       string     // "result"; within the profile
	Title      text.Text  // 办结结果 / result
	Set        *CodeSet   // canonical
	Peer       *CodeSet   // the other side's list
	Column     string     // of the canonical set, when that is what the peer writes
	Basis      text.Text  // where the table is from
	Confidence Confidence // how sure it is
	Note       text.Text

	out    map[string]string   // canonical → peer, "" where the peer has no word
	in     map[string][]string // peer → canonical; none, one, or several
	digest string
}

// Fit is what a code comes to on the other side.
type Fit uint8

const (
	Unlisted Fit = iota // not a code of this list
	NoWord              // the other side has no word for it
	Several             // it may be any of several
	Exact               // it is this one
)

// Path is the table as mappings and files name it, "ea-jc/result".
func (t *CodeTable) Path() string { return t.Profile + "/" + t.Name }

// Out is what the peer writes for a canonical code.
func (t *CodeTable) Out(code string) (string, Fit) {
	peer, ok := t.out[code]
	switch {
	case !ok:
		return "", Unlisted
	case peer == "":
		return "", NoWord
	}
	return peer, Exact
}

// In is what a peer's code may mean, in the order of the table; shared, not to be
// changed.
func (t *CodeTable) In(peer string) ([]string, Fit) {
	codes, ok := t.in[peer]
	switch {
	case !ok:
		return nil, Unlisted
	case len(codes) == 0:
		return nil, NoWord
	case len(codes) > 1:
		return codes, Several
	}
	return codes, Exact
}

// Digest is a hex hash of both directions and of the lists' dates.
func (t *CodeTable) Digest() string { return t.digest }

func (t *CodeTable) seal() {
	h := sha256.New()
	fmt.Fprintln(h, t.Set.Digest(), t.Peer.Digest())
	for _, v := range t.Set.Codes {
		fmt.Fprintf(h, "%q→%q\n", v.Code, t.out[v.Code])
	}
	for _, v := range t.Peer.Codes {
		fmt.Fprintf(h, "%q←%q\n", v.Code, t.in[v.Code])
	}
	t.digest = hex.EncodeToString(h.Sum(nil))
}

// CodeLink is one line of a table as people read it: a canonical code, a peer's, and
// the directions in which the one is written for the other. One of the two is empty
// where the other side has no word.
type CodeLink struct {
	Code, Peer string
	Out, In    bool
}

// Links is the whole table, in the order of the canonical set, then what only the
// peer has.
func (t *CodeTable) Links() []CodeLink {
	var list []CodeLink
	for _, code := range t.Set.codes() {
		peer := t.out[code]
		list = append(list, CodeLink{Code: code, Peer: peer, Out: true, In: slices.Contains(t.in[peer], code)})
		for _, p := range t.Peer.codes() {
			if p != peer && slices.Contains(t.in[p], code) {
				list = append(list, CodeLink{Code: code, Peer: p, In: true})
			}
		}
	}
	for _, p := range t.Peer.codes() {
		if len(t.in[p]) == 0 {
			list = append(list, CodeLink{Peer: p, In: true})
		}
	}
	return list
}

// codes is every code of a list once, in its order.
func (s *CodeSet) codes() []string {
	out := make([]string, 0, len(s.Codes))
	seen := make(map[string]bool, len(s.Codes))
	for _, v := range s.Codes {
		if !seen[v.Code] {
			seen[v.Code] = true
			out = append(out, v.Code)
		}
	}
	return out
}
