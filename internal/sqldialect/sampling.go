package sqldialect

// Chance is an expression of a new number from 0 up to 1 for every row, to take samples by;
// empty: the server has none, or nobody would split what it holds.
func (d *Dialect) Chance() string { return chances[d.Name] }

// Statistics is what a server knows of a table without reading it; a question that is empty
// is not asked. Of a view nobody knows anything.
type Statistics struct {
	// Rows is how many it holds, roughly; its parameters are the schema (empty: the
	// connection's own) and the name.
	Rows string
	// Histogram is values of a column, ascending, between which about as many rows lie each;
	// no row where the column has fewer different values than asked, or a few hold many
	// rows. Its parameters are those of Rows, the column, and that number.
	Histogram string
}

// Statistics is the dialect's.
func (d *Dialect) Statistics() Statistics { return statistics[d.Name] }

var statistics = map[string]Statistics{
	"mysql": {Rows: "SELECT table_rows FROM information_schema.tables WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ? AND table_type = 'BASE TABLE'"},
	"postgres": {
		Rows: "SELECT c.reltuples::int8 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = COALESCE(NULLIF($1, ''), current_schema()) AND c.relname = $2",
		Histogram: "SELECT u.bound FROM pg_catalog.pg_stats s, unnest(s.histogram_bounds::text::text[]) WITH ORDINALITY AS u(bound, nth)" +
			" WHERE s.schemaname = COALESCE(NULLIF($1, ''), current_schema()) AND s.tablename = $2 AND s.attname = $3 AND (s.n_distinct < 0 OR s.n_distinct >= $4::text::float8)" +
			" AND s.null_frac < 0.2 AND coalesce((SELECT sum(f) FROM unnest(s.most_common_freqs) f), 0) < 0.2 ORDER BY u.nth",
	},
}

var chances = map[string]string{"mysql": "RAND()", "postgres": "random()"}
