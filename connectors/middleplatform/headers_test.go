package middleplatform

import (
	"net/http"
	"testing"
)

// A gateway may put the outer members of an answer in its headers.
func TestOuterMembersAreReadFromHeadersToo(t *testing.T) {
	p, err := LoadProfile("sx-ddpt")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		status, body string
		want         Reply
		unread       bool
	}{
		"taken":               {"00", `{"code":"00","msg":"成功"}`, Reply{Code: "00", Status: "00", Data: "成功"}, false},
		"refused":             {"00", `{"code":"11","msg":"必填"}`, Reply{Code: "00", Status: "11", Data: "必填"}, false},
		"failed":              {"01", `whatever`, Reply{Code: "01"}, false},
		"neither":             {"", `{"code":"00","msg":"成功"}`, Reply{}, true},
		"not what is said":    {"00", `<html>`, Reply{}, true},
		"the body goes first": {"01", `{"C-API-Status":"00","C-Response-Body":"{\"code\":\"00\",\"msg\":\"成功\"}"}`, Reply{Code: "00", Status: "00", Data: "成功"}, false},
	} {
		h := http.Header{}
		if c.status != "" {
			h.Set("C-API-Status", c.status)
		}
		got, err := p.decodeAnswer(h, []byte(c.body), &Cipher{})
		if (err != nil) != c.unread || got != c.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
