// Package middleplatform speaks the wire of a provincial middle platform (业务中台):
// the signature of a call, the cipher of its body, the messages and the answers. What
// one platform does differently from another is a profile, data in profiles/*.yaml;
// the code knows closed lists of ways (how a signature is made, how a key is derived)
// and never the name of a province.
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
//   - No redirect is followed, and a certificate is always judged.
//
// # Terms
//
// A call is one POST with the signed headers and {"xmlStr": ciphertext}. A message is
// the XML inside (root APPROVEDATAINFO). A reply is the answer: an envelope of code and
// data, as XML or JSON, where data is the ciphertext of {"status","data"}. In Arrow a
// message is one row of the subject platform/PROFILE/INTERFACE (see Profile.Subjects).
package middleplatform
