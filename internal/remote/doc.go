// Package remote is what all do alike who talk to other machines: how the certificate of
// the other end is judged, what an HTTP connection of ours is, how small calls are made at
// little cost, what an answer tells about clocks and about coming back later, and how a
// server of ours stops.
//
// What an answer means for what was asked is the business of those who ask.
//
// It imports internal packages only.
package remote
