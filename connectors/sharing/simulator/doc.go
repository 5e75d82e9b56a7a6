// Package simulator is a sharing gateway (数据共享网关) for tests and joint debugging: it
// hands out secrets, judges signatures as strictly as the rule has them, and answers from a
// list of people. It may import connectors/sharing's rules of a secret and internal
// packages, and no other connector.
//
// # What holds
//
//   - A call is judged in this order: method, sid, rid, time, signature, body. A time beyond
//     the window, a signature over rid+sid instead of sid+rid, and one made with the app key
//     instead of the secret are refused.
//   - A secret ends when it was said to, or when another was handed out and its grace is over.
//   - Nothing of a question is kept but how often a service was asked.
package simulator
