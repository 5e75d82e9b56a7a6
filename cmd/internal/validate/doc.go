// Package validate tells all that can be wrong with the files of a site without connecting
// to anything, used or not, and what is no mistake and most likely not what is wanted.
//
//	Site   everything a site is made of
//	Paths  files and folders that are named, each within the site it lies in; a mapping, a
//	       mapping test or a pipeline that lies in none is judged by itself
//
// A mistake is told once, where it is: what rests on a broken file is not judged, and where
// that leaves something of a file open, it is said. The errors of a Report are faults with
// file, line and column where they are known.
package validate
