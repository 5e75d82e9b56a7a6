package main

import "testing"

func TestADepartmentThatTellsItsChangesIsDeliveredAsOneThatIsRead(t *testing.T) {
	read, told := embedded(t), embedded(t)
	read.flags = append(read.flags, "--cases", "120")
	told.flags = append(told.flags, "--cases", "120", "--stream")
	_, want := read.demo()
	_, got := told.demo()
	for name, s := range want {
		if got[name].Read != s.Read || got[name].Records != s.Records {
			t.Errorf("%s: read %d, records %d; by its view %d, %d", name, got[name].Read, got[name].Records, s.Read, s.Records)
		}
		for receiver, r := range s.Receivers {
			if got[name].Receivers[receiver] != r {
				t.Errorf("%s → %s: %+v, by its view %+v", name, receiver, got[name].Receivers[receiver], r)
			}
		}
	}
	_, again := told.demo()
	for name, s := range again {
		if s.Read != 0 || s.Records != 0 {
			t.Errorf("%s: read %d, records %d when nothing more was told", name, s.Read, s.Records)
		}
	}
}

func TestADemoOfViewsDoesNotBecomeOneOfTopics(t *testing.T) {
	w := embedded(t)
	w.flags = append(w.flags, "--cases", "10")
	w.demo()
	if code, _, errOut := command(append(w.flags, "--stream", "--lang", "en")...); code == exitDone {
		t.Errorf("exited %d: %s", code, errOut)
	}
}
