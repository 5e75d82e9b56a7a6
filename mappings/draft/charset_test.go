package draft

import (
	"fmt"
	"testing"
)

func TestGBKTakenForLatin1IsNoticedByTheColumn(t *testing.T) {
	v := View{Columns: []Column{
		{Name: "as_it_should_be", Values: []string{"受理", "不予受理"}},
		{Name: "mistaken", Values: []string{"ÊÜÀí", "slbh ÊÜÀí±àºÅ", "plain", ""}},
		{Name: "half_of_it", Values: []string{"ÊÜÀí", "café"}},
		{Name: "names_with_accents", Values: []string{"café", "Zoë Müller", "ÊÜÀí"}},
		{Name: "plain", Values: []string{"1", "2"}},
		{Name: "empty"},
	}}
	if got := fmt.Sprint(Mistaken(v)); got != "[mistaken half_of_it]" {
		t.Errorf("got %s", got)
	}
}
