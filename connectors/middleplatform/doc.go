// Package middleplatform speaks the wire of a provincial middle platform (业务中台):
// the signature of a call, the cipher of its body, the messages and the answers. What
// one platform does differently from another is a profile, data in profiles/*.yaml and
// intake/*.yaml, which may stand upon another one (like); signatures are schemes, data
// of internal/signing. The code knows closed lists of ways (where a body carries a
// message, how a key is derived) and never the name of a province.
//
// It may import pipelines, schemas and internal packages.
//
// # What holds
//
//   - A signature is compared in constant time, a stamp outside the window and a nonce
//     seen before are refused, and the memory of nonces is bounded: when it is full,
//     calls are refused rather than replays taken.
//   - An element a profile does not know, a value too long, a code outside its set are
//     problems that are named; nothing is cut, padded or passed through.
//   - Reading is bounded in bytes, depth and elements, takes no DTD and no entity of
//     its own, and never panics.
//   - No fault carries a value of a body (invariant 8 of pipelines), nor a secret; a
//     platform's own words are starred wherever they may tell of a person.
//   - A delivery (Target) says that nothing was taken only when nothing was written or
//     the platform said so; all else is Unknown, and the same is sent again with a new
//     nonce. What its own check objects to is never sent.
//   - Until the platform has judged a signature, one call is under way at a time; a key
//     it refused is not used again, and without another every later call is Blocked.
//   - A message counts as refused for its content only by a platform that has shown
//     that it can open what we seal.
//   - A message is as large as the profile allows: files of a case go together as far as
//     there is room, and one beyond it in pieces, of which no more than one is in memory. A
//     piece that was acknowledged is not sent again.
//   - No redirect is followed, and a certificate is always judged.
//
// # Terms
//
// A call is one POST that is signed and carries a message: of the default profile
// {"xmlStr": ciphertext}, with XML inside (root APPROVEDATAINFO); of others a form, or
// JSON. A reply is the answer: an envelope of a code and what is said, in two levels or
// one, as XML or JSON, sealed where calls are. In Arrow a
// message is one row of the subject platform/PROFILE/INTERFACE (see Profile.Subjects).
package middleplatform
