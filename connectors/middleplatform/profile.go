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
	"banjian/internal/signing"
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
	EN         string                `yaml:"en"`   // the title in English
	Like       string                `yaml:"like"` // another profile: what is not said here is as there
	Signer     SignerProfile         `yaml:"signer"`
	ApplyURL   ApplyURLProfile       `yaml:"apply_url"`
	Cipher     CipherProfile         `yaml:"cipher"`
	Body       BodyProfile           `yaml:"body"`
	Envelope   EnvelopeProfile       `yaml:"envelope"`
	Limits     LimitProfile          `yaml:"limits"` // of each interface that has none of its own
	CodeSets   map[string]CodeSet    `yaml:"code_sets"`
	Interfaces map[string]*Interface `yaml:"interfaces"`

	spelt map[string]string // names with small letters, in JSON as they are
	loose map[string]bool   // names of fields that hold whatever stands there
}

// SignerProfile is how a call is signed and how long its signature is good.
type SignerProfile struct {
	Use      string `yaml:"use"`      // name of a scheme, see signing.Schemes
	Window   Span   `yaml:"window"`   // either way; the scheme's when nobody says
	Nonces   int    `yaml:"nonces"`   // how many are remembered at least
	Service  string `yaml:"service"`  // {service} of schemes that have one
	Business string `yaml:"business"` // {business} of schemes that have one

	scheme *signing.Scheme
}

// ApplyURLProfile is how the address of an application (申报地址) is signed: a signer of
// its own, apart from that of the calls.
type ApplyURLProfile struct {
	Use             string `yaml:"use"`               // name of a scheme that places its values in the query
	Path            string `yaml:"path"`              // behind the platform's address, when no address is given
	EmitSecretParam bool   `yaml:"emit_secret_param"` // the address carries the secret too; off unless a platform insists
	SecretParam     string `yaml:"secret_param"`      // its name there

	scheme *signing.Scheme
}

// CipherProfile is how a body is sealed.
type CipherProfile struct {
	Kind          string   `yaml:"kind"`           // sm4-cbc | none
	Scope         string   `yaml:"scope"`          // message: whole texts | fields: single values
	Fields        []string `yaml:"fields"`         // the names of those values
	Derivation    string   `yaml:"derivation"`     // ecb_hex: see NewCipher
	Fill          string   `yaml:"fill"`           // one ASCII character that fills a short key
	StripNewlines bool     `yaml:"strip_newlines"` // of the plaintext before, of the base64 after
}

// BodyProfile is the form of a call's body.
type BodyProfile struct {
	Format       string            `yaml:"format"`  // of a message: xml | json
	Carrier      string            `yaml:"carrier"` // member: {"parameter": text} | form: parameter=text | body: the message itself
	ContentType  string            `yaml:"content_type"`
	Parameter    string            `yaml:"parameter"`    // what holds the message
	Within       string            `yaml:"within"`       // of a body in JSON: the member that holds the message
	Beside       []string          `yaml:"beside"`       // members next to it, empty
	Arrays       map[string]string `yaml:"arrays"`       // PARENT/ELEMENT → the member that holds them as an array
	Root         string            `yaml:"root"`         // the message's root element
	Case         []string          `yaml:"case"`         // children of the root that tell whose case it is
	Time         string            `yaml:"time"`         // layout of Go's time package, wall time in UTC+8
	Placeholders []string          `yaml:"placeholders"` // texts that stand for nothing
}

// EnvelopeProfile is the form of an answer: two levels, a code and a body that holds
// what is said, or one. A code that is not ok means that nothing was decided.
type EnvelopeProfile struct {
	Root     string            `yaml:"root"`     // root element when written as XML; any is read
	Forms    []Form            `yaml:"forms"`    // the first one when the caller asks for none of them
	OK       string            `yaml:"ok"`       // code and status of success
	Refused  string            `yaml:"refused"`  // status of a message that was understood and refused
	Failed   string            `yaml:"failed"`   // code of a call nothing was decided of; the number of HTTP when nobody says
	Code     string            `yaml:"code"`     // outer member of the code; none: there is one level
	Body     string            `yaml:"body"`     // outer member of what is said, as JSON in a text
	Fixed    map[string]string `yaml:"fixed"`    // outer members that are always the same
	Failing  map[string]string `yaml:"failing"`  // of these, those that are otherwise where nothing was decided
	Says     Saying            `yaml:"says"`     // what is said
	Document *Saying           `yaml:"document"` // an XML document as the words of an answer with data
}

// Saying names the parts of what an answer says.
type Saying struct {
	Root   string `yaml:"root"` // of a document
	Status string `yaml:"status"`
	Words  string `yaml:"words"`
	Time   string `yaml:"time"`      // a member with the moment, if there is one
	Clock  string `yaml:"time_form"` // of it: compact, 20060102150405 | ms
	Data   string `yaml:"data"`
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
		return parseProfile(path, data, overlays)
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

// ParseProfile reads and checks a profile that stands upon what ships; file names it in
// faults.
func ParseProfile(file string, data []byte) (*Profile, error) { return parseProfile(file, data, nil) }

func parseProfile(file string, data []byte, overlays []fs.FS) (*Profile, error) {
	p := new(Profile)
	if err := yamlfile.Decode(file, data, p); err != nil {
		return nil, err
	}
	wrong := p.settle(overlays)
	if wrong == nil {
		wrong = p.wrong()
	}
	if wrong != nil {
		return nil, fault.New(fault.Config, "read profile", yamlfile.Where(file, data, wrong.path), wrong.what, text.T("请对照随程序提供的档案修改", "compare it with a shipped profile"))
	}
	return p, nil
}
