package remote

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// Serve answers at l until ctx ends, then lets answers under way finish for as long as
// patience. It speaks TLS where the server has a TLSConfig, and closes l. It is called once.
// Faults: Transient, when listening breaks off.
func Serve(ctx context.Context, server *http.Server, l net.Listener, patience time.Duration) error {
	stopped, ended := make(chan error, 1), make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
		case <-ended:
		}
		patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		err := server.Shutdown(patient)
		if err != nil {
			err = server.Close() // those that took too long
		}
		stopped <- err
	}()
	var err error
	if server.TLSConfig != nil {
		err = server.ServeTLS(l, "", "")
	} else {
		err = server.Serve(l)
	}
	close(ended)
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(fault.Wrap(err, fault.Transient, "serve", l.Addr().String(), text.T("监听中断", "listening broke off"), text.Text{}), <-stopped)
	}
	return <-stopped
}
