package sqldialect

// Standby (备库) is how a server is asked whether another one feeds it, and how far it is
// behind that one. A question that is empty is not asked.
type Standby struct {
	// Reached gives a row where another server feeds this one: the moment, as Clock writes it,
	// up to which it has everything; NULL: it does not know.
	Reached func(zone string) string
	// Signs gives a row where the server looks like a standby; anybody may ask.
	Signs string
	// Status is statements, of which the first the server understands gives a row for each
	// server that feeds it; Behind is what their column of whole seconds may be called, NULL:
	// it does not know.
	Status []string
	Behind []string
	// Grant is the right that Status takes.
	Grant string
}

// Standby is the dialect's; of others only a heartbeat tells.
func (d *Dialect) Standby() Standby { return standbys[d.Name] }

var standbys = map[string]Standby{
	"mysql": {
		Signs:  "SHOW GLOBAL VARIABLES WHERE Variable_name = 'gtid_slave_pos' AND Value <> '' OR Variable_name = 'read_only' AND Value NOT IN ('OFF', '0')",
		Status: []string{"SHOW ALL SLAVES STATUS", "SHOW REPLICA STATUS", "SHOW SLAVE STATUS"}, // MariaDB, MySQL from 8.0.22 on, MySQL before
		Behind: []string{"Seconds_Behind_Master", "Seconds_Behind_Source"},
		Grant:  "GRANT SLAVE MONITOR ON *.* (MySQL: REPLICATION CLIENT)",
	},
	"postgres": {Reached: postgresReached},
}

// postgresReached is the time of the newest transaction that was replayed or, where the
// account may see what the receiver was told last and all of that was replayed, the time the
// other server told it. Without that right an idle standby seems to fall behind; no row is
// lost by it.
func postgresReached(zone string) string {
	return "SELECT to_char(GREATEST(pg_last_xact_replay_timestamp(), CASE WHEN pg_last_wal_replay_lsn() >= r.latest_end_lsn THEN r.last_msg_send_time END) AT TIME ZONE INTERVAL '" + zone +
		"', 'YYYY-MM-DD HH24:MI:SS.US') FROM (SELECT 1) one LEFT JOIN pg_stat_wal_receiver r ON true WHERE pg_is_in_recovery()"
}
