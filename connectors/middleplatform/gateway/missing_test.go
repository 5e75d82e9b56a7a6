package gateway

import (
	"testing"
	"time"
)

// However a platform says that there is no such number, the others are fetched.
func TestAnAnswerOfNotFoundIsOfOneNumber(t *testing.T) {
	for name, says := range map[string][2]string{"sealed": {"200", "404"}, "in the envelope": {"404", "-"}, "gone": {"200", "410"}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.platform.unknown = says
			w.announce("missing", "0", "")
			for _, no := range []string{"A", "B"} {
				w.platform.put(no)
				w.announce(no, "0", "")
			}
			w.fetch(10 * time.Minute)
			w.wantSubmissions("A", "0:0:fetched:1")
			w.wantSubmissions("B", "0:0:fetched:1")
			w.platform.put("missing")
			w.fetch(2 * time.Hour)
			w.wantSubmissions("missing", "0:0:fetched:1")
		})
	}
}
