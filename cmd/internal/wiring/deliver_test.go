package wiring

import (
	"slices"
	"testing"

	"banjian/connectors/middleplatform"
	"banjian/pipelines"
)

// By every platform's profile a result is the end of what goes of a case but its files: it waits
// for steps and notices, as it does for special procedures and the acceptance by rules of theirs.
func TestAResultComesBehindWhatIsNotTakenAfterIt(t *testing.T) {
	subjects := []pipelines.ProfileSubject{{Subject: "case/accept", Interface: "accept"}, {Subject: "case/correction", Interface: "correction"}, {Subject: "case/step", Interface: "course"},
		{Subject: "case/special", Interface: "suspend"}, {Subject: "case/result", Interface: "finish", All: pipelines.ProfileAll{Subject: "case/special", Having: "ended_at"}}, {Subject: "case/result_file", Interface: "result_file"}}
	for _, name := range []string{"sd-ywzt-2024", "sd-2020", "sx-ddpt", "json"} {
		messages, err := middleplatform.LoadProfile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range subjects {
			var want []string
			if s.Interface == "finish" {
				want = []string{"case/correction", "case/step"}
			}
			if got := notAfter(messages, &pipelines.Profile{Subjects: subjects}, i); !slices.Equal(got, want) {
				t.Errorf("%s, %s: %v, want %v", name, s.Subject, got, want)
			}
		}
	}
}
