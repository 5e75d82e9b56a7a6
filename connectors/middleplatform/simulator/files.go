package simulator

import (
	"bytes"
	"crypto/md5"
	"encoding"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"banjian/connectors/middleplatform"
	"banjian/internal/filekind"
	"banjian/internal/text"
)

const file = "SPSHENPIJIEGUODATA/SPSHENPIJIEGUO"

// contentOf is the bytes of a message's one file.
func contentOf(m *middleplatform.Element) []byte {
	content, err := base64.StdEncoding.DecodeString(m.Value(file + "/ATTACH_BODY"))
	if err != nil {
		return nil // told as malformed
	}
	return content
}

// sumOf is an MD5 as messages have it.
func sumOf(content []byte) string {
	sum := md5.Sum(content)
	return hex.EncodeToString(sum[:])
}

// digest is what the platform remembers of the pieces of a file up to one of them.
type digest struct {
	state []byte // of MD5
	bytes int64
}

// after is the digest once another piece came, and the MD5 of all of them.
func (d digest) after(content []byte) (digest, string) {
	h := md5.New()
	if d.state != nil {
		_ = h.(encoding.BinaryUnmarshaler).UnmarshalBinary(d.state) // it was marshalled here
	}
	_, _ = h.Write(content)
	state, _ := h.(encoding.BinaryMarshaler).MarshalBinary()
	return digest{state, d.bytes + int64(len(content))}, hex.EncodeToString(h.Sum(nil))
}

// piece is what a message says of the piece of a file that it has.
type piece struct {
	id, sign, own        string
	number, count, bytes int
}

// pieceOf reads it; false: the file is whole.
func pieceOf(in *middleplatform.Interface, m *middleplatform.Element) (p piece, is bool) {
	if in.Files == nil || in.Files.Pieces == nil || in.PieceNumber(m) == "" {
		return p, false
	}
	f := in.Files.Pieces
	number := func(name string) int {
		n, err := strconv.Atoi(m.Value(file + "/" + name))
		if err != nil {
			return 0
		}
		return n
	}
	return piece{m.Value(file + "/ATTACH_ID"), m.Value(file + "/ATTACH_SIGN"), m.Value(file + "/" + f.MD5), number(f.Number), number(f.Count), number(f.Bytes)}, true
}

// before is the piece that a piece comes behind, nil if it is not there.
func (c *view) before(p piece) *held {
	for _, h := range c.has {
		if h.Interface != "result_file" {
			continue
		}
		if o, is := pieceOf(c.profile.Interfaces[h.Interface], h.message); is && o.id == p.id && strings.EqualFold(o.sign, p.sign) && o.count == p.count && o.bytes == p.bytes && o.number == p.number-1 {
			return h
		}
	}
	return nil
}

// behind is what was remembered of a file before a piece of it.
func (c *view) behind(p piece) digest {
	if h := c.before(p); h != nil {
		return h.digest
	}
	return digest{}
}

// ofPiece makes a rule of one about pieces.
func ofPiece(wrong func(c *view, p piece, m *middleplatform.Element) bool) func(*view, *middleplatform.Element) bool {
	return func(c *view, m *middleplatform.Element) bool {
		p, is := pieceOf(c.profile.Interfaces["result_file"], m)
		return is && wrong(c, p, m)
	}
}

// fileRules are what a platform has against a result file.
func fileRules() []rule {
	return []rule{
		{"result_file", "result_file.md5", wrongSum, text.T("附件内容与 MD5 不符", "the file has another MD5")},
		{"result_file", "result_file.kind", wrongKind, text.T("附件内容不是名称或类型所说的文件", "the file is of another kind than its name or type says")},
		{"result_file", "result_file.piece_fields", ofPiece(func(_ *view, p piece, m *middleplatform.Element) bool {
			return p.number < 1 || p.count < 1 || p.bytes < 1 || p.own == "" || p.sign == "" || len(contentOf(m)) == 0
		}), text.T("分片缺少片号、片数、字节数或 MD5", "a piece lacks its number, their count, the size or an MD5")},
		{"result_file", "result_file.piece_range", ofPiece(func(_ *view, p piece, _ *middleplatform.Element) bool { return p.count > 0 && p.number > p.count }), text.T("片号大于片数", "the number of a piece is beyond their count")},
		{"result_file", "result_file.piece_order", ofPiece(func(c *view, p piece, _ *middleplatform.Element) bool { return p.number > 1 && c.before(p) == nil }),
			text.T("前一片还没有收到，或片数、大小、MD5 与前一片的不同", "the piece before it is not there, or was of another count, size or MD5")},
		{"result_file", "result_file.piece_md5", ofPiece(func(_ *view, p piece, m *middleplatform.Element) bool {
			return !strings.EqualFold(p.own, sumOf(contentOf(m)))
		}), text.T("本片内容与本片的 MD5 不符", "the piece has another MD5")},
		{"result_file", "result_file.piece_whole", ofPiece(func(c *view, p piece, m *middleplatform.Element) bool {
			all, sum := c.behind(p).after(contentOf(m))
			return p.number == p.count && (!strings.EqualFold(sum, p.sign) || all.bytes != int64(p.bytes))
		}), text.T("各片合起来与整个文件的 MD5 或大小不符", "the pieces together have another MD5 or size than the file")},
	}
}

func wrongSum(c *view, m *middleplatform.Element) bool {
	if _, is := pieceOf(c.profile.Interfaces["result_file"], m); is {
		return false
	}
	content, want := contentOf(m), m.Value(file+"/ATTACH_SIGN")
	return want != "" && len(content) > 0 && !strings.EqualFold(want, sumOf(content))
}

// wrongKind finds a file that is not what its name or type says. Of one in pieces the first
// tells, if it can.
func wrongKind(c *view, m *middleplatform.Element) bool {
	content := contentOf(m)
	p, inPieces := pieceOf(c.profile.Interfaces["result_file"], m)
	if len(content) == 0 || inPieces && p.number != 1 {
		return false
	}
	kind := filekind.Of(bytes.NewReader(content), int64(len(content)))
	if kind == "" && inPieces {
		return false
	}
	return slices.ContainsFunc([]string{filekind.ByName(m.Value(file + "/ATTACH_NAME")), filekind.ByName("." + m.Value(file+"/ATTACH_TYPE"))}, func(claimed string) bool {
		return claimed != "" && !filekind.Fits(kind, claimed)
	})
}

// against together is what a message of several files is refused for, beside what each is.
func (s *state) againstTogether(in *middleplatform.Interface, list []*middleplatform.Element) []refusal {
	if in.Files == nil {
		return nil
	}
	var found []refusal
	var size int64
	seen := map[string]bool{}
	for _, m := range list {
		body := m.Value(file + "/ATTACH_BODY")
		size += int64(base64.RawStdEncoding.DecodedLen(len(strings.TrimRight(body, "="))))
		if id := m.Value(file + "/ATTACH_ID"); seen[id] {
			found = append(found, refusal{"result_file.same_twice", text.T("一条报文里附件标识重复", "an identity is there twice in one message")})
		} else {
			seen[id] = true
		}
	}
	if most := in.Files.Together; len(list) > max(most, 1) {
		found = append(found, refusal{"result_file.too_many", text.F("一条报文至多 %d 个附件", "a message has %d files at most", most)})
	}
	if most := in.MostOfFiles(); size > most {
		found = append(found, refusal{"result_file.too_large", text.F("一条报文的附件至多 %d 字节", "the files of a message have %d bytes at most", most)})
	}
	if len(list) > 1 && s.broken["result_file.together"] {
		found = append(found, refusal{"", text.T("一条报文只收一个附件", "one file a message is taken")})
	}
	return found
}

// kept is a message as the platform keeps it: of a piece of a file what it was, not its bytes.
func kept(in *middleplatform.Interface, m *middleplatform.Element) *middleplatform.Element {
	if _, is := pieceOf(in, m); !is {
		return m
	}
	content := contentOf(m)
	return replaced(m, "ATTACH_BODY", base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%d bytes, md5 %s", len(content), sumOf(content))))
}

// replaced is a copy with another text in the elements of a name.
func replaced(e *middleplatform.Element, name, with string) *middleplatform.Element {
	out := &middleplatform.Element{Name: e.Name, Text: e.Text}
	if e.Name == name {
		out.Text = with
	}
	for _, c := range e.Children {
		out.Children = append(out.Children, replaced(c, name, with))
	}
	return out
}
