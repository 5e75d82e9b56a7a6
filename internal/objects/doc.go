// Package objects keeps files (对象), each content once, under the SHA-256 of what is in it:
// in a folder, or in a bucket of a service that speaks S3; and remembers which content a
// source gave, so that it is asked once.
//
// A file is written to the folder under tmp/, looked at, synced and only then put in its
// place, by a rename or by one upload: a stop leaves a whole object or none. A source is
// marked after its object is in place: a stop between the two means that the source is
// asked again, and the same object results. Marks lie in the folder; without them nothing
// is lost but the work of fetching once more.
//
// An object nobody refers to is left by a stop between it and the record it is for, and by
// records that are gone. Each and Remove are for finding and clearing away such.
//
// It imports internal packages only.
package objects
