// Package signing makes and reads the signatures of calls between systems. A scheme is
// data in signers/*.yaml: what is signed (a template), with which hash, how the result
// is written, what form the time has, and where on the call each value stands. The code
// knows closed lists of these and never the name of a system.
//
// It may import internal packages.
//
// # What holds
//
//   - A scheme is read strictly; what it names wrongly is a Config fault at its line.
//   - The secret stands in the message or keys the hash; no scheme that ships puts it
//     on the wire, but for the call that fetches a token.
//   - No fault carries a key, a secret or a token.
//
// # Templates
//
// A template is text with {key}, {secret}, {nonce}, {time}, {token}, {service} (the
// service a gateway numbers), {business}, {method}, {path}, {query} (its pairs sorted,
// as name=value joined by &) and {pairs}: what the scheme places on the call but the
// signature, sorted by name, as name=value joined by &, empty values left out.
package signing
