package signing

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"banjian/internal/fault"
	"banjian/internal/gm"
	"banjian/internal/text"
)

// Call is what a signature can depend on. What a scheme does not use may be empty.
type Call struct {
	Key, Secret       string
	Nonce, Time       string
	Token             string
	Service, Business string
	Method, Path      string
	Query             string // as sent, without ?
}

// Placed is one value of a signed call, as written on the wire.
type Placed struct{ Where, Name, Value string }

// Stamp is a moment as the scheme writes it, empty where it has no time.
func (s *Scheme) Stamp(at time.Time) string {
	switch s.Time {
	case "ms":
		return strconv.FormatInt(at.UnixMilli(), 10)
	case "s":
		return strconv.FormatInt(at.Unix(), 10)
	case "s.3":
		ms := at.UnixMilli()
		return strconv.FormatFloat(float64(ms)/1000, 'f', 3, 64)
	case "compact":
		return at.In(chinaTime).Format(compact)
	case "rfc1123":
		return at.UTC().Format(http.TimeFormat)
	}
	return ""
}

const compact = "20060102150405"

var chinaTime = time.FixedZone("UTC+8", 8*60*60)

// Moment is the reverse of Stamp: only what Stamp would write in our time counts.
func (s *Scheme) Moment(stamp string) (time.Time, bool) {
	var at time.Time
	switch s.Time {
	case "ms", "s", "s.3":
		n, err := strconv.ParseUint(strings.Replace(stamp, ".", "", 1), 10, 53)
		if err != nil {
			return at, false
		}
		if at = time.UnixMilli(int64(n)); s.Time == "s" {
			at = time.Unix(int64(n), 0)
		}
		if at.Unix() < 1e9 || at.Unix() >= 1e10 {
			return at, false
		}
	case "compact":
		var err error
		if at, err = time.ParseInLocation(compact, stamp, chinaTime); err != nil {
			return at, false
		}
	case "rfc1123":
		var err error
		if at, err = time.Parse(http.TimeFormat, stamp); err != nil {
			return at, false
		}
	default:
		return at, false
	}
	return at, s.Stamp(at) == stamp
}

// Sign gives what is placed on a call, in the order of the scheme. A nonce is used
// once; a repeated call is signed anew. A value that is missing, or that a header
// cannot carry, is a Config fault.
func (s *Scheme) Sign(c *Call) ([]Placed, error) {
	if strings.ContainsFunc(c.Key+c.Nonce, unseen) || s.Time != "rfc1123" && strings.ContainsFunc(c.Time, unseen) {
		return nil, uncarried()
	}
	signature := ""
	if s.Hash != "" {
		if c.Secret == "" {
			return nil, missing("secret")
		}
		signature = s.Signature(c)
	}
	placed := make([]Placed, len(s.Place))
	for i := range s.Place {
		p := &s.Place[i]
		where, name := p.Name()
		value, lacks := s.fill(p.parts, c, signature)
		if lacks != "" {
			return nil, missing(lacks)
		}
		if where == "header" && strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
			return nil, uncarried()
		}
		placed[i] = Placed{where, name, value}
	}
	return placed, nil
}

func uncarried() error {
	return fault.New(fault.Config, "sign", "", text.T("key、nonce、时间戳只能是可见 ASCII 字符", "key, nonce and timestamp are visible ASCII"), text.Text{})
}

func unseen(r rune) bool { return r <= ' ' || r > '~' }

func missing(name string) error {
	return fault.New(fault.Config, "sign", "", text.F("签名缺少 %s", "the signature lacks %s", name), text.Text{})
}

// fill is a placed value; lacks is a name that has none.
func (s *Scheme) fill(parts []part, c *Call, signature string) (value, lacks string) {
	for _, p := range parts {
		if p.name == "" {
			value += p.literal
			continue
		}
		v := c.value(p.name)
		if p.name == "signature" {
			v = signature
		}
		if v == "" {
			return "", p.name
		}
		value += v
	}
	return value, ""
}

func (c *Call) value(name string) string {
	switch name {
	case "key":
		return c.Key
	case "secret":
		return c.Secret
	case "nonce":
		return c.Nonce
	case "time":
		return c.Time
	case "token":
		return c.Token
	case "service":
		return c.Service
	case "business":
		return c.Business
	case "method":
		return c.Method
	case "path":
		return c.Path
	case "query":
		return sortedQuery(c.Query)
	}
	return ""
}

// sortedQuery is the pairs of a query in order of their names, as they are written.
func sortedQuery(query string) string {
	if query == "" {
		return ""
	}
	pairs := strings.Split(query, "&")
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// text is what is signed.
func (s *Scheme) text(dst []byte, c *Call) []byte {
	for _, p := range s.message {
		switch p.name {
		case "":
			dst = append(dst, p.literal...)
		case "pairs":
			dst = s.pairs(dst, c)
		default:
			dst = append(dst, c.value(p.name)...)
		}
	}
	return dst
}

func (s *Scheme) pairs(dst []byte, c *Call) []byte {
	some := false
	for _, i := range s.sorted {
		p := &s.Place[i]
		value, lacks := s.fill(p.parts, c, "")
		if lacks != "" {
			continue
		}
		if some {
			dst = append(dst, '&')
		}
		some = true
		_, name := p.Name()
		dst = append(append(append(dst, name...), '='), value...)
	}
	return dst
}

// Signature is the encoded hash over the message of a call.
func (s *Scheme) Signature(c *Call) string {
	message := s.text(make([]byte, 0, 192), c)
	h := s.hash([]byte(c.Secret))
	h.Write(message)
	return s.encode(h.Sum(message[:0]))
}

// Swapped is the signature of those who take message and secret for each other: never
// to be taken. It is empty for a hash without a key.
func (s *Scheme) Swapped(c *Call) string {
	if !strings.HasPrefix(s.Hash, "hmac-") {
		return ""
	}
	h := s.hash(s.text(nil, c))
	h.Write([]byte(c.Secret))
	return s.encode(h.Sum(nil))
}

func (s *Scheme) encode(sum []byte) string {
	switch s.Encoding {
	case "base64":
		return base64.StdEncoding.EncodeToString(sum)
	case "HEX":
		return strings.ToUpper(hex.EncodeToString(sum))
	}
	return hex.EncodeToString(sum)
}

func (s *Scheme) hash(key []byte) hash.Hash {
	switch s.Hash {
	case "hmac-sha256":
		return hmac.New(sha256.New, key)
	case "hmac-sm3":
		return hmac.New(gm.NewSM3, key)
	case "md5":
		return md5.New()
	case "sm3":
		return gm.NewSM3()
	}
	return sha256.New()
}

// Parameters is the body of the call that fetches a token.
func (t *Token) Parameters(c *Call) url.Values {
	values := url.Values{}
	for name, template := range t.Form {
		parts, _ := parse(template)
		var b strings.Builder
		for _, p := range parts {
			b.WriteString(p.literal)
			b.WriteString(c.value(p.name))
		}
		values.Set(name, b.String())
	}
	return values
}
