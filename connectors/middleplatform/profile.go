package middleplatform

import (
	"embed"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
	"banjian/internal/yamlfile"
)

// DefaultProfile is the profile of a site that names none.
const DefaultProfile = "sd-ywzt-2024"

//go:embed profiles/*.yaml
var shipped embed.FS

// Profile is one platform as data. It is read-only after LoadProfile and serves any
// number of goroutines.
type Profile struct {
	Profile    string                `yaml:"profile"`
	Title      string                `yaml:"title"`
	EN         string                `yaml:"en"` // the title in English
	Signer     SignerProfile         `yaml:"signer"`
	Cipher     CipherProfile         `yaml:"cipher"`
	Body       BodyProfile           `yaml:"body"`
	Envelope   EnvelopeProfile       `yaml:"envelope"`
	Limits     LimitProfile          `yaml:"limits"` // of each interface that has none of its own
	CodeSets   map[string]CodeSet    `yaml:"code_sets"`
	Interfaces map[string]*Interface `yaml:"interfaces"`
}

// SignerProfile is how a call is signed and how long its signature is good.
type SignerProfile struct {
	KeyHeader       string `yaml:"key_header"`
	NonceHeader     string `yaml:"nonce_header"`
	TimestampHeader string `yaml:"timestamp_header"`
	SignatureHeader string `yaml:"signature_header"`
	Message         string `yaml:"message"`  // sorted_pairs: name=value by name, joined by &, empty values left out
	MAC             string `yaml:"mac"`      // hmac-sha256
	Encoding        string `yaml:"encoding"` // hex | base64
	Unit            string `yaml:"unit"`     // ms | s, since 1970 UTC
	Window          Span   `yaml:"window"`   // either way
	Nonces          int    `yaml:"nonces"`   // how many are remembered at least
}

// CipherProfile is how a body is sealed.
type CipherProfile struct {
	Kind          string `yaml:"kind"`           // sm4-cbc | none
	Derivation    string `yaml:"derivation"`     // ecb_hex: see NewCipher
	Fill          string `yaml:"fill"`           // one ASCII character that fills a short key
	StripNewlines bool   `yaml:"strip_newlines"` // of the plaintext before, of the base64 after
}

// BodyProfile is the form of a call's body.
type BodyProfile struct {
	ContentType  string   `yaml:"content_type"`
	Parameter    string   `yaml:"parameter"`    // the member that holds the message
	Root         string   `yaml:"root"`         // the message's root element
	Case         []string `yaml:"case"`         // children of the root that tell whose case it is
	Time         string   `yaml:"time"`         // layout of Go's time package, wall time in UTC+8
	Placeholders []string `yaml:"placeholders"` // texts that stand for nothing
}

// EnvelopeProfile is the form of an answer.
type EnvelopeProfile struct {
	Root    string `yaml:"root"`    // root element when written as XML; any is read
	Form    Form   `yaml:"form"`    // xml | json, when the caller asks for neither
	OK      string `yaml:"ok"`      // code and status of success
	Refused string `yaml:"refused"` // status of a message that was understood and refused
}

// LimitProfile is how gently an interface is called; what is zero is not said.
type LimitProfile struct {
	Connections int     `yaml:"connections"` // calls under way at a time, 8 when nobody says
	Rate        float64 `yaml:"rate"`        // calls a second, evenly spaced; 0 = no limit
	Timeout     Span    `yaml:"timeout"`     // of one call with its answer, 30s when nobody says
}

// CodeSet is a list of the platform's own codes.
type CodeSet struct {
	Title string               `yaml:"title"`
	EN    string               `yaml:"en"`
	Codes map[string]text.Text `yaml:"codes"` // code → meaning
}

// Profiles lists the shipped profiles by name.
func Profiles() []string {
	files, _ := fs.Glob(shipped, "profiles/*.yaml") // the pattern is well formed
	for i, f := range files {
		files[i] = strings.TrimSuffix(strings.TrimPrefix(f, "profiles/"), ".yaml")
	}
	return files
}

// LoadProfile reads a profile by name: from the first of the given file systems that
// has profiles/NAME.yaml, else the shipped one. Faults are Config with file:line:column.
func LoadProfile(name string, overlays ...fs.FS) (*Profile, error) {
	if !profileName.MatchString(name) {
		return nil, noProfile(name)
	}
	path := "profiles/" + name + ".yaml"
	for _, from := range append(slices.Clone(overlays), shipped) {
		data, err := fs.ReadFile(from, path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fault.Wrap(err, fault.Config, "read profile", path, text.T("读不了", "cannot be read"), text.Text{})
		}
		return ParseProfile(path, data)
	}
	return nil, noProfile(name)
}

var profileName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

func noProfile(name string) error {
	hint := nearest.Hint(name, Profiles())
	if hint.IsZero() {
		all := strings.Join(Profiles(), ", ")
		hint = text.F("现有：%s", "there are: %s", all)
	}
	return fault.New(fault.Config, "find profile", "", text.F("没有中台档案 %s", "there is no platform profile %s", name), hint)
}

// ParseProfile reads and checks a profile; file names it in faults.
func ParseProfile(file string, data []byte) (*Profile, error) {
	p := new(Profile)
	if err := yamlfile.Decode(file, data, p); err != nil {
		return nil, err
	}
	if wrong := p.wrong(); wrong != nil {
		return nil, fault.New(fault.Config, "read profile", yamlfile.Where(file, data, wrong.path), wrong.what, text.T("请对照随程序提供的档案修改", "compare it with a shipped profile"))
	}
	return p, nil
}
