package site

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"banjian/internal/fault"
)

// shownKeys are the keys whose values may be quoted in an error. The others hold
// secrets, or are misspelt and may be meant to.
var shownKeys = []string{
	"site", "zone", "objects", "ledger", "path", "keep_source_days", "connections", "receivers",
	"kind", "host", "port", "user", "database", "max_connections", "hours", "speed", "rows", "bytes", "statement_timeout", "tls", "ca_file", "server_name", "embedded", "rate", "archive", "rejected", "host_keys", "known_hosts", "brokers", "sasl", "group",
	"system", "environment", "connection", "profile", "data_source", "start", "maintenance", "catch_up", "alert_held_after",
	"gateway", "listen", "certificate", "private_key", "behind_proxy", "journal", "max_file", "systems", "platform_id", "signed", "only_sealed",
	"weekly", "from", "to", "why", "env", "file",
	"attachments", "folders", "prefix", "hosts", "base", "max_size", "types", "timeout", "connections", "object_store", "endpoint", "bucket", "region", "as",
	"verification", "gateways", "services", "rid", "sid", "families", "refresh", "sign", "body", "within", "answer", "ok", "none", "match", "values", "keep", "keep_no",
}

var keyOf = regexp.MustCompile(`([\p{L}\d_.-]+)["']?\s*[:：]\s*`)

// hide takes what may be a secret out of the lines that errors quote.
func hide(err error) error {
	for _, one := range fault.All(err) {
		var f *fault.Error
		if errors.As(one, &f) {
			f.Line = hidden(f.Line)
		}
	}
	return err
}

// secretWord begins what may be a secret, whatever stands around it.
var secretWord = regexp.MustCompile(`(?i)passw|pwd|secret|token|dsn|sm4`)

// reference is a secret as it may stand in a file.
var reference = regexp.MustCompile(`^\w*["']?\s*:\s*(\{|$)`)

// hidden is a line up to the first value that is not known to be harmless.
func hidden(line string) string {
	if strings.HasPrefix(strings.TrimSpace(line), "#") {
		return ""
	}
	keys := keyOf.FindAllStringSubmatchIndex(line, -1)
	if keys == nil {
		return "" // perhaps a secret on a line of its own
	}
	if at := secretWord.FindStringIndex(line); at != nil && !reference.MatchString(line[at[1]:]) {
		return line[:at[1]] + "***"
	}
	for _, m := range keys {
		value := line[m[1]:]
		if !slices.Contains(shownKeys, line[m[2]:m[3]]) && value != "" && value[0] != '{' && value[0] != '#' {
			return line[:m[1]] + "***"
		}
	}
	return line
}
