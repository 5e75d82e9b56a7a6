package conformance

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"banjian/connectors/middleplatform"
	"banjian/internal/text"
)

// bench is what all assertions use.
type bench struct {
	Options
	cipher *middleplatform.Cipher
	other  *middleplatform.Cipher // of a key the platform does not have
	began  time.Time
	flows  atomic.Int64
	taking sync.Mutex

	tokens sync.Mutex
	token  string
}

// checker is the bench as one assertion uses it.
type checker struct {
	*bench
	ctx context.Context
}

func newBench(o Options) (*bench, error) {
	b := &bench{Options: o, began: o.Now()}
	var err error
	if b.cipher, err = middleplatform.NewCipher(o.Profile, o.Keys.SM4Key, nil); err != nil {
		return nil, err
	}
	if b.other, err = middleplatform.NewCipher(o.Profile, "another"+o.Keys.SM4Key, nil); err != nil {
		return nil, err
	}
	if _, err := o.Profile.Sign(o.Keys.Credentials, "n", o.Profile.Stamp(o.Now())); err != nil {
		return nil, err
	}
	b.flows.Store(b.began.UnixMilli() * 100)
	return b, nil
}

// fresh is a flow number nobody used, with its item.
func (b *bench) fresh() (flow, item string) {
	if b.Flow != nil {
		b.taking.Lock()
		defer b.taking.Unlock()
		return b.Flow()
	}
	return middleplatform.TryOutFlow(b.flows.Add(1)), middleplatform.TryOutItem
}

// outcome is what became of a call.
type outcome struct {
	status   int
	header   http.Header
	reply    middleplatform.Reply
	raw      []byte
	readable bool
	err      error
}

// taken says that the platform took what was sent, or says 409: that it has it.
func (b *bench) taken(o outcome) bool {
	if o.err != nil || !o.readable {
		return false
	}
	return o.status == http.StatusOK && b.Profile.Done(o.reply) || o.status == http.StatusConflict || o.reply.Code == "409" || o.reply.Status == "409"
}

// refused says that the platform answered, and did not take it.
func (b *bench) refused(o outcome) bool {
	return o.err == nil && o.status < 500 && !b.taken(o) && (o.readable || o.status >= 400)
}

// said is an outcome in words.
func (b *bench) said(o outcome) string {
	switch {
	case o.err != nil:
		return "no answer"
	case !o.readable:
		return fmt.Sprintf("HTTP %d, unreadable", o.status)
	}
	words := []rune(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '*'
		}
		return r
	}, o.reply.Data))
	return fmt.Sprintf("HTTP %d, code %s, status %s, %s", o.status, o.reply.Code, o.reply.Status, string(words[:min(len(words), 60)]))
}

// wantTaken is what is wrong with an outcome that should be: taken.
func (b *bench) wantTaken(o outcome) text.Text {
	if b.taken(o) {
		return text.Text{}
	}
	said := b.said(o)
	return text.F("应当收下，却是：%s", "it was to be taken, but: %s", said)
}

// wantRefused is the same for one that should be refused.
func (b *bench) wantRefused(o outcome) text.Text {
	if b.refused(o) {
		return text.Text{}
	}
	said := b.said(o)
	return text.F("应当拒绝，却是：%s", "it was to be refused, but: %s", said)
}

// first is the first text that says anything.
func first(list ...text.Text) text.Text {
	for _, t := range list {
		if !t.IsZero() {
			return t
		}
	}
	return text.Text{}
}

// request is a call that is not signed yet.
func (c *checker) request(path string, body []byte) *http.Request {
	r, err := http.NewRequestWithContext(c.ctx, http.MethodPost, strings.TrimSuffix(c.Base, "/")+path, bytes.NewReader(body))
	if err != nil { // base and path were read before
		r, _ = http.NewRequestWithContext(c.ctx, http.MethodPost, "http://invalid", nil)
	}
	r.Header.Set("Content-Type", c.Profile.Body.ContentType)
	return r
}

// signAs signs a request with other credentials or at another moment.
func (c *checker) signAs(r *http.Request, who middleplatform.Credentials, nonce string, at time.Time) {
	token, err := c.tokenNow()
	if err != nil {
		token = "-"
	}
	_ = c.Profile.SignRequest(r, who, nonce, at, token) // what it lacks is the platform's to refuse
}

func (c *checker) sign(r *http.Request) {
	c.signAs(r, c.Keys.Credentials, uuid.NewString(), c.Now())
}

// do sends a request as it is; the answer is read with the names of an answer that
// brings something, or of one that does not.
func (c *checker) do(r *http.Request) outcome {
	resp, err := c.Client.Do(r)
	if err != nil {
		return outcome{err: err}
	}
	defer resp.Body.Close()
	o := outcome{status: resp.StatusCode, header: resp.Header}
	if o.raw, err = io.ReadAll(io.LimitReader(resp.Body, middleplatform.MaxBody+1)); err != nil {
		return outcome{err: err}
	}
	o.reply, err = c.Intake.Wire().DecodeReply(o.raw, c.cipher)
	o.readable = err == nil
	return o
}

// post signs and sends a body.
func (c *checker) post(path string, body []byte) outcome {
	r := c.request(path, body)
	c.sign(r)
	return c.do(r)
}

// tokenNow is the token of schemes that have one.
func (c *checker) tokenNow() (string, error) {
	scheme := c.Profile.Signing().Token
	if scheme == nil {
		return "", nil
	}
	c.tokens.Lock()
	defer c.tokens.Unlock()
	if c.token != "" {
		return c.token, nil
	}
	target, err := middleplatform.New(middleplatform.Options{Name: "verify", Profile: c.Profile, Base: c.Base, Keys: []middleplatform.Keys{c.Keys}, Now: c.Now})
	if err != nil {
		return "", err
	}
	defer target.Close()
	c.token, err = target.Token(c.ctx)
	return c.token, err
}
