package middleplatform_test

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
	"banjian/internal/objects"
	"banjian/pipelines"
)

const fileAt = "SPSHENPIJIEGUODATA/SPSHENPIJIEGUO/"

// store keeps contents and gives their references.
func store(t testing.TB, contents ...string) (open func(context.Context, string) (*objects.Content, error), references []string) {
	t.Helper()
	s, err := objects.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for _, c := range contents {
		o, err := s.Put(context.Background(), strings.NewReader(c), 64<<20, nil)
		if err != nil {
			t.Fatal(err)
		}
		references = append(references, o.Reference("application/pdf"))
	}
	return s.Open, references
}

// sendFile sends a result file with this content.
func sendFile(t *testing.T, target *middleplatform.Target, p *middleplatform.Profile, id, content string) (*pipelines.Issue, error) {
	t.Helper()
	res := mapped(t, p, "result_file", with(with(canonicalFile, "content", content), "file_id", id))
	return target.Call(t.Context(), &pipelines.Delivery{Table: "result_file", Record: res.Outputs[0].Record}, 0)
}

func sumOf(content string) string {
	sum := md5.Sum([]byte(content))
	return hex.EncodeToString(sum[:])
}

func TestAFileGoesWithinTheMessageOrByItsAddressAsTheReceiverWants(t *testing.T) {
	p := profileOf(t)
	large := "%PDF-1.7 " + strings.Repeat("banjian 办件 ", 200<<10) // some megabytes
	open_, references := store(t, "%PDF-1.7", large)
	for base, name := range map[string]string{"": "inline", "https://files.example/banjian/": "reference"} {
		t.Run(name, func(t *testing.T) {
			e := newPeer(t, "", nil)
			for _, c := range []struct {
				name string
				row  map[string]string
			}{{"accept", canonicalAccept}, {"finish", canonicalResult}} {
				if is, err := open(t, e.base, nil).Call(t.Context(), &pipelines.Delivery{Table: c.name, Record: mapped(t, p, c.name, c.row).Outputs[0].Record}, 0); is != nil || err != nil {
					t.Fatalf("%s: %+v, %v", c.name, is, err)
				}
			}
			target := open(t, e.base, func(o *middleplatform.Options) { o.Files, o.FileBase = open_, base })
			for i, r := range references {
				if is, err := sendFile(t, target, p, fmt.Sprint("FJ", i), r); is != nil || err != nil {
					t.Fatalf("%+v, %v", is, err)
				}
			}
			n := 0
			for _, effect := range e.Effects() {
				if effect.Interface != "result_file" {
					continue
				}
				m, err := middleplatform.DecodeXML(effect.Body)
				if err != nil {
					t.Fatal(err)
				}
				content := []string{"%PDF-1.7", large}[n]
				body, path, sum := m.Value(fileAt+"ATTACH_BODY"), m.Value(fileAt+"ATTACH_PATH"), m.Value(fileAt+"ATTACH_SIGN")
				object, _, _ := objects.ParseReference(references[n])
				switch {
				case sum != sumOf(content):
					t.Errorf("the MD5 is %s", sum)
				case base == "" && (path != "" || body != base64.StdEncoding.EncodeToString([]byte(content))):
					t.Errorf("%d bytes came, and path %q", len(body), path)
				case base != "" && (body != "" || path != base+object.Path()):
					t.Errorf("%d bytes came, and path %q", len(body), path)
				}
				n++
			}
			if n != 2 {
				t.Errorf("%d files came", n)
			}
		})
	}
}

func TestAFileThatIsTooLargeOrNoneRefusesItsRecordAlone(t *testing.T) {
	p := profileOf(t)
	open_, references := store(t, strings.Repeat("x", 16<<20+1))
	target := open(t, "http://127.0.0.1:1", func(o *middleplatform.Options) { o.Files = open_ })
	for content, want := range map[string]string{references[0]: "SPSHENPIJIEGUO_ATTACH_BODY file_too_large_to_send [16777216 16777217]", "/upload/a.pdf": "SPSHENPIJIEGUO_ATTACH_BODY file_reference []"} {
		is, err := sendFile(t, target, p, "FJ", content)
		if err != nil || is == nil || fmt.Sprint(is.Field, " ", is.Rule, " ", is.Args) != want {
			t.Errorf("%.20s: %+v, %v, want %s", content, is, err, want)
		}
	}
	if is, err := sendFile(t, target, p, "FJ", "sha256:"+strings.Repeat("0", 64)+";3;application/pdf"); is != nil || !fault.Is(err, fault.Transient) {
		t.Errorf("a file that is not there: %+v, %v", is, err)
	}
}

// The messages of large files are several times as large as they are: few are made at a time.
func TestLargeFilesUnderWayTogetherStayWithinBounds(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: some hundred megabytes")
	}
	p := profileOf(t)
	e := newPeer(t, "", nil)
	for _, c := range []struct {
		name string
		row  map[string]string
	}{{"accept", canonicalAccept}, {"finish", canonicalResult}} {
		if is, err := open(t, e.base, nil).Call(t.Context(), &pipelines.Delivery{Table: c.name, Record: mapped(t, p, c.name, c.row).Outputs[0].Record}, 0); is != nil || err != nil {
			t.Fatalf("%s: %+v, %v", c.name, is, err)
		}
	}
	open_, references := store(t, "%PDF-1.7"+strings.Repeat("x", 12<<20))
	var most, now int
	var mu sync.Mutex
	target := open(t, e.base, func(o *middleplatform.Options) {
		o.Files = func(ctx context.Context, r string) (*objects.Content, error) {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			return open_(ctx, r)
		}
	})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			is, err := sendFile(t, target, p, fmt.Sprint("FJ", i), references[0])
			if is != nil || err != nil {
				t.Errorf("%+v, %v", is, err)
			}
			mu.Lock()
			now--
			mu.Unlock()
		})
	}
	wg.Wait()
	if most > 2 {
		t.Errorf("%d files of 12 MiB were under way together", most)
	}
}
