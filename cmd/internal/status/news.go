package status

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"banjian/ledger"
)

// of says how many a concern is about: more of it is new.
func (c *Concern) of(n int64) *Concern {
	c.mark.Count = n
	return c
}

// after is a time after which it, or the newest of it, came.
func (c *Concern) after(t time.Time) *Concern {
	c.last = t
	return c
}

// is says what it is: another is new. Only a digest is kept.
func (c *Concern) is(what string) *Concern {
	sum := sha256.Sum256([]byte(what))
	c.mark.State = hex.EncodeToString(sum[:8])
	return c
}

// asOf tells how many of it were there at a time and still are.
func (c *Concern) asOf(then func(context.Context, time.Time) (int64, error)) *Concern {
	c.then = then
	return c
}

// judgeNews tells what of the concerns is new: what nobody has acknowledged, and what came to
// be more or otherwise since. In doubt it is.
func (s *Site) judgeNews(ctx context.Context, r *Report) error {
	list, err := s.Store.Acknowledged(ctx)
	if err != nil {
		return err
	}
	known := make(map[string]ledger.Acknowledged, len(list))
	for _, a := range list {
		known[a.Concern] = a
	}
	for _, c := range r.Trouble {
		if a, is := known[c.mark.Concern]; is {
			c.Acknowledged = Acknowledged{Moment{a.At}, a.Who}
			if c.New, err = c.grew(ctx, &a); err != nil {
				return err
			}
		}
		if c.New {
			r.New++
		}
	}
	return nil
}

func (c *Concern) grew(ctx context.Context, a *ledger.Acknowledged) (bool, error) {
	if c.mark.Count > a.Count || c.mark.State != a.State || c.last.After(a.At) {
		return true, nil
	}
	if c.then == nil {
		return false, nil
	}
	n, err := c.then(ctx, a.At)
	return c.mark.Count > n, err
}

// Acknowledge has everything in the report be known: it is new no more until it grows or
// changes. Who is a person. What is not in the report, which is of the whole site, is forgotten,
// so that it is new when it comes again.
func (s *Site) Acknowledge(ctx context.Context, r *Report, who string) error {
	list := make([]ledger.Acknowledged, len(r.Trouble))
	for i, c := range r.Trouble {
		c.mark.At, c.mark.Who = r.At.Time, who
		list[i] = c.mark
	}
	if err := s.Store.Acknowledge(ctx, list); err != nil {
		return err
	}
	for _, c := range r.Trouble {
		c.New, c.Acknowledged = false, Acknowledged{r.At, who}
	}
	r.New = 0
	return nil
}

// heldLong is how many records of a receiver were held too long at a time, and still are held.
func (s *Site) heldLong(receiver string, of Scope) func(context.Context, time.Time) (int64, error) {
	limit := s.House.Site().Receivers[receiver].HeldLimit()
	return func(ctx context.Context, at time.Time) (n int64, err error) {
		sums, err := s.Store.Standings(ctx, receiver, at.Add(-limit))
		for _, sum := range sums {
			if s.House.Takes(receiver, sum.Stream.Subject) && (of.Department == "" || sum.Stream.Source == of.Department) {
				n += sum.HeldLong
			}
		}
		return n, err
	}
}

// latest is the later of two times.
func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
