package codesheet

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"banjian/schemas"
)

// quote is a text as YAML takes it whatever it holds.
func quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a text always encodes
	return strings.TrimSuffix(b.String(), "\n")
}

func (p *parsed) line(b *strings.Builder, key, value string) {
	if value != "" {
		fmt.Fprintf(b, "%s: %s\n", key, quote(value))
	}
}

func (p *parsed) both(b *strings.Builder, key, zh, en string) {
	if zh != "" || en != "" {
		fmt.Fprintf(b, "%s: {zh: %s, en: %s}\n", key, quote(zh), quote(en))
	}
}

// setYAML is a file of codes/: a list, or a table where it has columns of its own.
func (p *parsed) setYAML(name string, codes []schemas.CodeValue, extra []string) []byte {
	var b strings.Builder
	p.line(&b, "set", name)
	p.both(&b, "title", p.facts["title"], p.facts["title_en"])
	version := p.facts["version"]
	if version == "" {
		version = "site"
	}
	p.line(&b, "version", version)
	p.both(&b, "basis", p.facts["basis"], p.facts["basis_en"])
	p.line(&b, "confidence", p.facts["confidence"])
	if fields := strings.Fields(p.facts["fields"]); len(fields) > 0 {
		for i := range fields {
			fields[i] = quote(fields[i])
		}
		fmt.Fprintf(&b, "fields: [%s]\n", strings.Join(fields, ", "))
	}
	p.both(&b, "note", p.facts["note"], p.facts["note_en"])
	if len(extra) > 0 {
		setRows(&b, codes, extra)
		return []byte(b.String())
	}
	b.WriteString("codes:\n")
	for _, v := range codes {
		fmt.Fprintf(&b, "  - {code: %s, zh: %s, en: %s", quote(v.Code), quote(v.Title.ZH), quote(v.Title.EN))
		for _, x := range []struct{ key, value string }{{"valid_from", v.ValidFrom}, {"valid_to", v.ValidTo}} {
			if x.value != "" {
				fmt.Fprintf(&b, ", %s: %s", x.key, quote(x.value))
			}
		}
		if len(v.Successors) > 0 {
			fmt.Fprintf(&b, ", successors: [%s]", quoted(v.Successors))
		}
		if !v.Note.IsZero() {
			fmt.Fprintf(&b, ", note: {zh: %s, en: %s}", quote(v.Note.ZH), quote(v.Note.EN))
		}
		b.WriteString("}\n")
	}
	return []byte(b.String())
}

// setRows writes a table: remarks are kept in Chinese alone.
func setRows(b *strings.Builder, codes []schemas.CodeValue, extra []string) {
	columns := append([]string{"code", "zh", "en", "valid_from", "valid_to", "successors", "note"}, extra...)
	fmt.Fprintf(b, "columns: [%s]\nrows: |\n", strings.Join(columns, ", "))
	for _, v := range codes {
		cells := append([]string{v.Code, v.Title.ZH, v.Title.EN, v.ValidFrom, v.ValidTo, strings.Join(v.Successors, " "), v.Note.ZH}, v.Extra...)
		b.WriteString("  " + strings.TrimRight(strings.Join(cells, "\t"), "\t") + "\n")
	}
}

func quoted(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quote(s)
	}
	return strings.Join(out, ", ")
}

// tableYAML is a file of profiles/.
func (p *parsed) tableYAML(profile, name string, l *links) []byte {
	var b strings.Builder
	p.line(&b, "profile", profile)
	p.line(&b, "table", name)
	p.both(&b, "title", p.facts["title"], p.facts["title_en"])
	p.line(&b, "set", l.set.Name)
	p.line(&b, "peer", l.peer.Name)
	p.both(&b, "basis", p.facts["basis"], p.facts["basis_en"])
	p.line(&b, "confidence", p.facts["confidence"])
	p.both(&b, "note", p.facts["note"], p.facts["note_en"])
	b.WriteString("out:\n")
	for _, code := range codesOf(l.set) {
		peer := "none"
		if l.out[code] != "" {
			peer = quote(l.out[code])
		}
		fmt.Fprintf(&b, "  %s: %s\n", quote(code), peer)
	}
	b.WriteString("in:\n")
	for _, peer := range codesOf(l.peer) {
		means := slices.Clone(l.in[peer])
		switch len(means) {
		case 0:
			means = []string{"none"}
		case 1:
			means[0] = quote(means[0])
		default:
			means = []string{"[" + quoted(means) + "]"}
		}
		fmt.Fprintf(&b, "  %s: %s\n", quote(peer), means[0])
	}
	return []byte(b.String())
}
