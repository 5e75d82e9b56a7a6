package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"banjian/internal/text"
	"banjian/ledger"
)

// Acquire takes the lease unless somebody alive holds it. An owner on this host
// whose process is gone does not count as alive, so that a killed run can be started
// again at once.
func (s *Store) Acquire(ctx context.Context, name string, ttl time.Duration) (ledger.Lease, error) {
	l := ledger.Lease{Name: name, Owner: thisProcess()}
	err := s.w.do(ctx, func(t *tx) error {
		var owner string
		var until int64
		err := t.row("SELECT owner, epoch, until FROM leases WHERE name=?", name).Scan(&owner, &l.Epoch, &until)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		now := s.now()
		if until > now.UnixMilli() && owner != "" && ownerAlive(owner) {
			who, _ := splitOwner(owner)
			return ledger.TakenBy(name, who, owner == l.Owner, time.UnixMilli(until))
		}
		l.Epoch++
		return t.exec("INSERT INTO leases(name, owner, epoch, until) VALUES(?,?,?,?) ON CONFLICT(name) DO UPDATE SET owner=excluded.owner, epoch=excluded.epoch, until=excluded.until",
			name, l.Owner, l.Epoch, now.Add(ttl).UnixMilli())
	})
	return l, s.fault("take lease", err)
}

// Renew extends the lease.
func (s *Store) Renew(ctx context.Context, l ledger.Lease, ttl time.Duration) error {
	return s.fault("renew lease", s.w.do(ctx, func(t *tx) error {
		if err := t.fence(l); err != nil {
			return err
		}
		return t.exec("UPDATE leases SET until=? WHERE name=?", s.now().Add(ttl).UnixMilli(), l.Name)
	}))
}

// Release gives the lease back; a lease that is no longer ours is left alone.
func (s *Store) Release(ctx context.Context, l ledger.Lease) error {
	return s.fault("release lease", s.w.do(ctx, func(t *tx) error {
		return t.exec("UPDATE leases SET owner='', until=0 WHERE name=? AND epoch=?", l.Name, l.Epoch)
	}))
}

// Holds is the leases whose time is not up and whose owner is not known to be gone.
func (s *Store) Holds(ctx context.Context) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT name, owner FROM leases WHERE owner<>'' AND until>? ORDER BY name", s.now().UnixMilli())
	if err != nil {
		return nil, s.fault("list leases", err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name, owner string
		if err := rows.Scan(&name, &owner); err != nil {
			return nil, s.fault("list leases", err)
		}
		if ownerAlive(owner) {
			names = append(names, name)
		}
	}
	return names, s.fault("list leases", rows.Err())
}

// fence refuses a write under a lease that somebody else has taken since.
func (t *tx) fence(l ledger.Lease) error { return fenced(l, t.row(epochOf, l.Name)) }

const epochOf = "SELECT epoch FROM leases WHERE name=?"

func fenced(l ledger.Lease, row rowScanner) error {
	var epoch int64
	if err := row.Scan(&epoch); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if epoch != l.Epoch {
		return ledger.TakenMeanwhile(l.Name, "write under lease",
			text.T("租约已被另一个进程取得，本次写入作废", "another process took the lease meanwhile; this write is dropped"), text.Text{})
	}
	return nil
}

// Owned asks without waiting for whoever writes.
func (s *Store) Owned(ctx context.Context, l ledger.Lease) error {
	return s.fault("look at lease", fenced(l, s.read.QueryRowContext(ctx, epochOf, l.Name)))
}

// thisProcess names host, process and its start time, which together are never
// reused.
func thisProcess() string {
	host, _ := os.Hostname()
	return fmt.Sprintf("%s/%d/%s", host, os.Getpid(), startTime(os.Getpid()))
}

// splitOwner gives host and process of an owner apart from when the process began.
func splitOwner(owner string) (who, since string) {
	if i := strings.LastIndexByte(owner, '/'); i >= 0 && strings.Count(owner, "/") == 2 {
		return owner[:i], owner[i+1:]
	}
	return owner, ""
}

func ownerAlive(owner string) bool {
	parts := strings.Split(owner, "/")
	host, _ := os.Hostname()
	if len(parts) != 3 || parts[0] != host {
		return true // somewhere else: only time can tell
	}
	pid, err := strconv.Atoi(parts[1])
	if err != nil {
		return true
	}
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	return parts[2] == "" || startTime(pid) == parts[2]
}

// startTime is field 22 of /proc/PID/stat (clock ticks after boot), empty where
// there is no such file.
func startTime(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 20 {
		return ""
	}
	return fields[19]
}
