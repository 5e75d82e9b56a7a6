package ledger

// Subjects that the ledger and whoever reads it know by name.
const (
	SubjectAccept = "case/accept" // opens a case
	SubjectResult = "case/result" // finishes one
)
