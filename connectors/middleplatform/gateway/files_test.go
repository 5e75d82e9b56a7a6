package gateway

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestAFileThatFailsFollowsItsMaterial(t *testing.T) {
	w := newWorld(t)
	w.platform.put("A")
	content := w.platform.files["/oss/A/1"]
	delete(w.platform.files, "/oss/A/1")
	w.announce("A", "0", "")
	w.fetch(time.Minute)
	got, at := w.rows(Material, "", "material_seq", "file_state", "content")
	w.want(got, "a1|failed|∅", "CL2#1|∅|∅")
	if got, at = w.rows(Material, at, "file_state"); len(got) != 0 {
		t.Errorf("%q: a repeated failure is no change", got)
	}
	w.platform.files["/oss/A/1"] = content
	w.fetch(7 * time.Hour)
	got, _ = w.rows(Material, at, "material_seq", "file_state")
	w.want(got, "a1|stored", "CL2#1|∅")
}

func TestAFilesMediaTypeIsThatOfItsContent(t *testing.T) {
	w := newWorld(t)
	var pack bytes.Buffer
	z := zip.NewWriter(&pack)
	if _, err := z.Create("OFD.xml"); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	f := NewFetcher(FetchOptions{Objects: w.objects, MaxFile: 1 << 20, Now: w.clock.Now})
	for content, want := range map[string]string{pack.String(): "application/ofd", "%PDF-1.7": "application/pdf", "\xff\xd8\xff\xe0": "image/jpeg", "PK\x03\x04 cut off": "application/octet-stream", "<html>": "text/plain"} {
		_, kind, err := f.put(t.Context(), strings.NewReader(content), &material{name: "证照.ofd"})
		if err != nil || kind != want {
			t.Errorf("%.8q: %s, %v, want %s", content, kind, err, want)
		}
	}
}

func TestAFileIsHeldAgainstItsMD5(t *testing.T) {
	w := newWorld(t)
	w.platform.put("A")
	signed := func(sum string) {
		w.platform.materials["A/0"] = strings.Replace(w.platform.materials["A/0"], "</ATTACH_PATH>", "</ATTACH_PATH><ATTACH_SIGN>"+sum+"</ATTACH_SIGN>", 1)
	}
	signed("00000000000000000000000000000000")
	w.announce("A", "0", "")
	w.fetch(time.Minute)
	got, _ := w.rows(Material, "", "file_state")
	w.want(got, "failed", "∅")
}
