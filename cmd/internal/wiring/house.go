package wiring

import (
	"cmp"
	"context"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/gateway"
	"banjian/connectors/sqlview"
	"banjian/internal/fault"
	"banjian/internal/site"
	"banjian/internal/sqldialect"
	"banjian/internal/text"
	"banjian/ledger"
	"banjian/ledger/sqlite"
	"banjian/mappings"
	"banjian/pipelines"
	"banjian/pipelines/precedence"
	"banjian/pipelines/routing"
	"banjian/schemas"
)

// House is a site with its rooms joined: this file alone knows them all.
type House struct {
	site     *site.Site
	schemas  *schemas.Catalog
	specs    []pipelines.Spec
	partial  bool                               // specs lacks some that are wrong
	profiles map[string]*pipelines.Profile      // by receiver
	messages map[string]*middleplatform.Profile // by protocol
	zone     *time.Location
	guard    *sqlview.Guard
	said     map[string]*mappings.Mapping // by name, for the sentences of their rules
	files    files
	journal  *gateway.Journal  // of the gateway that runs in this process; nil = none does
	routes   *routing.Live     // whose what a platform sends is
	ranks    *precedence.Table // which of several systems counts; nil: no two report the same cases
	options  Options

	verifying verifying
}

// Options are what a house has of its process. The zero value logs nothing and uses the
// network.
type Options struct {
	Log       *slog.Logger
	Platforms http.RoundTripper                                   // how platforms are reached
	Bind      func(network, address string) (net.Listener, error) // how they reach the gateway
}

// Open reads everything a site is made of; nothing is connected. With an error, which
// tells all mistakes of all files, it gives the house of what is whole, without schemas
// if these are wrong.
func Open(s *site.Site, o Options) (*House, error) {
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	h := &House{site: s, options: o, profiles: map[string]*pipelines.Profile{}, guard: sqlview.NewGuard(), said: map[string]*mappings.Mapping{}}
	var found fault.List
	var err error
	if h.zone, err = sqldialect.ZoneOf(s.Zone); err != nil { // told by the site
		h.zone = time.FixedZone("+08:00", 8*3600)
	}
	h.schemas, err = schemas.Load(h.Folder("schemas")...)
	found.Add(err)
	h.specs, err = pipelines.LoadSpecs(s.Folder("pipelines"))
	h.partial = found.Add(err)
	found.Add(h.readReceivers())
	found.Add(h.readPrecedence())
	h.routes, err = routing.Open(os.DirFS(s.Dir), slices.Sorted(maps.Keys(s.Receivers)), h.zone)
	found.Add(err)
	return h, found.Err()
}

// Close gives back what was opened meanwhile: connections of clients, and files' store.
func (h *House) Close() error {
	h.verifying.close()
	return h.files.close()
}

// Site is the site as its own file has it.
func (h *House) Site() *site.Site { return h.site }

// Zone is the site's time zone.
func (h *House) Zone() *time.Location { return h.zone }

// Schemas is what ships with what the site lays over it, and the messages of the platforms
// it calls; nil if what the site lays over it is wrong.
func (h *House) Schemas() *schemas.Catalog { return h.schemas }

// Specs is every pipeline file, the site's own and those that ship.
func (h *House) Specs() []pipelines.Spec { return h.specs }

// Profile is that of a receiver; nil if it has none that can be read.
func (h *House) Profile(receiver string) *pipelines.Profile { return h.profiles[receiver] }

// Messages is how a platform of that protocol is called; nil if no receiver speaks it.
func (h *House) Messages(protocol string) *middleplatform.Profile { return h.messages[protocol] }

// Routes is whose what a platform sends is.
func (h *House) Routes() *routing.Live { return h.routes }

// Ranks is which of several systems counts; nil if no two report the same cases.
func (h *House) Ranks() *precedence.Table { return h.ranks }

// Mapping compiles a mapping by name; from is nil for a department's view.
func (h *House) Mapping(name string, from *schemas.Subject) (*mappings.Mapping, error) {
	return h.mappingIn(h.schemas, name, from)
}

// mappingIn compiles against the catalog of a receiver, which counts widths its own way.
func (h *House) mappingIn(cat *schemas.Catalog, name string, from *schemas.Subject) (*mappings.Mapping, error) {
	data, path, err := mappings.Load(name, h.Folder("mappings")...)
	if err != nil {
		return nil, err
	}
	return mappings.Read(path, data, cat, from)
}

// OpenLedger opens the site's ledger, creating its folder within the site's. A folder
// elsewhere must be there: on a disk that is not mounted a ledger would begin anew, and
// everything would go out again.
func (h *House) OpenLedger(ctx context.Context) (ledger.Store, error) {
	path := h.site.Path(h.site.Ledger.Path)
	if !filepath.IsLocal(h.site.Ledger.Path) {
		return sqlite.Open(ctx, path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Config, "open ledger", path, text.T("建不了台账文件夹", "cannot create the ledger's folder"), text.Text{})
	}
	return sqlite.Open(ctx, path)
}

// Folder is a folder of the site as layers over the shipped catalog; empty if the
// site has none.
func (h *House) Folder(name string) []fs.FS {
	if f := h.site.Folder(name); f != nil {
		return []fs.FS{f}
	}
	return nil
}
