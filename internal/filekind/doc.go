// Package filekind tells kinds of files (文件类型) apart: by the ending of a name, which
// anybody may write, and by what is in them. Nothing is unpacked, and what a content can
// make us read of it is bounded.
//
// It imports internal/text only.
package filekind
