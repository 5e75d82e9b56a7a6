package connectors

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"banjian/connectors/exchangedb"
	"banjian/connectors/file/handover"
	"banjian/connectors/kafka"
	"banjian/connectors/kafka/topic"
	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/connectors/sqltable"
	"banjian/internal/objects"
	"banjian/internal/remote"
	"banjian/internal/sqldialect"
	"banjian/pipelines"
	"banjian/schemas"
)

// ExchangeOptions is what exchange tables are opened with.
type ExchangeOptions struct {
	Name       string
	DB         sqldialect.Config
	DataSource string
	Zone       *time.Location
	Most       int              // connections at a time, 0 = 2
	Layouts    []*schemas.Table // the tables as the standard has them

	Layout   string            // how columns are spelled: 2018, 2020 or flat; empty = 2020
	Suffix   string            // of table names
	Suffixes map[string]string // by source_id instead
	Names    map[string]string // physical names of single tables, by logical name
	Feedback []*schemas.Table  // tables in which rows come back, as the standard has them
}

// exchangeStyles are the spellings of layouts.
var exchangeStyles = map[string]exchangedb.Style{"": exchangedb.Snake, "2020": exchangedb.Snake, "2018": exchangedb.Camel, "flat": exchangedb.Flat}

// OpenExchange opens a receiver's exchange tables. Nothing is dialled yet.
func OpenExchange(o ExchangeOptions) (*exchangedb.Target, error) {
	dialect, err := o.DB.Dialect()
	if err != nil {
		return nil, err
	}
	db, err := o.DB.Open()
	if err != nil {
		return nil, err
	}
	tables, feedback := map[string]exchangedb.Table{}, map[string]exchangedb.Table{}
	for _, t := range o.Layouts {
		tables[t.Name] = exchangedb.Table{Layout: t, Physical: o.Names[t.Name]}
	}
	for _, t := range o.Feedback {
		feedback[t.Name] = exchangedb.Table{Layout: t, Physical: o.Names[t.Name]}
	}
	for name, physical := range o.Names {
		if _, known := tables[name]; !known && feedback[name].Layout == nil {
			feedback[name] = exchangedb.Table{Physical: physical}
		}
	}
	return exchangedb.New(exchangedb.Options{Name: o.Name, DB: db, Dialect: dialect, Tables: tables, Feedback: feedback, Style: exchangeStyles[o.Layout],
		Suffix: o.Suffix, Suffixes: o.Suffixes, DataSource: o.DataSource, Zone: o.Zone, Connections: o.Most})
}

// TableOptions is what tables of somebody else's are opened with.
type TableOptions struct {
	Name     string
	DB       sqldialect.Config
	Zone     *time.Location
	Most     int // connections at a time, 0 = 2
	Subjects []pipelines.ProfileSubject
}

// OpenTables opens tables that rows are put into by their key. Nothing is dialled yet.
func OpenTables(o TableOptions) (*sqltable.Target, error) {
	dialect, err := o.DB.Dialect()
	if err != nil {
		return nil, err
	}
	db, err := o.DB.Open()
	if err != nil {
		return nil, err
	}
	tables := map[string]sqltable.Table{}
	for _, s := range o.Subjects {
		t := sqltable.Table{Key: s.Key, Version: s.Version, Fill: sqltable.Fill(s.Fill)}
		if s.Flag != nil {
			t.Flag = (*sqltable.Flag)(s.Flag)
		}
		tables[s.Table] = t
	}
	return sqltable.New(sqltable.Options{Name: o.Name, DB: db, Dialect: dialect, Tables: tables, Zone: o.Zone, Connections: o.Most})
}

// PlatformOptions is what a middle platform is opened with.
type PlatformOptions struct {
	Name       string
	Profile    *middleplatform.Profile
	URL        string
	Keys       []middleplatform.Keys
	CAFile     string                                                                // PEM; empty = the system's authorities
	ServerName string                                                                // in the platform's certificate; empty = host of URL
	Limits     map[string]middleplatform.Limit                                       // of single interfaces, over Limit
	Limit      middleplatform.Limit                                                  // of each interface, over the profile's
	Files      func(ctx context.Context, reference string) (*objects.Content, error) // see middleplatform.Options
	FileBase   string                                                                // the same
	Embedded   string                                                                // state file of a simulator in this process, instead of URL
	Transport  http.RoundTripper                                                     // nil: the network
}

// Platform is the way to a middle platform and, where it is embedded, the platform.
type Platform struct {
	*middleplatform.Target
	embedded *simulator.Embedded
}

// OpenPlatform prepares the way to a middle platform. Nothing is called yet.
func OpenPlatform(o PlatformOptions) (*Platform, error) {
	p := &Platform{}
	opts := middleplatform.Options{Name: o.Name, Profile: o.Profile, Base: o.URL, Keys: o.Keys, TLS: remote.TLS{CAFile: o.CAFile, ServerName: o.ServerName}, Files: o.Files, FileBase: o.FileBase, Transport: o.Transport}
	opts.Limits = map[string]middleplatform.Limit{}
	for name := range o.Profile.Interfaces {
		own := o.Limits[name]
		opts.Limits[name] = middleplatform.Limit{Connections: cmp.Or(own.Connections, o.Limit.Connections), PerSecond: cmp.Or(own.PerSecond, o.Limit.PerSecond), Timeout: cmp.Or(own.Timeout, o.Limit.Timeout)}
	}
	if o.Embedded != "" {
		p.embedded = simulator.NewEmbedded(simulator.Options{Profile: o.Profile, State: o.Embedded})
		opts.Base, opts.Transport = simulator.EmbeddedBase, http.RoundTripper(p.embedded)
	}
	var err error
	p.Target, err = middleplatform.New(opts)
	return p, err
}

// Close ends both.
func (p *Platform) Close() error {
	err := p.Target.Close()
	if p.embedded != nil {
		if closed := p.embedded.Close(); err == nil {
			err = closed
		}
	}
	return err
}

// TopicTargetOptions is what the topics of a receiver are opened with.
type TopicTargetOptions struct {
	Name       string
	Identity   string // site, system and environment: the receiver's transactional id comes of it
	Connection kafka.Connection
	Topics     []topic.Topic
	Profile    *pipelines.ProfileTopics
	Zone       *time.Location
}

// OpenTopics prepares the way to topics. Nothing is dialled yet.
func OpenTopics(o TopicTargetOptions) (*topic.Target, error) {
	p := o.Profile
	opts := topic.Options{Name: o.Name, Connection: o.Connection, Topics: o.Topics, Format: topic.Format(p.Format), Tombstones: p.Tombstones, MaxBytes: p.MaxBytes,
		Compression: p.Compression, ExactlyOnce: p.ExactlyOnce, Control: p.Control, ID: "banjian/" + o.Identity, Zone: o.Zone}
	if p.Create != nil {
		opts.Create = &topic.Create{Partitions: p.Create.Partitions, Replication: p.Create.Replication}
	}
	return topic.NewTarget(opts)
}

// HandoverOptions is what a folder is opened with that files are handed over in.
type HandoverOptions struct {
	Name    string
	Dir     string
	Profile *pipelines.Profile
	Zone    *time.Location
}

// OpenHandover prepares the way to a folder. Nothing is opened yet.
func OpenHandover(o HandoverOptions) *handover.Target {
	h := handover.Options{Name: o.Name, Dir: o.Dir, Format: handover.Format(o.Profile.Files.Format), BOM: o.Profile.Files.BOM, Zone: o.Zone}
	for _, s := range o.Profile.Subjects {
		h.Folders = append(h.Folders, handover.Folder{Name: s.Folder, Subject: s.Subject})
	}
	return handover.New(h)
}
