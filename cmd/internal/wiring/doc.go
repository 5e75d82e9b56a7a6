// Package wiring joins the rooms of the house into one site at work. It reads what a site's
// files say and opens what they name: the ledger, departments' views and topics, receivers,
// the gateway that platforms call, the store of files, the services that verify. It alone
// knows all rooms; a verb opens a House and asks it for what it needs.
//
//	site.Site → Open → House → CollectPlan, DeliverPlan, AdoptPlan, FeedbackPlan    what jobs run
//	                         → OpenLedger, OpenGateway, Journal, Objects, Sharing   what stays open
//	                         → View, Look, Drop, Brokers, Connection                a department beside its runs
//	                         → Pipelines, Receivers, Profile, RuleText, …           what a site is made of
//
// Open connects to nothing and tells the mistakes of all files at once. Secrets are fetched
// when what they are for is dialled. Whoever opened a House closes it; a plan, a ledger and
// a gateway are closed by whoever asked for them. A House serves the goroutines of one
// process: what it is asked for may be asked for side by side, but for the words of rules
// (RuleText, FieldTitle), which serve one.
//
// Why it is as it is: DESIGN.md. It has no flags, prints nothing, and knows neither verbs nor the language they speak.
package wiring
