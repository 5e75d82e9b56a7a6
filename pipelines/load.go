package pipelines

// Load (读取负担) is what a run cost the department's server.
type Load struct {
	Queries int64 `json:"queries"` // statements, those that prepare a session included
	BusyMS  int64 `json:"busy_ms"` // how long one of them was under way, milliseconds
	Rows    int64 `json:"rows"`    // sent to us
	Bytes   int64 `json:"bytes"`   // in them
}

// Add adds o to l.
func (l *Load) Add(o Load) {
	l.Queries += o.Queries
	l.BusyMS += o.BusyMS
	l.Rows += o.Rows
	l.Bytes += o.Bytes
}

// Loader is implemented by sources that know what they cost their server.
type Loader interface {
	// Load is what the run cost so far; it may be called at any time, and after Close.
	Load() Load
}
