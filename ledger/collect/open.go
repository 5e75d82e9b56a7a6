package collect

import (
	"strings"

	"banjian/ledger"
	"banjian/pipelines"
)

// openRejects are the rejects that were open when the run began, by key.
type openRejects struct {
	byKey map[string][]openReject
}

type openReject struct {
	rule   string
	source pipelines.Hash
}

func newOpenRejects(rejects []ledger.Reject) *openRejects {
	o := &openRejects{byKey: make(map[string][]openReject, len(rejects))}
	for i := range rejects {
		r := &rejects[i]
		o.byKey[string(r.Key)] = append(o.byKey[string(r.Key)], openReject{r.Rule, r.Source})
	}
	return o
}

func (o *openRejects) has(key []byte) bool { return len(o.byKey[string(key)]) > 0 }

// worse says that a row with this key was refused for what was in it, so that the row
// as the index knows it must be mapped again to close the reject.
func (o *openRejects) worse(key []byte) bool {
	for _, r := range o.byKey[string(key)] {
		if r.rule != ruleDuplicateKey {
			return true
		}
	}
	return false
}

// as says that this very row was refused because a service said that it is not so, or gave
// no answer.
func (o *openRejects) as(key []byte, source pipelines.Hash) bool {
	for _, r := range o.byKey[string(key)] {
		if strings.HasPrefix(r.rule, ledger.VerifyRules) && r.source == source {
			return true
		}
	}
	return false
}

// mended is what this very row was refused for by rules of verification, or by others.
func (o *openRejects) mended(key []byte, source pipelines.Hash, verify bool) (list []ledger.Finding) {
	for _, r := range o.byKey[string(key)] {
		if r.source == source && r.rule != ruleDuplicateKey && strings.HasPrefix(r.rule, ledger.VerifyRules) == verify {
			list = append(list, ledger.Finding{Key: key, Rule: r.rule, Source: source})
		}
	}
	return list
}

// duplicate says that this very row was refused before because another row had its
// key; it stays refused however the rows are ordered now.
func (o *openRejects) duplicate(key []byte, source pipelines.Hash) bool {
	for _, r := range o.byKey[string(key)] {
		if r.rule == ruleDuplicateKey && r.source == source {
			return true
		}
	}
	return false
}
