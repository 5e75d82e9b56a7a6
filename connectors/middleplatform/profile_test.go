package middleplatform

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"banjian/internal/fault"
)

func TestEveryShippedProfileIsWhole(t *testing.T) {
	for _, name := range Profiles() {
		p, err := LoadProfile(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if p.Profile != name || p.Title == "" {
			t.Errorf("profiles/%s.yaml calls itself %s, %s", name, p.Profile, p.Title)
		}
		for _, in := range p.ByNumber() {
			if in.Title == "" || p.ByPath(in.Path) != in || in.URL("http://h/ywzt/") != "http://h/ywzt"+in.Path {
				t.Errorf("%s: interface %s is not whole", name, in.Name)
			}
			for _, b := range in.Blocks {
				for _, f := range b.Fields {
					if f.Title == "" || f.Type == "text" && f.Codes == "" && f.Width == 0 {
						t.Errorf("%s: %s %s has no title or no width", name, in.Name, f.Name)
					}
				}
			}
		}
	}
}

func TestWrongProfileIsRefusedAtItsLine(t *testing.T) {
	data, err := shipped.ReadFile("profiles/sd-ywzt-2024.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new, line, says string }{
		"unknown key":          {"window: 300s", "windows: 300s", "", "unknown key"},
		"unknown signer":       {"use: aep-hmac", "use: aep-mac", "use: aep-mac", "no signer aep-mac"},
		"no signer":            {"use: aep-hmac", "use: \"\"", "", "use is required"},
		"signer of headers":    {"use: apply-url", "use: aep-hmac", "use: aep-hmac", "in its query"},
		"no service":           {"use: aep-hmac", "use: gjzwfwpt", "", "needs service"},
		"secret without name":  {"emit_secret_param: false # the secret never stands in the address\n  secret_param: secret", "emit_secret_param: true", "", "goes with secret_param"},
		"unknown scope":        {"scope: message", "scope: part", "scope: part", "message | fields"},
		"no fields":            {"scope: message", "scope: fields", "", "lists fields"},
		"unknown carrier":      {"carrier: member", "carrier: letter", "carrier: letter", "member | form"},
		"unknown form":         {"forms: [xml, json]", "forms: [csv]", "forms: [csv]", "xml | json"},
		"one outer member":     {"  body: data\n  says", "  says", "", "go together"},
		"like itself":          {"profile: sd-ywzt-2024\n", "profile: sd-ywzt-2024\nlike: sd-ywzt-2024\n", "like:", "another profile"},
		"like nobody":          {"profile: sd-ywzt-2024\n", "profile: sd-ywzt-2024\nlike: sd-1999\n", "like:", "no platform profile"},
		"no window":            {"window: 300s", "window: -1s", "", "above zero"},
		"window without unit":  {"window: 300s", "window: 300", "", "above zero"},
		"unknown cipher":       {"kind: sm4-cbc", "kind: des", "kind: des", "sm4-cbc"},
		"long fill":            {`fill: "0"`, `fill: "00"`, `fill: "00"`, "one ASCII"},
		"layout without hours": {"time: 2006-01-02 15:04:05", "time: 2006-01-02", "time: 2006-01-02", "keeps the second"},
		"same statuses":        {`refused: "300"`, `refused: "200"`, "", "differ"},
		"same path":            {"/receiveCourseInfo", "/receiveAcceptInfo", "", "same path"},
		"unknown code set":     {"codes: step_state", "codes: step", "codes: step,", "no code set step"},
		"unknown type":         {"type: amount", "type: money", "type: money", "text | time"},
		"unknown parent":       {"interface: accept, unless", "interface: acept, unless", "acept", "no interface acept"},
		"key not required":     {"GDBSSPCL/JSSJ]", "GDBSSPCL/SPRZWDM]", "SPRZWDM]", "not a required field"},
		"time of nothing":      {"not_before: JSSJ", "not_before: JSJS", "JSJS", "names a time"},
		"two conditions":       {`is_not: ["0", "6"]`, `is_not: ["0"], is: ["1"]`, `is: ["1"]`, "one of is and is_not"},
		"limit below zero":     {"connections: 8", "connections: -1", "", "below zero"},
		"timeout of words":     {"timeout: 30s", "timeout: soon", "", "below zero"},
		"unknown mask":         {"personal: id", "personal: no", "personal: no", "phone"},
		"column twice":         {"{name: SXBM, title: 事项编码, en: item code, width: 36, required: true}", "{name: SHOULI_YWSLRMC, title: 事项编码, en: item code, width: 36, required: true}", "", "is repeated"},
		"no confidence":        {"conf: client\n    key", "key", "", "client | analog"},
		"halves of nothing":    {`"1": SPTEBIEJIEGUO`, `"1": SPTEBIE`, "", "no block SPTEBIE"},
		"instead by nobody":    {"missing: SPBANJIE/BJJGDM, interface: accept", "missing: SPBANJIE/BJJGDM, interface: suspend", "instead", "neither has files or halves"},
		"instead of nothing":   {"missing: SPBANJIE/BJJGDM", "missing: SPBANJIE/ZJBH", "instead", "required field of this"},
		"borrows nothing":      {"blocks: [SHOULI]", "blocks: [YUSHEN]", "instead", "has a required block"},
		"MD5 of no file":       {"md5_of: ATTACH_BODY", "md5_of: ATTACH_NAME", "ATTACH_SIGN", "names a file"},
		"empty code set":       {"codes: {CNY: {zh: 人民币, en: renminbi}}", "codes: {}", "", "is empty"},
		"field twice":          {"{name: YWSLRBM", "{name: YWSLRMC", "受理人工号", "repeated"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(string(data), c.old, c.new, 1)
			if bad == string(data) {
				t.Fatal("nothing was changed")
			}
			_, err := ParseProfile("p.yaml", []byte(bad))
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Config || !strings.Contains(f.What.EN, c.says) || f.What.ZH == "" {
				t.Fatalf("%v", err)
			}
			if !regexp.MustCompile(`^p\.yaml:\d+:\d+$`).MatchString(f.Where) {
				t.Fatalf("at %s", f.Where)
			}
			lines := strings.Split(bad, "\n")
			var line int
			for _, r := range strings.Split(f.Where, ":")[1] {
				line = line*10 + int(r-'0')
			}
			if c.line != "" && !strings.Contains(lines[line-1], c.line) {
				t.Errorf("at %s, which is %q", f.Where, lines[line-1])
			}
		})
	}
}

// The quick reader of the usual form takes exactly what the general one takes.
func TestDateTimesAreReadAsTheTimePackageReadsThem(t *testing.T) {
	p := &Profile{Body: BodyProfile{Time: time.DateTime}}
	for _, s := range []string{"2025-07-04 15:30:33", "2024-02-29 00:00:00", "2025-02-29 00:00:00", "2025-04-31 10:00:00", "2025-12-31 23:59:59", "2025-13-01 00:00:00",
		"2025-00-10 00:00:00", "2025-01-00 00:00:00", "2025-01-01 24:00:00", "2025-01-01 10:60:00", "2025-01-01 10:00:60", "2025-1-01 10:00:00", "2025-01-01  0:00:00",
		"2025-01-01T10:00:00", "2025-01-01 10:00:00.5", "0000-01-01 00:00:00", "", "２025-01-01 10:00:0"} {
		want, err := time.ParseInLocation(time.DateTime, s, chinaTime)
		ok := err == nil && want.Format(time.DateTime) == s
		if got, good := p.ParseTime(s); good != ok || ok && !got.Equal(want) {
			t.Errorf("%q: %v %t, want %v %t", s, got, good, want, ok)
		}
	}
}
