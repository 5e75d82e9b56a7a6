package connectors

import (
	"context"
	"net/http"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/gateway"
	"banjian/connectors/middleplatform/simulator"
	"banjian/internal/remote"
	"banjian/pipelines"
)

// OpenAsker prepares asking a middle platform for what it announced. Nothing is called yet.
func OpenAsker(o PlatformOptions, i *middleplatform.Intake) (*middleplatform.Asker, error) {
	opts := middleplatform.Options{Name: o.Name, Profile: o.Profile, Base: o.URL, Keys: o.Keys, TLS: remote.TLS{CAFile: o.CAFile, ServerName: o.ServerName}, Limits: map[string]middleplatform.Limit{}, Transport: o.Transport}
	for name := range i.Interfaces {
		opts.Limits[name] = o.Limit
	}
	if o.Embedded != "" {
		opts.Base = simulator.EmbeddedBase
		opts.Transport = http.RoundTripper(simulator.NewEmbedded(simulator.Options{Profile: o.Profile, State: o.Embedded}))
	}
	return middleplatform.NewAsker(opts, i)
}

// OpenInbox opens what platforms sent at a position. With own, the journal is closed with
// the source.
func OpenInbox(ctx context.Context, o gateway.SourceOptions, own bool, at pipelines.Position) (pipelines.Source, error) {
	s, err := gateway.OpenSource(ctx, o, at)
	if err != nil {
		if own {
			_ = o.Journal.Close() // nothing was written
		}
		return nil, err
	}
	if own {
		return &ownJournal{s, o.Journal}, nil
	}
	return s, nil
}

// ownJournal is a source that has its journal to itself.
type ownJournal struct {
	pipelines.Source
	journal *gateway.Journal
}

// Close closes both.
func (s *ownJournal) Close() error {
	err := s.Source.Close()
	if closed := s.journal.Close(); err == nil {
		err = closed
	}
	return err
}
