// Package rejects is what verbs and a console do with refused rows (问题数据): choose among
// them, look at the source row behind one, hand them to their department as a table with
// reasons and how to mend them, and read that table back once the department has changed it.
//
//	Choice.Of      which rejects, oldest first
//	Row            the source row behind one, while it is kept; Masked hides what may be personal
//	Export.Sheets  a sheet a pipeline, as pages of a workbook or of a CSV file
//	ReadMended     what a returned table corrects; the ledger is not changed
//
// Source values are masked unless an Export is told to give them in clear: that file is for
// the department they belong to alone. It stands on package status, which says what a reject
// holds back, and knows neither flags nor terminals.
package rejects
