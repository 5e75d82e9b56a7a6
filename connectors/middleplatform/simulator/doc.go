// Package simulator is a middle platform for joint testing and for our own tests: it
// takes the calls a profile describes and is strict about everything a real platform
// could be strict about. It is no platform: its state is a file, and whoever may read
// that file reads every message.
//
// It may import connectors/middleplatform and internal packages.
//
// # What holds
//
//   - A call that is not signed rightly, in time and for the first time changes nothing.
//   - A message is taken only if the profile's description has nothing against it and
//     its case is in the right order: what it waits for has arrived, and nothing has
//     arrived that closes the case to it.
//   - A message has one effect however often it comes: it is known by the profile's key
//     of its interface, the same body again is a repeat with the same answer, another
//     body is a revision, counted apart. The body compared is the latest one.
//   - An effect is on the disk (one JSON line, fsync) before it is answered. A last line
//     cut short by a crash was never answered and is dropped at the next start; any
//     other broken line is a Config fault.
//   - It answers what is asked (interfaces 2 and 3, files) of applications that follow
//     from their flow number alone, so that nothing has to be laid out before.
//   - What it does wrong on purpose is named: a defect by the assertion of the
//     conformance check that finds it, a quirk by what real platforms were seen to do.
//   - Faults strike as their file says: by seed and by number of the call, never by the
//     clock, so that a run can be repeated.
package simulator
