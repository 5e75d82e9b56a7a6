package pipelines

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// ProfileFiles is how the files of a receiver are written.
type ProfileFiles struct {
	Format string `yaml:"format"` // one of HandoverFormats; default parquet
	BOM    bool   `yaml:"bom"`    // csv: begins with the mark by which Excel knows UTF-8
}

// HandoverFormats are the formats files are handed over in.
var HandoverFormats = []string{"parquet", "csv"}

// folderName says that a name is letters, digits, _, and further on . and -, 100 at most.
func folderName(name string) bool {
	for i, r := range name {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r) && (i == 0 || r != '.' && r != '-') {
			return false
		}
	}
	return name != "" && utf8.RuneCountInString(name) <= 100
}

// checkFiles fills defaults and finds what is wrong with what only files have.
func (p *Profile) checkFiles(found *fault.List) {
	bad := func(zh, en string, path ...any) { found.Add(p.Fault(text.T(zh, en), text.Text{}, path...)) }
	if p.Kind != KindFile {
		if p.Files != nil {
			bad("files 只用于 kind: file", "files is for kind: file", "files")
		}
		return
	}
	if p.Files == nil {
		p.Files = &ProfileFiles{}
	}
	if p.Files.Format == "" {
		p.Files.Format = HandoverFormats[0]
	}
	if !slices.Contains(HandoverFormats, p.Files.Format) {
		known := strings.Join(HandoverFormats, ", ")
		bad("format 只能是 "+known, "format is one of "+known, "files", "format")
	}
	if p.Files.BOM && p.Files.Format != "csv" {
		bad("bom 只用于 csv", "bom is for csv", "files", "bom")
	}
	seen := map[string]bool{}
	for i, s := range p.Subjects {
		switch {
		case s.Folder != "" && !folderName(s.Folder):
			bad("folder 是一层文件夹的名字：字母、数字、_ . -", "folder is the name of one folder: letters, digits, _ . -", "subjects", i, "folder")
		case s.Folder != "" && seen[s.Folder]:
			bad("一个文件夹只放一种记录", "a folder holds one subject", "subjects", i, "folder")
		}
		seen[s.Folder] = true
	}
}
