package middleplatform

import (
	"context"
	"crypto/sha256"

	"banjian/pipelines"
)

// teller sends messages unless the platform acknowledged the very same one last: with its
// result a special procedure's request does not go again, and of a record that changed in what
// the platform is not told nothing does. Files are not compared.
type teller struct {
	*Target
	keeper pipelines.ToldKeeper
}

func (t *Target) teller(in *Interface, d *pipelines.Delivery) func(context.Context, *Interface, *Element, int) (*pipelines.Issue, error) {
	if d.Told == nil || in.Files != nil {
		return t.send
	}
	return teller{t, d.Told}.send
}

func (t teller) send(ctx context.Context, in *Interface, m *Element, row int) (*pipelines.Issue, error) {
	plain, err := t.profile.write(m)
	if err != nil {
		return unwritable(in, err, row)
	}
	part := ""
	if in.Halves != nil {
		part = m.Value(in.Halves.Field)
	}
	sum := sha256.Sum256([]byte(plain))
	var none pipelines.Hash
	message := pipelines.Hash(sum[:len(none)])
	had, err := t.keeper.Told(ctx, row, part)
	if err != nil || had == message {
		return nil, err
	}
	if had != none {
		if err := t.keeper.Tell(ctx, row, part, none); err != nil {
			return nil, err
		}
	}
	is, err := t.mail(ctx, in, letter{m, plain}, row)
	if is != nil || err != nil {
		return is, err
	}
	return nil, t.keeper.Tell(ctx, row, part, message)
}
