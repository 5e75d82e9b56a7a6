package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// TestTheFilesGuideDoesWhatItSays does every block of docs/collecting-files*.md and
// docs/attachments*.md in its order.
func TestTheFilesGuideDoesWhatItSays(t *testing.T) {
	for _, name := range []string{"collecting-files.md", "collecting-files.zh-CN.md", "attachments.md", "attachments.zh-CN.md"} {
		t.Run(name, func(t *testing.T) {
			list := steps(t, filepath.Join("..", "..", "docs", name))
			t.Chdir(t.TempDir())
			w := &walk{}
			for _, s := range list {
				err := func() error {
					file, gbk := strings.CutSuffix(s.directive, " in gbk")
					if s.directive = file; !gbk {
						return w.do(t, s)
					}
					name := strings.TrimPrefix(file, "write ")
					if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
						return err
					}
					data, err := simplifiedchinese.GBK.NewEncoder().String(s.text)
					if err != nil {
						return err
					}
					return os.WriteFile(name, []byte(data), 0o600)
				}()
				if err != nil {
					t.Fatalf("docs/%s:%d: %v", name, s.line, err)
				}
			}
		})
	}
}
