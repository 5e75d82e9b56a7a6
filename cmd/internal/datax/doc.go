// Package datax reads the jobs of DataX and says what they come to here: where rows
// come from, as a pipeline and a connection, and line by line what a pipeline has no
// place for. Passwords are neither kept nor shown. It reads no database.
package datax
