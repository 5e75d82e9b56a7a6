package middleplatform

import (
	"errors"
	"io/fs"
	"maps"
	"reflect"
	"slices"

	"banjian/internal/fault"
	"banjian/internal/signing"
	"banjian/internal/text"
)

// settle fills in what a profile takes from another one, and finds its signers.
func (p *Profile) settle(overlays []fs.FS) *mistake {
	if p.Like != "" {
		if p.Like == p.Profile {
			return wrongAt("$.like", "like 要指别的档案", "like names another profile")
		}
		other, err := LoadProfile(p.Like, overlays...)
		if err != nil {
			return &mistake{"$.like", whatOf(err)}
		}
		p.inherit(other)
	}
	for _, s := range []struct {
		path, use string
		scheme    **signing.Scheme
	}{{"$.signer.use", p.Signer.Use, &p.Signer.scheme}, {"$.apply_url.use", p.ApplyURL.Use, &p.ApplyURL.scheme}} {
		if s.use == "" {
			return wrongAt(s.path, "use 要写：签名方式的名称", "use is required: the name of a signer")
		}
		scheme, err := signing.Load(s.use, overlays...)
		if err != nil {
			return &mistake{s.path, whatOf(err)}
		}
		*s.scheme = scheme
	}
	if !p.Signer.Window.Bad && p.Signer.Window.Duration == 0 {
		p.Signer.Window.Duration = p.Signer.scheme.Skew()
	}
	return nil
}

func whatOf(err error) text.Text {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.What
	}
	return text.T(err.Error(), err.Error())
}

// inherit takes from another profile what this one does not say: whole sections, code
// sets by name, and of an interface its keys.
func (p *Profile) inherit(from *Profile) {
	fill(reflect.ValueOf(&p.Signer).Elem(), reflect.ValueOf(from.Signer), false)
	fill(reflect.ValueOf(&p.ApplyURL).Elem(), reflect.ValueOf(from.ApplyURL), false)
	fill(reflect.ValueOf(&p.Cipher).Elem(), reflect.ValueOf(from.Cipher), false)
	fill(reflect.ValueOf(&p.Body).Elem(), reflect.ValueOf(from.Body), false)
	fill(reflect.ValueOf(&p.Envelope).Elem(), reflect.ValueOf(from.Envelope), false)
	fill(reflect.ValueOf(&p.Limits).Elem(), reflect.ValueOf(from.Limits), false)
	p.CodeSets = filled(p.CodeSets, from.CodeSets)
	for name, in := range from.Interfaces {
		if own := p.Interfaces[name]; own != nil {
			fill(reflect.ValueOf(own).Elem(), reflect.ValueOf(*in), true)
		}
	}
	p.Interfaces = filled(p.Interfaces, from.Interfaces)
}

// filled is a map with the entries of another that it lacks.
func filled[V any](own, from map[string]V) map[string]V {
	all := map[string]V{}
	maps.Copy(all, from)
	maps.Copy(all, own)
	return all
}

// fill sets a section that says nothing, or, part by part, the parts of it that do.
func fill(section, from reflect.Value, parts bool) {
	if !parts {
		if section.IsZero() {
			section.Set(from)
		}
		return
	}
	for i := range section.NumField() {
		if f := section.Field(i); f.CanSet() && f.IsZero() {
			f.Set(from.Field(i))
		}
	}
}

// Signing is the scheme that calls are signed by.
func (p *Profile) Signing() *signing.Scheme { return p.Signer.scheme }

// form is how an answer is written for one who asks for these forms.
func (p *Profile) form(asked ...Form) Form {
	for _, f := range asked {
		if slices.Contains(p.Envelope.Forms, f) {
			return f
		}
	}
	return p.Envelope.Forms[0]
}
