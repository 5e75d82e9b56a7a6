// Package codesheet lays code sets and code tables out as sheets a department can check
// in a spreadsheet, and reads edited sheets back as files of a site's schemas/ folder.
//
//	schemas.CodeSet, CodeTable → Sheet → .csv or .xlsx          Of, OfTable, Write
//	.csv or .xlsx → Sheets → Draft (a YAML file) + Mistakes     Read, Draft
//
// A sheet begins with facts, a name and a value in a line (代码集, 名称, 版本 …), then an
// empty line, the headings, and a line for every code. Headings and facts are read in
// both languages. A draft is what schemas.Load accepts in the place Draft.Path names.
//
// Files come from outside: what Read takes is capped in bytes, rows and columns, and
// whatever a file holds becomes mistakes, each with its row.
//
// It imports schemas and internal packages.
package codesheet
