package sqldialect

import (
	"fmt"
	"time"
)

// Limit is the statements that have the server stop every later statement of the session
// that runs longer than d, rounded up to a second; none where it cannot.
func (d *Dialect) Limit(t time.Duration) []string {
	if limit := limits[d.Name]; limit != nil {
		return []string{limit(int64((t + time.Second - 1) / time.Second))}
	}
	return nil
}

// limits takes seconds. MariaDB and MySQL name and count theirs differently, and each
// passes over the comment of the other; older ones have none and keep the first part,
// which does nothing.
var limits = map[string]func(seconds int64) string{
	"mysql": func(n int64) string {
		return fmt.Sprintf("SET @banjian_limit = %[1]d /*M!100101 , SESSION max_statement_time = %[1]d */ /*!50708 , SESSION max_execution_time = %[1]d000 */", n)
	},
	"postgres": func(n int64) string { return fmt.Sprintf("SET statement_timeout = %d000", n) },
}
