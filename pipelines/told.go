package pipelines

import "context"

// ToldKeeper remembers the message of each record that a receiver acknowledged last, so that a
// record that changed in what the receiver is not told is not told again. A record may go as
// several messages, such as a request and later its result: each part has a receipt of its own.
// It may be used concurrently for different rows.
type ToldKeeper interface {
	// Told is the hash of the message that was acknowledged last for one part of a row's
	// record, in whatever version; zero = none was. Part is empty where records go whole.
	Told(ctx context.Context, row int, part string) (Hash, error)
	// Tell is called with zero before another message goes, and with its hash when it was
	// acknowledged. An error ends the call where it stands.
	Tell(ctx context.Context, row int, part string, message Hash) error
}
