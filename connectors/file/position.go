package file

import (
	"bytes"
	"encoding/json"
	"slices"

	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/pipelines"
)

const positionVersion = 1

// position is a pipelines.Position of this package, as JSON.
type position struct {
	V     int      `json:"v"`
	Taken []taken  `json:"taken,omitempty"` // files that were read or refused and still lay in the folder, by name
	Gone  []string `json:"gone,omitempty"`  // hashes of the newest of those that did not, newest last
	Now   *taken   `json:"now,omitempty"`   // the file being read
	At    *mark    `json:"at,omitempty"`    // with Now: its next row
}

// taken is one file as it was.
type taken struct {
	Name     string `json:"name"`
	Size     int64  `json:"size"`
	Modified int64  `json:"modified"` // nanoseconds since 1970
	Hash     string `json:"hash"`     // SHA-256 of its bytes, the first 16 in hexadecimal
	Refused  bool   `json:"refused,omitempty"`
}

// mark is where a row begins.
type mark struct {
	Row    int64 `json:"row"`              // rows before it
	Offset int64 `json:"offset,omitempty"` // bytes, of files that are read from front to back
	Line   int64 `json:"line,omitempty"`   // lines before it
}

func decode(stored pipelines.Position, o *Options) (position, error) {
	p := position{V: positionVersion}
	if stored == "" {
		return p, nil
	}
	d := json.NewDecoder(bytes.NewReader([]byte(stored)))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil || p.V != positionVersion {
		return p, fault.New(fault.Gone, "read position", o.Name, text.T("保存的位置不是文件的位置，不能续用", "the stored position is not one of files and cannot be gone on from"),
			text.T("管道从视图改读文件时，给它一个新名字", "give a pipeline that reads files instead of a view a new name"))
	}
	return p, nil
}

func (p *position) encode() pipelines.Position {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(p); err != nil {
		panic(err) // texts and numbers
	}
	return pipelines.Position(bytes.TrimSpace(b.Bytes()))
}

// clone shares nothing that take changes.
func (p *position) clone() position {
	c := *p
	c.Taken, c.Gone = slices.Clone(p.Taken), slices.Clone(p.Gone)
	return c
}

// find is the entry of a name.
func (p *position) find(name string) *taken {
	if i := slices.IndexFunc(p.Taken, func(t taken) bool { return t.Name == name }); i >= 0 {
		return &p.Taken[i]
	}
	return nil
}

// took says that a file was read to its end, or refused.
func (p *position) took(t taken) {
	p.Taken = slices.DeleteFunc(p.Taken, func(o taken) bool { return o.Name == t.Name })
	p.Taken = append(p.Taken, t)
	p.Now, p.At = nil, nil
}

// known says that a file of this hash and name, or one that is gone, was taken. One that was
// refused is judged anew: its checksum may be right this time.
func (p *position) known(name, hash string) bool {
	if t := p.find(name); t != nil && t.Hash == hash && !t.Refused {
		return true
	}
	return slices.Contains(p.Gone, goneKey(name, hash))
}

// goneKey is a file that is gone, as Gone has it.
func goneKey(name, hash string) string { return digestOf([]byte(name + "\x00" + hash)) }

// prune moves files that do not lie in the folder any more from Taken to Gone.
func (p *position) prune(there map[string]bool) {
	p.Taken = slices.DeleteFunc(p.Taken, func(t taken) bool {
		if there[t.Name] {
			return false
		}
		if !t.Refused {
			p.Gone = append(p.Gone, goneKey(t.Name, t.Hash))
		}
		return true
	})
	if n := len(p.Gone) - keptHashes; n > 0 {
		p.Gone = slices.Delete(p.Gone, 0, n)
	}
}
