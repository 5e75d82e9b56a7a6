// Package status says how a site stands: which pipelines ran and which are late, what is
// refused, held and owed, which receivers take what they are given, and what of all this
// needs a person, with a hint that says how to mend it. It answers whoever asks for a site
// on one page: the verbs status, receivers list, held list and rejects, a console.
//
//	Site.Report       everything, its concerns oldest first
//	Site.Acknowledge  what of a report people know
//	Site.Receivers    every receiver as a thing
//	Site.WaitsFor     what held records wait for
//	Site.Blocks       what refused records hold back
//	Resting           whether a receiver is to be left alone
//
// A concern that a person has acknowledged stays in the report, and is new again once it grows
// or changes; where that cannot be told it is new.
//
// It reads the ledger and what the gateway journalled, connects to nobody and changes
// nothing but what people acknowledge. What it gives is data: times are Moments, sentences exist in both languages, and
// as JSON a report is what scripts read, in the language it is put In. How much of it fits
// on a screen is for whoever shows it.
package status
