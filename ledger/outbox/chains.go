package outbox

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"banjian/ledger"
	"banjian/pipelines"
)

// order is the rows as they come, but for those a person is to settle. What an earlier run left
// open is tried in any order, so that records nobody answers for do not always stand before the
// others.
func (c *calls) order() [][]pipelines.Together {
	rows := make([]int, 0, len(c.going))
	for i := range c.going {
		if !c.outbox.recovering || c.outbox.notedOf(&c.going[i].Member).State != ledger.OutcomeUnknown {
			rows = append(rows, i)
		}
	}
	var chains [][]pipelines.Together
	if j, ok := c.outbox.Caller.(pipelines.Joiner); ok {
		chains = j.Join(c.d, rows)
	}
	if chains == nil && c.outbox.InOrder {
		chains = c.byCase(rows)
	}
	if chains == nil {
		chains = alone(rows)
	}
	if c.outbox.recovering {
		rand.Shuffle(len(chains), func(i, j int) { chains[i], chains[j] = chains[j], chains[i] })
	}
	return chains
}

// alone is each row as a chain of its own.
func alone(rows []int) [][]pipelines.Together {
	chains, calls := make([][]pipelines.Together, len(rows)), make([]pipelines.Together, len(rows))
	for i := range rows {
		calls[i] = rows[i : i+1 : i+1]
		chains[i] = calls[i : i+1 : i+1]
	}
	return chains
}

// walk makes the calls of a chain, each when the one before it was answered; false = the run
// is being stopped.
func (c *calls) walk(ctx context.Context, chain []pipelines.Together) bool {
	for _, rows := range chain {
		if !c.outbox.slot(ctx) {
			return false
		}
		call := &calling{outbox: c.outbox, d: c.d, batch: c.batch, going: c.going, rows: rows}
		refused, err := c.outbox.insist(ctx, call)
		<-c.outbox.slots
		c.answers.put(answer{rows, refused, err, call.doubt})
		if err != nil {
			break
		}
	}
	return true
}

// insist tries a call anew for as long as pieces of its file go through.
func (o *Outbox) insist(ctx context.Context, call *calling) ([]pipelines.Issue, error) {
	keeper, _ := call.d.Pieces.(*pieces)
	call.begin()
	for {
		began := time.Now()
		refused, err := o.try(ctx, call)
		if !errors.Is(err, errOneRow) || !keeper.moved(call.rows, began).After(began) {
			return refused, err
		}
	}
}

// tell makes the call.
func (o *Outbox) tell(ctx context.Context, d *pipelines.Delivery, rows pipelines.Together) ([]pipelines.Issue, error) {
	if len(rows) > 1 {
		return o.Caller.(pipelines.Joiner).CallTogether(ctx, d, rows)
	}
	is, err := o.Caller.Call(ctx, d, rows[0])
	if is == nil {
		return nil, err
	}
	return []pipelines.Issue{*is}, err
}

// byCase is the rows of a frozen batch as a chain for each case, in their order.
func (c *calls) byCase(rows []int) [][]pipelines.Together {
	at := map[string]int{}
	var chains [][]pipelines.Together
	for _, row := range rows {
		local := ledger.FirstOfKey(c.going[row].Key)
		if _, known := at[local]; !known {
			at[local] = len(chains)
			chains = append(chains, nil)
		}
		chains[at[local]] = append(chains[at[local]], pipelines.Together{row})
	}
	return chains
}
