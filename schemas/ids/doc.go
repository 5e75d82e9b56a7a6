// Package ids checks identity numbers: resident identity numbers (公民身份号码), unified
// social credit codes (统一社会信用代码), organisation codes (组织机构代码), identifiers
// of electronic licences (电子证照标识), and the plain forms of mobile numbers, postal
// codes, e-mail addresses and administrative divisions.
//
// It imports the standard library only. Every check judges the text as given (nothing
// is folded), allocates nothing and never looks at a clock, a file or the network.
//
// What it does not know: which of the six digits of an area were ever in use, and
// when. An area is tested by its province only, so a number whose county never
// existed passes when its check digit is right.
package ids
