// Package jobs decides when and whether work is done: it runs collects and deliveries
// under leases, keeps their history, and starts them by schedule.
//
// It joins the engine (pipelines) with the memory (ledger) and knows neither
// connectors nor mappings: sources, targets and stages are handed to it ready made by
// the command line. It imports pipelines, ledger and internal packages only.
package jobs
