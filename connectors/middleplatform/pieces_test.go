package middleplatform_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
	"banjian/internal/fault"
	"banjian/internal/objects"
	"banjian/pipelines"
)

// pieceProfile is the neutral profile with limits as given: of a file in a message, of a piece
// and of a whole file.
func pieceProfile(t testing.TB, most, piece, largest string) *middleplatform.Profile {
	t.Helper()
	data, err := os.ReadFile("profiles/json.yaml")
	if err != nil {
		t.Fatal(err)
	}
	written := strings.NewReplacer("most: 8MiB", "most: "+most, "size: 4MiB", "size: "+piece, "largest: 2GiB", "largest: "+largest).Replace(string(data))
	p, err := middleplatform.ParseProfile("profiles/json.yaml", []byte(written))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// fileWorld is a platform that has granted some cases, and the way to it.
type fileWorld struct {
	*peer
	t       testing.TB
	profile *middleplatform.Profile
	files   func(context.Context, string) (*objects.Content, error)
	target  *middleplatform.Target
}

func newFileWorld(t testing.TB, p *middleplatform.Profile, faults string, files func(context.Context, string) (*objects.Content, error)) *fileWorld {
	t.Helper()
	f, err := simulator.ParseFaults("faults.yaml", []byte(faults), p)
	if err != nil {
		t.Fatal(err)
	}
	w := &fileWorld{t: t, profile: p, files: files, peer: newPeer(t, "", func(o *simulator.Options) { o.Profile, o.Faults = p, f })}
	w.target = w.open(p)
	return w
}

func (w *fileWorld) open(p *middleplatform.Profile) *middleplatform.Target {
	return open(w.t, w.base, func(o *middleplatform.Options) { o.Profile, o.Files = p, w.files })
}

// grant has the platform take an acceptance and a result for each flow number.
func (w *fileWorld) grant(flows ...string) {
	w.t.Helper()
	mapping := profileOf(w.t)
	for _, flow := range flows {
		for _, c := range []struct {
			name string
			row  map[string]string
		}{{"accept", canonicalAccept}, {"finish", canonicalResult}} {
			d := &pipelines.Delivery{Table: c.name, Record: mapped(w.t.(*testing.T), mapping, c.name, with(c.row, "flow_no", flow)).Outputs[0].Record}
			if is, err := w.target.Call(w.t.Context(), d, 0); is != nil || err != nil {
				w.t.Fatalf("%s: %+v, %v", c.name, is, err)
			}
		}
	}
	w.requests.Store(0)
}

// fileRows is a delivery of result files: flow number, identity and reference of each.
func (w *fileWorld) fileRows(rows ...[3]string) *pipelines.Delivery {
	w.t.Helper()
	var list []map[string]string
	for _, r := range rows {
		list = append(list, with(canonicalFile, "flow_no", r[0], "file_id", r[1], "content", r[2]))
	}
	return &pipelines.Delivery{Table: "result_file", Record: mapped(w.t.(*testing.T), profileOf(w.t), "result_file", list...).Outputs[0].Record}
}

// arrived is what the platform has of result files: identity, piece and revision.
func (w *fileWorld) arrived() (list []string) {
	for _, e := range w.Effects() {
		if e.Interface == "result_file" {
			list = append(list, fmt.Sprintf("%s:%d", strings.Join(e.Key[2:], "/"), e.Revision))
		}
	}
	return list
}

const flowA, flowB = "2407010000001", "2407010000002"

func TestFilesOfACaseGoTogetherAsFarAsAMessageHasRoom(t *testing.T) {
	files, refs := store(t, "%PDF-1.7 small", "%PDF-1.7"+strings.Repeat("x", 10<<10))
	w := newFileWorld(t, pieceProfile(t, "16KiB", "16KiB", "16KiB"), "", files)
	w.grant(flowA, flowB)
	var rows [][3]string
	for i := range 23 {
		rows = append(rows, [3]string{flowA, fmt.Sprintf("S%02d", 22-i), refs[0]})
	}
	rows = append(rows, [3]string{flowB, "B1", refs[1]}, [3]string{flowA, "L1", refs[1]}, [3]string{flowB, "B2", refs[1]}, [3]string{flowA, "bad", "/no/reference"})
	d := w.fileRows(rows...)
	chains := w.target.Join(d, seq(len(rows)))
	var got []string
	for _, chain := range chains {
		for _, call := range chain {
			var ids []string
			for _, row := range call {
				ids = append(ids, rows[row][1])
			}
			got = append(got, strings.Join(ids, "+"))
		}
		got = append(got, "|")
	}
	want := "L1+S00+S01+S02+S03+S04+S05+S06+S07+S08+S09+S10+S11+S12+S13+S14+S15+S16+S17+S18 S19+S20+S21+S22 bad | B1 B2 |"
	if strings.Join(got, " ") != want {
		t.Errorf("%s", strings.Join(got, " "))
	}
	if again := w.target.Join(d, []int{3, 2, 1, 0}); len(again) != 1 || len(again[0]) != 1 || !slices.Equal(again[0][0], []int{3, 2, 1, 0}) {
		t.Errorf("what is left is put together otherwise: %v", again)
	}
	for _, chain := range chains {
		for _, call := range chain {
			issues, err := w.target.CallTogether(t.Context(), d, call)
			bad := rows[call[0]][1] == "bad"
			if err != nil || bad != (len(issues) == 1) {
				t.Errorf("%v: %+v, %v", call, issues, err)
			}
		}
	}
	if n := w.Count("result_file"); n.Effects != 26 || n.Revisions != 0 || n.Repeats != 0 || w.requests.Load() != 4 {
		t.Errorf("%+v in %d calls", n, w.requests.Load())
	}
	if one := w.target.Join(delivery(t, w.profile, "accept", acceptRow), []int{0}); one != nil {
		t.Errorf("acceptances go together: %v", one)
	}
}

func seq(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

func TestAFileThePlatformRefusesDoesNotKeepThoseOfItsMessage(t *testing.T) {
	files, refs := store(t, "%PDF-1.7 good", "no PDF at all")
	w := newFileWorld(t, profileOf(t), "", files)
	w.grant(flowA)
	d := w.fileRows([3]string{flowA, "F1", refs[0]}, [3]string{flowA, "F2", refs[1]}, [3]string{flowA, "F3", refs[0]}, [3]string{flowA, "F4", "sha256:" + strings.Repeat("0", 64) + ";99999999;application/pdf"})
	issues, err := w.target.CallTogether(t.Context(), d, pipelines.Together{0, 1, 2, 3})
	if err != nil || len(issues) != 2 || issues[0].Row != 3 || issues[0].Rule != "file_too_large_to_send" || issues[1].Row != 1 || issues[1].Rule != middleplatform.RuleRefused {
		t.Fatalf("%+v, %v", issues, err)
	}
	if got := w.arrived(); !slices.Equal(got, []string{"F1:1", "F3:1"}) {
		t.Errorf("%v", got)
	}
}

// keeper remembers as the ledger does; it stops after some acknowledgements.
type keeper struct {
	mu      sync.Mutex
	pieces  pipelines.Pieces
	done    int
	stopAt  int
	history []int
}

var errStopped = errors.New("stopped")

func (k *keeper) Pieces(context.Context, int) (pipelines.Pieces, int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.pieces, k.done, nil
}

func (k *keeper) Keep(_ context.Context, _ int, p pipelines.Pieces, done int) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pieces, k.done = p, done
	k.history = append(k.history, done)
	if done > 0 && done == k.stopAt {
		return errStopped
	}
	return nil
}

// until calls until the outcome is known.
func (w *fileWorld) until(target *middleplatform.Target, d *pipelines.Delivery) (*pipelines.Issue, error) {
	for try := 0; ; try++ {
		is, err := target.Call(w.t.Context(), d, 0)
		if !fault.Is(err, fault.Unknown) && !fault.Is(err, fault.Transient) || try > 100 {
			return is, err
		}
	}
}

func pieceNames(n, revision int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("F1/%d:%d", i+1, revision))
	}
	return list
}

func TestALargeFileGoesInPiecesOnceHoweverAnswersAreLost(t *testing.T) {
	p := pieceProfile(t, "1KiB", "1000", "64KiB")
	content := "%PDF-1.7" + strings.Repeat("banjian.", 1300)
	files, refs := store(t, content)
	w := newFileWorld(t, p, `
seed: 5
faults:
  - {interface: result_file, do: drop_after_apply, share: 0.3}
  - {interface: result_file, do: "502", share: 0.2}
  - {interface: result_file, do: truncated, share: 0.2}
`, files)
	w.grant(flowA)
	d := w.fileRows([3]string{flowA, "F1", refs[0]})
	k := &keeper{}
	d.Pieces = k
	if is, err := w.until(w.target, d); is != nil || err != nil {
		t.Fatalf("%+v, %v", is, err)
	}
	count := (len(content) + 999) / 1000
	if got := w.arrived(); !slices.Equal(got, pieceNames(count, 1)) {
		t.Errorf("%v", got)
	}
	if k.done != count || k.pieces != (pipelines.Pieces{Count: count, Size: 1000, MD5: sumOf(content)}) || !slices.IsSorted(k.history) {
		t.Errorf("%+v, %v", k.pieces, k.history)
	}
	if n := w.Count("result_file"); n.Repeats == 0 || n.Revisions != 0 || n.Refused != 0 {
		t.Errorf("%+v", n)
	}
	before := w.requests.Load()
	if is, err := w.target.Call(t.Context(), d, 0); is != nil || err != nil || w.requests.Load() != before {
		t.Errorf("what was acknowledged went again: %+v, %v", is, err)
	}
}

// What was acknowledged is not sent again after a stop, and the file stays divided as it was
// when the profile divides otherwise by then.
func TestAStoppedFileGoesOnWithTheNextPiece(t *testing.T) {
	p := pieceProfile(t, "1KiB", "1000", "64KiB")
	content := "%PDF-1.7" + strings.Repeat("banjian.", 1000)
	files, refs := store(t, content)
	w := newFileWorld(t, p, "", files)
	w.grant(flowA)
	d := w.fileRows([3]string{flowA, "F1", refs[0]})
	k := &keeper{}
	d.Pieces = k
	for stop := 1; stop <= 8; stop += 2 {
		k.stopAt = stop
		if _, err := w.open(pieceProfile(t, "1KiB", fmt.Sprint(1000-100*stop), "64KiB")).Call(t.Context(), d, 0); !errors.Is(err, errStopped) && stop > 1 {
			t.Fatalf("%v", err)
		} else if stop == 1 && !errors.Is(err, errStopped) {
			t.Fatalf("%v", err)
		}
	}
	k.stopAt = 0
	if is, err := w.target.Call(t.Context(), d, 0); is != nil || err != nil {
		t.Fatalf("%+v, %v", is, err)
	}
	count := (len(content) + 899) / 900
	if n := w.Count("result_file"); w.requests.Load() != int64(count) || n.Effects != count || n.Repeats != 0 || !slices.Equal(w.arrived(), pieceNames(count, 1)) {
		t.Errorf("%d calls, %+v, %v", w.requests.Load(), n, w.arrived())
	}
}

func TestAReplacedFileGoesFromItsFirstPiece(t *testing.T) {
	p := pieceProfile(t, "1KiB", "1000", "64KiB")
	files, refs := store(t, "%PDF-1.7"+strings.Repeat("a", 2500), "%PDF-1.7"+strings.Repeat("b", 2500))
	w := newFileWorld(t, p, "", files)
	w.grant(flowA)
	for i, ref := range refs {
		d := w.fileRows([3]string{flowA, "F1", ref})
		k := &keeper{stopAt: 2 * (1 - i)}
		d.Pieces = k
		is, err := w.target.Call(t.Context(), d, 0)
		if is != nil || (err == nil) != (i == 1) {
			t.Fatalf("%d: %+v, %v", i, is, err)
		}
	}
	if got := w.arrived(); !slices.Equal(got, []string{"F1/1:2", "F1/2:2", "F1/3:1"}) {
		t.Errorf("%v", got)
	}
}

func TestWhatIsWrongWithALargeFileIsSaidBeforeAnyCall(t *testing.T) {
	p := pieceProfile(t, "1KiB", "1000", "4KiB")
	files, refs := store(t, "%PDF-1.7"+strings.Repeat("x", 4<<10), "%PDF-1.7"+strings.Repeat("x", 2<<10))
	target := open(t, "http://127.0.0.1:1", func(o *middleplatform.Options) { o.Profile, o.Files = p, files })
	w := &fileWorld{t: t}
	if is, err := target.Call(t.Context(), w.fileRows([3]string{flowA, "F1", refs[0]}), 0); err != nil || is == nil || is.Rule != "file_too_large_to_send" || !slices.Equal(is.Args, []string{"4096", "4104"}) {
		t.Errorf("too large: %+v, %v", is, err)
	}
	for name, ref := range map[string]string{"inline": "", "pieces": refs[1]} {
		if ref == "" {
			small, list := store(t, "%PDF-1.7")
			ref = list[0]
			target = open(t, "http://127.0.0.1:1", func(o *middleplatform.Options) { o.Profile, o.Files = p, small })
		} else {
			target = open(t, "http://127.0.0.1:1", func(o *middleplatform.Options) { o.Profile, o.Files = p, files })
		}
		d := &pipelines.Delivery{Table: "result_file", Record: mapped(t, profileOf(t), "result_file", with(canonicalFile, "content", ref, "md5", strings.Repeat("0", 32))).Outputs[0].Record}
		if is, err := target.Call(t.Context(), d, 0); err != nil || is == nil || is.Rule != "file_digest" || is.Args[0] != "MD5" {
			t.Errorf("%s with another MD5: %+v, %v", name, is, err)
		}
	}
}

func TestAPieceThatIsRefusedStartsTheFileOver(t *testing.T) {
	p := pieceProfile(t, "1KiB", "1000", "64KiB")
	files, refs := store(t, "%PDF-1.7"+strings.Repeat("x", 2500))
	w := newFileWorld(t, p, "", files)
	d := w.fileRows([3]string{flowA, "F1", refs[0]})
	k := &keeper{}
	d.Pieces = k
	if is, err := w.target.Call(t.Context(), d, 0); err != nil || is == nil || is.Rule != middleplatform.RuleRefused || k.done != 0 {
		t.Fatalf("before its result: %+v, %v, %d", is, err, k.done)
	}
	w.grant(flowA)
	if is, err := w.target.Call(t.Context(), d, 0); is != nil || err != nil || len(w.arrived()) != 3 {
		t.Errorf("%+v, %v, %v", is, err, w.arrived())
	}
}

func TestAPlatformRefusesFilesBeyondItsLimits(t *testing.T) {
	files, refs := store(t, "%PDF-1.7"+strings.Repeat("x", 2<<10), "%PDF-1.7"+strings.Repeat("x", 600))
	w := newFileWorld(t, pieceProfile(t, "1KiB", "1000", "64KiB"), "", files)
	w.grant(flowA)
	generous := w.open(pieceProfile(t, "1MiB", "1000", "2MiB"))
	for _, c := range []struct {
		rows    [][3]string
		arrived []string
	}{
		{[][3]string{{flowA, "L", refs[0]}}, nil},
		{[][3]string{{flowA, "S1", refs[1]}, {flowA, "S2", refs[1]}}, []string{"S1:1", "S2:1"}}, // together too large, each by itself is not
	} {
		d := w.fileRows(c.rows...)
		issues, err := generous.CallTogether(t.Context(), d, seq(len(c.rows)))
		if err != nil || (len(issues) == 1) != (c.arrived == nil) || len(issues) == 1 && !strings.Contains(issues[0].Args[0], "附件至多") {
			t.Errorf("%v: %+v, %v", c.rows, issues, err)
		}
		if got := w.arrived(); !slices.Equal(got, c.arrived) {
			t.Errorf("%v: %v", c.rows, got)
		}
	}
	if n := w.Count("result_file"); n.Refused != 2 {
		t.Errorf("%+v", n)
	}
}

func TestARestartedSimulatorKnowsThePiecesItHas(t *testing.T) {
	p := pieceProfile(t, "1KiB", "1000", "64KiB")
	content := "%PDF-1.7" + strings.Repeat("x", 3500)
	files, refs := store(t, content)
	state := t.TempDir() + "/state"
	for stop := 1; stop <= 4; stop++ {
		s, err := simulator.New(simulator.Options{Profile: p, Credentials: who, SM4Key: keys.SM4Key, State: state})
		if err != nil {
			t.Fatal(err)
		}
		w := &fileWorld{t: t, profile: p, files: files, peer: &peer{Simulator: s, base: serve(t, s.ServeHTTP)}}
		w.target = w.open(p)
		w.grant(flowA)
		d := w.fileRows([3]string{flowA, "F1", refs[0]})
		d.Pieces = &keeper{pieces: pipelines.Pieces{Count: 4, Size: 1000, MD5: sumOf(content)}, done: stop - 1, stopAt: stop}
		if is, err := w.target.Call(t.Context(), d, 0); is != nil || !errors.Is(err, errStopped) {
			t.Fatalf("piece %d: %+v, %v", stop, is, err)
		}
		if got := w.arrived(); !slices.Equal(got, pieceNames(stop, 1)) {
			t.Errorf("%v", got)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
