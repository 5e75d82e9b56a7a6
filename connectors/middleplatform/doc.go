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
//   - No fault carries a value of a body (invariant 8 of pipelines), nor a secret.
//
// # Terms
//
// A call is one POST with the signed headers and {"xmlStr": ciphertext}. A message is
// the XML inside (root APPROVEDATAINFO). A reply is the answer: an envelope of code and
// data, as XML or JSON, where data is the ciphertext of {"status","data"}.
package middleplatform
