package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"banjian/internal/fault"
	"banjian/internal/text"
)

func TestAnErrorNobodyClassifiedIsABug(t *testing.T) {
	if fault.KindOf(io.EOF) != fault.Bug || fault.Is(nil, fault.Bug) || !fault.Is(io.EOF, fault.Bug) {
		t.Error("an unclassified error could be retried for ever")
	}
}

func TestTheOutermostKindCounts(t *testing.T) {
	inner := fault.New(fault.Transient, "read", "gjj", text.T("断开", "cut off"), text.T("等一等", "wait"))
	outer := fault.Wrap(fmt.Errorf("while reading: %w", inner), fault.Blocked, "collect", "v_gjj", text.T("停", "stopped"), text.Text{})
	if !fault.Is(outer, fault.Blocked) || fault.Is(outer, fault.Transient) || !errors.Is(outer, inner) {
		t.Errorf("kind %s", fault.KindOf(outer))
	}
	if got := fault.HintOf(outer); got.EN != "wait" {
		t.Errorf("the nearest hint is %q", got.EN)
	}
	joined := errors.Join(outer, io.EOF)
	if !fault.Is(joined, fault.Blocked) {
		t.Errorf("joined: %s", fault.KindOf(joined))
	}
}

func TestAFaultSaysWhereAndWhatInBothLanguages(t *testing.T) {
	cause := fault.New(fault.Transient, "dial", "10.0.0.1", text.T("连不上", "cannot connect"), text.Text{})
	for _, c := range []struct {
		err    error
		zh, en string
	}{
		{fault.New(fault.Config, "load", "a.yaml:3:1", text.T("缺少 key", "key is missing"), text.Text{}), "a.yaml:3:1: 缺少 key", "a.yaml:3:1: key is missing"},
		{fault.Wrap(cause, fault.Blocked, "open", "gjj", text.T("打不开", "cannot open"), text.Text{}), "gjj: 打不开: 10.0.0.1: 连不上", "gjj: cannot open: 10.0.0.1: cannot connect"},
		{fault.Wrap(io.EOF, fault.Bug, "repeat batch", "", text.Text{}, text.Text{}), "repeat batch: EOF", "repeat batch: EOF"},
		{io.EOF, "EOF", "EOF"},
	} {
		if zh, en := fault.Say(c.err, text.ZH), fault.Say(c.err, text.EN); zh != c.zh || en != c.en {
			t.Errorf("got %q and %q, want %q and %q", zh, en, c.zh, c.en)
		}
	}
	if hint := fault.HintOf(io.EOF); !hint.IsZero() {
		t.Errorf("a hint from nowhere: %v", hint)
	}
}

func TestEveryKindHasAName(t *testing.T) {
	seen := map[string]bool{}
	for k := fault.Bug; k <= fault.Unknown; k++ {
		if name := k.String(); name == "" || seen[name] {
			t.Errorf("kind %d is called %q", k, name)
		} else {
			seen[name] = true
		}
	}
}

func TestARefusalOfOurKeyIsToldFromOneOfTheHour(t *testing.T) {
	key := fault.Refused(io.EOF, "log in", "gjj", text.T("拒绝登录", "the login is refused"), text.Text{})
	if !fault.Is(key, fault.Blocked) || !fault.Ours(fmt.Errorf("gjj: %w", fault.Wrap(key, fault.Blocked, "connect", "gjj", text.Text{}, text.Text{}))) {
		t.Error("a refused login is ours to mend, whoever passes it on")
	}
	if hours := fault.New(fault.Blocked, "check hours", "gjj", text.T("不在时段内", "outside hours"), text.Text{}); fault.Ours(hours) || fault.Ours(io.EOF) || fault.Ours(nil) {
		t.Error("the hour is nobody's mistake")
	}
}
