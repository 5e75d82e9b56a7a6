package pipelines

import (
	"strings"
	"testing"
)

func TestAFolderOfHandoverFilesIsOnePlainName(t *testing.T) {
	for _, good := range []string{"办件", "a", "_x", "2026.accept-1", strings.Repeat("长", 100), "Ⅷ"} {
		if !folderName(good) {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{"", ".", "..", ".a", "-a", "a/b", "a b", `a\b`, "a\x00", strings.Repeat("a", 101), "\xff"} {
		if folderName(bad) {
			t.Errorf("%q is accepted", bad)
		}
	}
}
