// Package gateway is the side of ours that a middle platform calls (入口): it takes flow
// numbers (interface 1) and withdrawals (10) for any number of approval systems, writes them
// down before it answers, fetches what belongs to them (2, 3 and files), and gives all of it
// to pipelines as rows of a pipelines.Source.
//
// It may import its parent, pipelines and internal packages.
//
// # What holds
//
//   - A number is durable before it is acknowledged. It lies in a journal (收件日志), a file
//     of its own: no load of the ledger keeps an answer waiting.
//   - Nothing that was acknowledged is forgotten: what cannot be fetched is asked for again,
//     for as long as it takes, across restarts.
//   - A repeated call has one effect and the same answer. Which call is a repeat is said by
//     flow number, EXPRESSTYPE and the time of the correction.
//   - The nonce of a signed call that took effect is written down with that effect: a
//     recorded call has none again, before a restart or after it.
//   - Calls may come in any order: a withdrawal before the details are fetched, a correction
//     before its application.
//   - A failed download never keeps a material back: its file follows.
//   - Size, time and number of calls under way are bounded. What is too much is told to come
//     back later, before anything was read.
//   - Answers and faults carry no value of a message (invariant 8 of pipelines). The journal
//     holds the messages and is readable by its owner alone.
//
// # Terms
//
// A system (审批系统) is one approval system as the platform knows it: a path of ours and
// the keys the platform allotted to it. A submission (提交) is one handing in of an
// application: 0 for the first call, one more for each correction reply and each
// resubmission. The feed is what pipelines read: each entry says that an application, its
// materials or a withdrawal came or changed; its number is the source's position.
package gateway
