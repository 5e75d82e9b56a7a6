package middleplatform

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"banjian/internal/fault"
	"banjian/internal/remote"
	"banjian/internal/text"
)

// reply is an answer as it came.
type reply struct {
	status int
	header http.Header
	body   []byte
	at     time.Time
}

// meaning is what an answer says of the message.
type meaning uint8

const (
	unclear   meaning = iota // the error tells
	taken                    // now or before
	refused                  // its content
	forbidden                // key, signature or clock: nothing was looked at
)

// answer is an answer understood.
type answer struct {
	meaning meaning
	words   string // of the platform, unmasked
	data    *Element
	judged  bool // the platform took the signature
	plainly bool // refused without being sealed: perhaps it could not open the message
	before  bool // taken: it says that it has one of that identity already
	key     *sealer
	took    time.Duration
}

// judge reads an answer. The number that counts is the sealed status, else the
// envelope's code, else that of HTTP.
func (t *Target) judge(in *Interface, key *sealer, r reply) (answer, error) {
	if r.status >= 300 && r.status < 400 {
		return answer{}, t.misfit(in, r.status, text.T("中台要求转到别处，没有照做", "the platform sends us elsewhere; that was not followed"))
	}
	if t.profile.forged(r.header, key.who) {
		return answer{}, t.garbled(in, fault.New(fault.Data, "read answer", "", text.T("回应的签名不对", "the answer's signature is wrong"), text.Text{}))
	}
	said, err := t.profile.decodeAnswer(r.header, r.body, key.cipher)
	readable, sealed := err == nil, err == nil && said.Code == t.profile.Envelope.OK
	number, known := r.status, true
	switch ok := r.status < 300; {
	case ok && !readable:
		return answer{}, t.garbled(in, err)
	case sealed:
		key.opened.Store(true)
		if ok {
			number, known = t.number(said.Status)
			known = known && !aboutContent(number)
		}
	case ok:
		number, known = t.number(said.Code)
	}
	if !known { // a status of the platform's own: sealed, it is about the message
		if !sealed {
			return answer{}, t.unclear(in, said.Code)
		}
		number = http.StatusBadRequest
	}
	a := answer{words: said.Data, data: said.Answer, judged: readable}
	switch number {
	case http.StatusOK, http.StatusConflict:
		a.meaning, a.before = taken, number == http.StatusConflict
		return a, nil
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge:
		if !readable && number != http.StatusRequestEntityTooLarge {
			return answer{}, t.misfit(in, number, text.T("被拒绝，而回应不是中台的格式：多半来自中间的代理或网关", "refused, but not in the platform's form: probably by a proxy or gateway in between"))
		}
		a.meaning, a.plainly = refused, !sealed
		return a, nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return answer{meaning: forbidden}, t.forbidden(in, said.Data, r)
	}
	return answer{}, t.elsewise(in, number, r)
}

// aboutContent says that a sealed status speaks of the message, such as of a number there is
// not: who sealed it was there and had read it.
func aboutContent(number int) bool {
	return number >= 400 && number < 500 && !slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests}, number)
}

// number is a status or a code as one of HTTP: the profile's own two, or a number of
// three digits; anything else is not known.
func (t *Target) number(code string) (int, bool) {
	switch code {
	case t.profile.Envelope.OK:
		return http.StatusOK, true
	case t.profile.Envelope.Refused:
		return http.StatusBadRequest, true
	}
	n, err := strconv.Atoi(code)
	return n, err == nil && n >= 400 && n < 600
}

// elsewise is the fault of an answer that neither took nor refused the message.
func (t *Target) elsewise(in *Interface, number int, r reply) error {
	after, told := remote.RetryAfter(r.header, r.at, longestWait)
	switch {
	case number == http.StatusTooManyRequests, number == http.StatusServiceUnavailable && told:
		f := fault.New(fault.Transient, "call platform", t.where(in.Name), text.F("中台要求稍后再来（%d）", "the platform asks us to come back later (%d)", number),
			text.T("常有的话，调低 limits 里的 connections 或 rate", "if it happens often, lower connections or rate under limits"))
		f.After = after
		return f
	case number >= 500, number == http.StatusRequestTimeout:
		return t.unclear(in, strconv.Itoa(number))
	case number == http.StatusNotFound, number == http.StatusMethodNotAllowed, number == http.StatusUnsupportedMediaType:
		return t.misfit(in, number, text.T("中台没有这个接口，或要别的请求格式", "the platform has no such interface, or wants another form of request"))
	}
	return t.misfit(in, number, text.T("中台不接受这样的请求", "the platform does not take such a request"))
}

func (t *Target) misfit(in *Interface, number int, what text.Text) error {
	return fault.New(fault.Config, "call platform", t.where(in.Name), text.F("%[1]s（%[3]d）", "%[2]s (%[3]d)", what.ZH, what.EN, number),
		text.F("核对 base 地址和档案 %[1]s 中 %[2]s 的 path", "compare the base address, and the path of %[2]s in profile %[1]s", t.profile.Profile, in.Name))
}

func (t *Target) unclear(in *Interface, code string) error {
	return fault.New(fault.Unknown, "call platform", t.where(in.Name), text.F("中台回应 %s，不知道是否收下", "the platform answered %s; whether it was taken is not known", leading(code, 12)), unknownHint)
}

func (t *Target) garbled(in *Interface, err error) error {
	return fault.Wrap(err, fault.Unknown, "call platform", t.where(in.Name), text.T("中台的回应看不懂，不知道是否收下", "the answer cannot be read; whether it was taken is not known"), unknownHint)
}

// forbidden is the refusal of a signature. A clock that is off is named with by how
// much: that is what to mend, whatever words the platform has for it.
func (t *Target) forbidden(in *Interface, words string, r reply) error {
	where, window := t.where(in.Name), t.profile.Signer.Window.Duration
	if offset, known := t.clock.read(); known && offset.Abs() > window {
		if _, dated := remote.Date(r.header); dated {
			zh, en := "慢", "behind"
			if offset < 0 {
				zh, en = "快", "ahead of"
			}
			return fault.New(fault.Blocked, "call platform", where,
				text.F("中台拒绝签名：本机时钟比中台%[1]s %[3]s，超出允许的 %[4]s", "the platform refused the signature: our clock is %[3]s %[2]s the platform's, %[4]s are allowed", zh, en, offset.Abs().Round(time.Second), window),
				text.T("校准本机时钟（NTP）后再运行", "set the clock of this machine (NTP) and run again"))
		}
	}
	what := text.F("中台拒绝了密钥或签名（%d）", "the platform refused the key or the signature (%d)", r.status)
	if words = t.profile.masked(words, in, &Element{}); words != "" {
		what = text.F("中台拒绝了密钥或签名：%s", "the platform refused the key or the signature: %s", words)
	}
	return fault.Refused(nil, "call platform", where, what,
		text.T("与中台核对 key 和 secret，以及本机地址是否已登记；改好后再运行", "compare key and secret with the platform, and whether this machine's address is registered; then run again"))
}
