// Package yamlfile reads the YAML files people write: strictly, with the place of
// every mistake as file:line:column.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/goccy/go-yaml"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// MaxSize is the largest file that is read.
const MaxSize = 1 << 20

// Decode reads one document into v. An unknown or repeated key and a value of the
// wrong type are Config faults at their line and column.
func Decode(file string, data []byte, v any) error {
	dec, err := decoder(file, data)
	if err != nil {
		return err
	}
	if err := dec.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		return located(file, err)
	}
	return nil
}

// DecodeAll reads every document of a file, calling next for a value to fill; nil
// from next ends it.
func DecodeAll(file string, data []byte, next func() any) error {
	dec, err := decoder(file, data)
	if err != nil {
		return err
	}
	for {
		v := next()
		err := dec.Decode(v)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return located(file, err)
		}
	}
}

func decoder(file string, data []byte) (*yaml.Decoder, error) {
	if len(data) > MaxSize {
		return nil, fault.New(fault.Config, "read file", file, text.F("文件超过 %d 字节", "the file is larger than %d bytes", MaxSize), text.Text{})
	}
	return yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()), nil
}

func located(file string, err error) error {
	where, what := file, err.Error()
	var ye yaml.Error
	if errors.As(err, &ye) {
		what = ye.GetMessage()
		if tk := ye.GetToken(); tk != nil && tk.Position != nil {
			where = fmt.Sprintf("%s:%d:%d", file, tk.Position.Line, tk.Position.Column)
		}
	}
	return fault.New(fault.Config, "read file", where, text.F("写法不对：%s", "not well formed: %s", what),
		text.T("对照 banjian schema 给出的格式修改", "compare it with the format that banjian schema prints"))
}
