// Package sides finds out what of a site is laid side by side when it is reconciled (对账),
// and by what: departments' views read again as their pipelines would read them, receivers
// read back, asked, or stood in for by a list that their people exported. How sides are
// compared is told in jobs/reconcile; this room joins it with a site for the verbs
// reconcile and precedence, or whoever else asks.
//
//	Site.Run       departments and receivers, into one report
//	Site.Listed    a receiver, by an exported list
//	Site.Numbers   a platform's flow numbers beside the gateway's journal
//	Site.Pairs     systems that report the same cases, beside each other (来源优先)
//
// It reads, asks and changes nothing, but for numbers that are to be entered into the
// journal. Progress is told to whoever wants it.
package sides
