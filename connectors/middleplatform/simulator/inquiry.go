package simulator

import (
	"net/http"

	"banjian/connectors/middleplatform"
	"banjian/internal/text"
)

// whether answers whether a message is there, and by what it is known.
func (s *Simulator) whether(in *middleplatform.Interface, body []byte) answer {
	opened, m, err := s.opts.Profile.DecodeCall(body, s.cipher)
	if !opened || err != nil {
		return s.failure(http.StatusBadRequest, text.T("请求体解不开：要是加密后的报文", "the body cannot be opened: it is not a sealed message"))
	}
	a := s.answered(s.opts.Profile.Envelope.OK, "成功")
	a.own = true
	a.reply.Answer = &middleplatform.Element{Name: middleplatform.AnswerRoot}
	held := s.state.holds(in, m)
	has := ""
	if held != nil && len(in.Ask.Has.Is) > 0 {
		has = in.Ask.Has.Is[0]
	}
	if held == nil {
		has = "0"
	}
	a.reply.Answer.Add(in.Ask.Has.Field, has)
	if held == nil || in.Ask.Digest == "" {
		return a
	}
	digest, err := s.opts.Profile.DigestOf(held)
	if err != nil {
		return s.failure(http.StatusInternalServerError, text.T("中台内部错误，请稍后再试", "internal error, try again later"))
	}
	a.reply.Answer.Add(in.Ask.Digest, digest)
	return a
}

// holds is the message of an interface by the key that a question has, nil if there is none.
func (s *state) holds(in *middleplatform.Interface, question *middleplatform.Element) *middleplatform.Element {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.byKey[keyOf(in, question)]; known != nil {
		return known.message
	}
	return nil
}
