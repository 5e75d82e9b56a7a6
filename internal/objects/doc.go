// Package objects keeps files (对象) in a folder, each content once, under the SHA-256 of what
// is in it; and remembers which content a source gave, so that it is asked once.
//
// A file is written under tmp/, looked at, synced and only then renamed to its place: a
// stop leaves a whole object or none. A source is marked after its object is in place: a
// stop between the two means that the source is asked again, and the same object results.
//
// It imports internal packages only.
package objects
