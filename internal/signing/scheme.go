package signing

import (
	"embed"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
)

//go:embed signers/*.yaml
var shipped embed.FS

// Scheme is one way of signing. It is read-only after Load and serves any number of
// goroutines.
type Scheme struct {
	Signer   string  `yaml:"signer"`
	Title    string  `yaml:"title"`
	EN       string  `yaml:"en"`
	Conf     string  `yaml:"conf"`     // how sure it is: client | analog | assumed
	Message  string  `yaml:"message"`  // template of what is signed; empty: nothing is
	Hash     string  `yaml:"hash"`     // hmac-sha256 | hmac-sm3, keyed by the secret | sha256 | md5 | sm3
	Encoding string  `yaml:"encoding"` // hex | HEX | base64
	Time     string  `yaml:"time"`     // ms | s, since 1970 UTC | s.3, with three decimals | compact, 20060102150405 in UTC+8 | rfc1123, in GMT
	Window   string  `yaml:"window"`   // either way, such as 300s, where nobody says otherwise
	Place    []Place `yaml:"place"`    // in the order they are sent
	Token    *Token  `yaml:"token"`    // of a scheme that has one fetched first

	message []part
	window  time.Duration
	sorted  []int // places of {pairs}, by name
}

// Place is where a value stands on the call: exactly one of the three names is given.
type Place struct {
	Header string `yaml:"header"`
	Query  string `yaml:"query"`
	Form   string `yaml:"form"` // a member of the body
	Value  string `yaml:"value"`

	parts []part
}

// Token is the call that brings a token for the calls after it.
type Token struct {
	Path   string            `yaml:"path"`
	Conf   string            `yaml:"conf"`
	Form   map[string]string `yaml:"form"`   // parameters of the body, as templates
	Answer string            `yaml:"answer"` // member or element of the answer that holds it
	Lasts  string            `yaml:"lasts"`  // such as 30m

	lasts time.Duration
}

// Lifetime is how long a token is good.
func (t *Token) Lifetime() time.Duration { return t.lasts }

// Schemes lists the shipped schemes by name.
func Schemes() []string {
	files, _ := fs.Glob(shipped, "signers/*.yaml") // the pattern is well formed
	for i, f := range files {
		files[i] = strings.TrimSuffix(strings.TrimPrefix(f, "signers/"), ".yaml")
	}
	return files
}

var schemeName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

// Load reads a scheme by name: from the first of the given file systems that has
// signers/NAME.yaml, else the shipped one. Faults are Config with file:line:column.
func Load(name string, overlays ...fs.FS) (*Scheme, error) {
	path := "signers/" + name + ".yaml"
	if schemeName.MatchString(name) {
		for _, from := range append(slices.Clone(overlays), fs.FS(shipped)) {
			data, err := fs.ReadFile(from, path)
			if err == nil {
				return Parse(path, data)
			}
			if !errors.Is(err, fs.ErrNotExist) {
				return nil, fault.Wrap(err, fault.Config, "read signer", path, text.T("读不了", "cannot be read"), text.Text{})
			}
		}
	}
	hint := nearest.Hint(name, Schemes())
	if hint.IsZero() {
		all := strings.Join(Schemes(), ", ")
		hint = text.F("现有：%s", "there are: %s", all)
	}
	return nil, fault.New(fault.Config, "find signer", "", text.F("没有签名方式 %s", "there is no signer %s", name), hint)
}

// Parse reads and checks a scheme; file names it in faults.
func Parse(file string, data []byte) (*Scheme, error) {
	s := new(Scheme)
	if err := yamlfile.Decode(file, data, s); err != nil {
		return nil, err
	}
	if at, what := s.compile(); !what.IsZero() {
		return nil, fault.New(fault.Config, "read signer", yamlfile.Where(file, data, at), what, text.T("请对照随程序提供的签名方式修改", "compare it with a shipped signer"))
	}
	return s, nil
}

// Skew is how far a stamp may be off, either way; 0 when the scheme does not say.
func (s *Scheme) Skew() time.Duration { return s.window }

// Uses says that a value of that name, such as nonce, stands anywhere on the call.
func (s *Scheme) Uses(name string) bool {
	for i := range s.Place {
		if slices.ContainsFunc(s.Place[i].parts, func(p part) bool { return p.name == name }) {
			return true
		}
	}
	return false
}

// Name is where a place stands and what it is called there.
func (p *Place) Name() (where, name string) {
	switch {
	case p.Header != "":
		return "header", p.Header
	case p.Query != "":
		return "query", p.Query
	}
	return "form", p.Form
}

// At is the place that holds one value and nothing else, nil if there is none.
func (s *Scheme) At(value string) *Place {
	for i := range s.Place {
		if parts := s.Place[i].parts; len(parts) == 1 && parts[0].name == value {
			return &s.Place[i]
		}
	}
	return nil
}
