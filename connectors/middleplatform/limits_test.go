package middleplatform_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
)

// canned is a transport without a network whose answers take a while.
type canned struct {
	answer []byte
	takes  time.Duration
	ahead  time.Duration // its clock before ours
	under  atomic.Int64
	most   atomic.Int64

	mu    sync.Mutex
	began []time.Time
}

func newCanned(t testing.TB, takes time.Duration) *canned {
	t.Helper()
	p := profileOf(t)
	c, err := middleplatform.NewCipher(p, keys.SM4Key, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, body, err := p.EncodeReply(middleplatform.Reply{Code: "200", Status: "200", Data: "成功"}, middleplatform.XML, c)
	if err != nil {
		t.Fatal(err)
	}
	return &canned{answer: body, takes: takes}
}

func (c *canned) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.began = append(c.began, time.Now())
	c.mu.Unlock()
	n := c.under.Add(1)
	defer c.under.Add(-1)
	for m := c.most.Load(); n > m && !c.most.CompareAndSwap(m, n); m = c.most.Load() {
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	date := time.Now().Add(c.takes / 2)
	select {
	case <-time.After(c.takes):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Date": {date.Add(c.ahead).UTC().Format(http.TimeFormat)}},
		Body: io.NopCloser(bytes.NewReader(c.answer))}, nil
}

func TestCallsOfAnInterfaceAreEvenlySpaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCanned(t, time.Millisecond)
		target := open(t, "http://ywzt.example.cn", func(o *middleplatform.Options) {
			o.Transport = c
			o.Limits = map[string]middleplatform.Limit{"accept": {PerSecond: 4}}
		})
		d := delivery(t, profileOf(t), "accept", acceptRow)
		together(9, func(int) {
			if is, err := target.Call(t.Context(), d, 0); is != nil || err != nil {
				t.Errorf("%+v, %v", is, err)
			}
		})
		slices.SortFunc(c.began, time.Time.Compare)
		for i := 1; i < len(c.began); i++ {
			if gap := c.began[i].Sub(c.began[i-1]); gap < 250*time.Millisecond-time.Microsecond {
				t.Errorf("call %d began %v after the one before", i, gap)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := target.Call(ctx, d, 0)
		wantFault(t, err, fault.Transient, "")
		if len(c.began) != 9 {
			t.Errorf("%d calls were made", len(c.began))
		}
	})
}

func TestNoMoreCallsAreUnderWayThanConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, c := range map[string]struct {
			limits map[string]middleplatform.Limit
			want   int64
		}{
			"as the profile says": {nil, 8},
			"as the site says":    {map[string]middleplatform.Limit{"accept": {Connections: 3}}, 3},
			"of another":          {map[string]middleplatform.Limit{"course": {Connections: 3}}, 8},
		} {
			transport := newCanned(t, time.Second)
			target := open(t, "http://ywzt.example.cn", func(o *middleplatform.Options) { o.Transport, o.Limits = transport, c.limits })
			if got := target.Connections("accept"); got != int(c.want) || target.Connections("nothing") != 0 {
				t.Errorf("%s: %d connections", name, got)
			}
			d := delivery(t, profileOf(t), "accept", acceptRow)
			together(30, func(int) {
				if is, err := target.Call(t.Context(), d, 0); is != nil || err != nil {
					t.Errorf("%+v, %v", is, err)
				}
			})
			if got := transport.most.Load(); got != c.want {
				t.Errorf("%s: %d calls under way, want %d", name, got, c.want)
			}
		}
	})
}

func TestAnswerThatTakesTooLongIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		target := open(t, "http://ywzt.example.cn", func(o *middleplatform.Options) { o.Transport = newCanned(t, time.Hour) })
		_, err := target.Call(t.Context(), delivery(t, profileOf(t), "accept", acceptRow), 0)
		if wantFault(t, err, fault.Unknown, "in time"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		if got := time.Since(began); got != 30*time.Second {
			t.Errorf("it waited %v", got)
		}
	})
}

func TestClockOfThePlatformIsReadFromTheMiddleOfTheRoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCanned(t, 8*time.Second)
		c.ahead = 90 * time.Second
		target := open(t, "http://ywzt.example.cn", func(o *middleplatform.Options) { o.Transport = c })
		if offset, known := target.Clock(); known {
			t.Errorf("known before any answer: %v", offset)
		}
		if _, err := target.Call(t.Context(), delivery(t, profileOf(t), "accept", acceptRow), 0); err != nil {
			t.Fatal(err)
		}
		if offset, known := target.Clock(); !known || offset != 90*time.Second {
			t.Errorf("%v, known %t", offset, known)
		}
		p, err := target.Probe(t.Context())
		if err != nil || p != (middleplatform.Probe{Answer: 8 * time.Second, Offset: 90 * time.Second, Dated: true}) {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

// BenchmarkCall is our own work for one call, without a network and without the
// platform's share.
func BenchmarkCall(b *testing.B) {
	for name, row := range map[string]map[string]string{"accept": acceptRow, "course": courseRow} {
		b.Run(name, func(b *testing.B) {
			c := newCanned(b, 0)
			target := open(b, "http://ywzt.example.cn", func(o *middleplatform.Options) {
				o.Transport = transportFunc(func(r *http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Date": {"Mon, 01 Jul 2024 01:00:00 GMT"}}, Body: io.NopCloser(bytes.NewReader(c.answer))}, nil
				})
			})
			d := delivery(b, profileOf(b), name, row)
			b.ReportAllocs()
			for b.Loop() {
				if is, err := target.Call(b.Context(), d, 0); is != nil || err != nil {
					b.Fatal(is, err)
				}
			}
		})
	}
}

// BenchmarkCallHTTP adds the HTTP client, the loopback and a handler that does nothing
// but answer.
func BenchmarkCallHTTP(b *testing.B) {
	c := newCanned(b, 0)
	base := serve(b, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = w.Write(c.answer)
	})
	target := open(b, base, nil)
	d := delivery(b, profileOf(b), "accept", acceptRow)
	b.ReportAllocs()
	for b.Loop() {
		if is, err := target.Call(b.Context(), d, 0); is != nil || err != nil {
			b.Fatal(is, err)
		}
	}
}
