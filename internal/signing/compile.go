package signing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"banjian/internal/text"
)

// part is a piece of a template: a name, or text.
type part struct{ name, literal string }

// names are what a template may hold; {signature} only where it is placed.
var names = []string{"key", "secret", "nonce", "time", "token", "service", "business", "method", "path", "query", "pairs", "signature"}

// parse takes a template apart; wrong is a name that does not exist.
func parse(template string) (parts []part, wrong string) {
	for template != "" {
		open := strings.IndexByte(template, '{')
		end := strings.IndexByte(template, '}')
		if open < 0 || end < open {
			return append(parts, part{literal: template}), ""
		}
		if open > 0 {
			parts = append(parts, part{literal: template[:open]})
		}
		name := template[open+1 : end]
		if !slices.Contains(names, name) {
			return nil, name
		}
		parts = append(parts, part{name: name})
		template = template[end+1:]
	}
	return parts, ""
}

func wrongAt(at, zh, en string, args ...any) (string, text.Text) { return at, text.F(zh, en, args...) }

// compile reads the templates; at and what are the first mistake.
func (s *Scheme) compile() (at string, what text.Text) {
	if !schemeName.MatchString(s.Signer) || s.Title == "" || s.EN == "" {
		return wrongAt("$.signer", "signer 要写成小写字母、数字和连字符，并有 title 和 en", "signer is lower-case letters, digits and hyphens, and has title and en")
	}
	for _, list := range []struct {
		key, value string
		of         []string
	}{
		{"conf", s.Conf, []string{"client", "analog", "assumed"}},
		{"hash", s.Hash, []string{"", "hmac-sha256", "hmac-sm3", "sha256", "md5", "sm3"}},
		{"encoding", s.Encoding, []string{"", "hex", "HEX", "base64"}},
		{"time", s.Time, []string{"", "ms", "s", "s.3", "compact", "rfc1123"}},
	} {
		if !slices.Contains(list.of, list.value) {
			all := strings.TrimPrefix(strings.Join(list.of, " | "), " | ")
			return wrongAt("$."+list.key, "只能是 %s", "must be one of %s", all)
		}
	}
	var wrong string
	if s.message, wrong = parse(s.Message); wrong != "" || slices.Contains(s.message, part{name: "signature"}) {
		return wrongAt("$.message", "模板里没有 {%s} 可用", "a template cannot hold {%s}", cmp.Or(wrong, "signature"))
	}
	if s.Window != "" {
		d, err := time.ParseDuration(s.Window)
		if err != nil || d <= 0 {
			return wrongAt("$.window", "window 要写成 300s 这样，大于零", "window is written 300s and is above zero")
		}
		s.window = d
	}
	if at, what := s.compilePlaces(); !what.IsZero() {
		return at, what
	}
	if signs := len(s.message) > 0; signs != (s.Hash != "") || signs != (s.Encoding != "") || signs && s.At("signature") == nil {
		return wrongAt("$", "message、hash、encoding 和放 {signature} 的位置要一起写", "message, hash, encoding and a place for {signature} go together")
	}
	return s.compileToken()
}

func (s *Scheme) compilePlaces() (at string, what text.Text) {
	seen := map[string]bool{}
	for i := range s.Place {
		p := &s.Place[i]
		at := fmt.Sprintf("$.place[%d]", i)
		given := 0
		for _, n := range []string{p.Header, p.Query, p.Form} {
			if n != "" {
				given++
			}
		}
		where, name := p.Name()
		full := where + " " + strings.ToLower(name)
		if given != 1 || seen[full] || strings.ContainsAny(name, " :\r\n&=") {
			return wrongAt(at, "header、query、form 只写一个，名称不重复", "one of header, query and form is given, and a name is used once")
		}
		seen[full] = true
		var wrong string
		if p.parts, wrong = parse(p.Value); wrong != "" || len(p.parts) == 0 {
			return wrongAt(at, "value 是模板，没有 {%s} 可用", "value is a template and cannot hold {%s}", wrong)
		}
		if !slices.Contains(p.parts, part{name: "signature"}) {
			s.sorted = append(s.sorted, i)
		}
	}
	slices.SortFunc(s.sorted, func(a, b int) int {
		_, x := s.Place[a].Name()
		_, y := s.Place[b].Name()
		return strings.Compare(x, y)
	})
	if len(s.Place) == 0 || s.At("key") == nil {
		return wrongAt("$.place", "要有放 {key} 的位置", "there is a place for {key}")
	}
	if s.Uses("time") != (s.Time != "") {
		return wrongAt("$.time", "{time} 和 time 要一起写", "{time} and time go together")
	}
	return "", text.Text{}
}

func (s *Scheme) compileToken() (at string, what text.Text) {
	t := s.Token
	if (t != nil) != s.Uses("token") {
		return wrongAt("$.token", "{token} 和 token 要一起写", "{token} and token go together")
	}
	if t == nil {
		return "", text.Text{}
	}
	var err error
	if t.lasts, err = time.ParseDuration(t.Lasts); err != nil || t.lasts <= 0 || !strings.HasPrefix(t.Path, "/") || t.Answer == "" || len(t.Form) == 0 {
		return wrongAt("$.token", "token 要有 path、form、answer 和 lasts（如 30m）", "token has path, form, answer and lasts, such as 30m")
	}
	for _, template := range t.Form {
		if _, wrong := parse(template); wrong != "" {
			return wrongAt("$.token.form", "模板里没有 {%s} 可用", "a template cannot hold {%s}", wrong)
		}
	}
	return "", text.Text{}
}
