package middleplatform

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"banjian/internal/fault"
	"banjian/internal/remote"
	"banjian/internal/text"
	"banjian/pipelines"
)

// token is what a platform gives for key and secret, for a while.
type token struct {
	turn  chan struct{} // one place: who has it asks for a token, the others wait for what comes
	mu    sync.Mutex
	text  string
	until time.Time

	failures int   // so many questions brought none
	failed   error // the last of them
}

// admitted is the token a call goes with; fresh says that it was fetched for this call.
type admitted struct {
	text  string
	fresh bool
}

// stale drops a token that the platform does not take any more; false where there is
// none, or it was new.
func (s *sealer) stale(a admitted) bool {
	s.token.mu.Lock()
	defer s.token.mu.Unlock()
	if s.token.text == a.text {
		s.token.text = ""
	}
	return a.text != "" && !a.fresh
}

// admit is a token where the scheme wants one.
func (s *sealer) admit(ctx context.Context, t *Target) (admitted, error) {
	scheme := t.profile.Signer.scheme.Token
	if scheme == nil {
		return admitted{}, nil
	}
	before, _ := s.token.failure()
	select {
	case s.token.turn <- struct{}{}:
		defer func() { <-s.token.turn }()
	case <-ctx.Done():
		return admitted{}, t.noToken(ctx.Err())
	}
	now := t.opts.Now()
	if had := s.token.at(now); had != "" {
		return admitted{text: had}, nil
	}
	if failures, failed := s.token.failure(); failures != before { // to ask one after the other would only take longer
		return admitted{}, pipelines.NotTried(failed)
	}
	given, err := t.fetchToken(ctx, s)
	if err != nil && ctx.Err() == nil {
		s.token.fail(err)
	}
	s.token.keep(given, now.Add(scheme.Lifetime()*9/10))
	return admitted{given, true}, err
}

func (k *token) failure() (failures int, failed error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.failures, k.failed
}

func (k *token) fail(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.failures, k.failed = k.failures+1, err
}

// at is the token where it still counts.
func (k *token) at(now time.Time) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !now.Before(k.until) {
		return ""
	}
	return k.text
}

func (k *token) keep(given string, until time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.text, k.until = given, until
}

func (t *Target) noToken(err error) error {
	return fault.Wrap(err, fault.Transient, "fetch token", t.where("token"), text.T("取不到访问令牌，没有推送", "no access token, nothing was sent"), text.T("检查网络、地址和防火墙", "check the network, the address and the firewall"))
}

// fetchToken asks for a token. Nothing was sent but the question, so its faults are
// Transient, or Blocked when the platform refuses key and secret.
func (t *Target) fetchToken(ctx context.Context, s *sealer) (string, error) {
	scheme := t.profile.Signer.scheme.Token
	at := *t.base
	at.Path = strings.TrimSuffix(at.Path, "/") + scheme.Path
	body := scheme.Parameters(t.profile.call(s.who, "", "", "")).Encode()
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), strings.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := t.transport.RoundTrip(r)
	if err != nil {
		if remote.Distrusted(err) {
			return "", t.lost(&remote.Unsent{Err: err}, &Interface{Name: "token"})
		}
		return "", t.noToken(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if given := tokenIn(data, scheme.Answer); err == nil && resp.StatusCode < 300 && given != "" {
		return given, nil
	}
	if resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden {
		return "", fault.Refused(nil, "fetch token", t.where("token"), text.F("中台不给访问令牌（%d）", "the platform gives no access token (%d)", resp.StatusCode),
			text.T("与中台核对 key 和 secret", "compare key and secret with the platform"))
	}
	return "", fault.New(fault.Transient, "fetch token", t.where("token"), text.F("访问令牌的回应看不懂（%d），没有推送", "the answer with the access token cannot be read (%d), nothing was sent", resp.StatusCode),
		text.T("核对档案里签名方式的 token", "compare token in the profile's signer"))
}

// tokenIn is the token in an answer: a member of its object, or of the object data in it.
func tokenIn(body []byte, name string) string {
	var o map[string]any
	if json.Unmarshal(body, &o) != nil {
		return ""
	}
	if s, ok := o[name].(string); ok {
		return s
	}
	if inside, ok := o["data"].(map[string]any); ok {
		s, _ := inside[name].(string)
		return s
	}
	return ""
}

// Token is the token that calls go with, empty for a platform that has none.
func (t *Target) Token(ctx context.Context) (string, error) {
	a, err := t.keys[0].admit(ctx, t)
	return a.text, err
}
