// Package editor makes JSON Schemas of the files people write, so that an editor completes
// and checks them: from the Go types where those are the whole truth, from the table of
// operations for the mapping language. It may import every room but the command line.
package editor
