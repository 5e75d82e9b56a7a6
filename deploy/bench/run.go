package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// runSums is what a run of banjian counted.
type runSums struct {
	Read      int   `json:"read"`
	Collected int   `json:"collected"`
	Compared  int   `json:"compared"`
	Rejected  int   `json:"rejected"`
	BytesRead int64 `json:"bytes_read"`

	said []byte
}

// wrong is the error of a run with other sums than it must have.
func (s runSums) wrong(what string) error { return fmt.Errorf("%s: %s", what, s.said) }

// run measures `banjian run` over so many rows of source.
func (w *world) run(ctx context.Context, source string, rows int, args ...string) (usage, runSums, error) {
	cmd := exec.CommandContext(ctx, w.banjian, append([]string{"run", "--json", "--site", filepath.Join(w.dir, "site")}, args...)...)
	cmd.Env = append(os.Environ(), "BANJIAN_BENCH_SOURCE="+w.dsn(source), "BANJIAN_BENCH_EXCHANGE="+w.dsn(exchangeDB))
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	u, err := w.measure(rows, cmd)
	sums := runSums{said: out.Bytes()}
	if err != nil {
		return u, sums, fmt.Errorf("%w: %s%s", err, errOut.String(), out.String())
	}
	if err := json.Unmarshal(sums.said, &sums); err != nil {
		return u, sums, fmt.Errorf("summary of banjian run: %w: %s", err, sums.said)
	}
	return u, sums, nil
}
