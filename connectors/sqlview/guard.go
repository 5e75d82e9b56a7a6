package sqlview

import (
	"context"
	"sync"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Guard keeps a process polite: a connection whose login was refused is not tried
// again until Reset, because a second and third attempt lock the department's account,
// and no more than so many connections are open at once. One Guard serves all sources;
// it may be used concurrently.
type Guard struct {
	mu      sync.Mutex
	refused map[string]error
	open    map[string]int
	speeds  map[string]*shared
	change  chan struct{} // closed and replaced when a connection is given back
}

// NewGuard is a guard that has seen nothing yet.
func NewGuard() *Guard {
	return &Guard{refused: map[string]error{}, open: map[string]int{}, speeds: map[string]*shared{}, change: make(chan struct{})}
}

// Blocked is the Blocked fault of a connection whose login was refused, else nil.
func (g *Guard) Blocked(connection string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	why := g.refused[connection]
	if why == nil {
		return nil
	}
	return fault.Wrap(why, fault.Blocked, "connect", connection,
		text.T("此前登录被拒绝，本进程不再尝试", "the login was refused before; this process does not try again"),
		text.T("改正口令或授权后重置该连接，或重新启动", "mend password or grants, then reset the connection or start again"))
}

// Block marks a connection as refused.
func (g *Guard) Block(connection string, why error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refused[connection] = why
}

// Reset lets a refused connection be tried again.
func (g *Guard) Reset(connection string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.refused, connection)
}

// Acquire waits until fewer than limit connections are open (zero: no limit) and
// counts one more; release gives it back, once.
func (g *Guard) Acquire(ctx context.Context, connection string, limit int) (release func(), err error) {
	for {
		g.mu.Lock()
		if limit <= 0 || g.open[connection] < limit {
			g.open[connection]++
			g.mu.Unlock()
			return sync.OnceFunc(func() { g.release(connection) }), nil
		}
		change := g.change
		g.mu.Unlock()
		select {
		case <-change:
		case <-ctx.Done():
			return nil, fault.Wrap(ctx.Err(), fault.Transient, "wait for a connection", connection,
				text.T("等待空闲连接时被中止", "stopped while waiting for a free connection"), text.Text{})
		}
	}
}

func (g *Guard) release(connection string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open[connection]--
	close(g.change)
	g.change = make(chan struct{})
}
