// Package ids checks identity numbers: resident identity numbers (公民身份号码), unified
// social credit codes (统一社会信用代码), organisation codes (组织机构代码), identifiers
// of electronic licences (电子证照标识), passports and permits, and the plain forms of
// mobile numbers, postal codes, e-mail addresses and administrative divisions.
//
// It imports the standard library and region. Every check judges the text as given
// (nothing is folded), allocates nothing and never looks at a clock, a file or the
// network.
//
// The area of a resident number is judged by the time line of region: lax by default
// (it was a division once), strict where asked (it was one at the birth).
package ids
