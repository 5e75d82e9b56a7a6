// Package sharing asks the services of the sharing gateway (数据共享) of the national
// government service platform and of the national exchange platform: is this person, or
// this licence, what a record says. It knows the secret of a service as the gateway hands
// it out, the signature of a call, and how an answer is read.
//
// It may import pipelines, schemas and internal packages. connectors/sharing/simulator is
// such a gateway.
//
// # What holds
//
//   - A question always has an answer: a service that cannot be asked, refuses us or is not
//     understood answers Unknown with one word why. Errors are for a context that ended and
//     for services nobody declared.
//   - Each service has one secret at a time, renewed before it ends, by one goroutine while
//     the others go on with the old one. A call that is refused for its signature renews the
//     secret once and is made once more.
//   - A service that does not answer is left alone for a while, longer each time: a source
//     of many rows is not read at the pace of its timeouts.
//   - Answers are remembered in memory alone, under a keyed digest of what was asked, for the
//     time declared, and so many at most. Unknown is never remembered.
//   - No fault and no log line carries an app key, a secret, an input or a value of an answer.
//   - A secret that cannot be opened is a Data fault that says nothing of it.
package sharing
