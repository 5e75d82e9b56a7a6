// Package conformance is the check of a middle platform, or of an approval system's
// inbound side: assertions, each with a name that stays, that drive the ten interfaces
// from outside and say ok or FAIL.
//
// It may import connectors/middleplatform and internal packages. It knows nothing of
// the simulator: what it checks may be anybody's platform.
//
// # What holds
//
//   - An assertion depends on no other: each has flow numbers of its own.
//   - It writes test cases to the platform it checks, and nothing else anywhere.
//   - It ends in time: what could not be tried by then fails, and says so.
//   - A detail names fields and what was answered, starred, never a secret.
package conformance
