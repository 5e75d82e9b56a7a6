// Package attachments holds the ledger against the files (附件) that a site keeps: whether
// every file that a record refers to is there and is the one it was, and which files none
// refers to. References come from the newest version of every record, from older ones that
// somebody may still be given, and from what the gateway fetched and nobody collected yet.
//
// It changes nothing, unless it is told to remove what nothing refers to.
package attachments
