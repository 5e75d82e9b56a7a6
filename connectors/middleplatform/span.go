package middleplatform

import "time"

// Span is a length of time as files have it: 300s, 5m. A text that is none is Bad, so
// that whoever reads the file can say at which line.
type Span struct {
	time.Duration
	Bad bool
}

// UnmarshalYAML reads the text form.
func (s *Span) UnmarshalYAML(unmarshal func(any) error) error {
	var written string
	if err := unmarshal(&written); err != nil {
		return err
	}
	d, err := time.ParseDuration(written)
	s.Duration, s.Bad = d, err != nil
	return nil
}
