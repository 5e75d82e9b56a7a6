// Package schemas says what a record must look like: the canonical case model
// (标准办件模型), the tables of the national resource-sharing centre, code sets
// (代码集), crosswalks (对照表) between local and national item codes, and the checks
// of single values.
//
// The facts are data, in folders that are compiled in:
//
//	canonical/    the canonical subjects, one YAML file each: case/NAME at the top, item/
//	              and licence/ below it; blocks/ holds the groups of fields that several
//	              subjects share
//	tables/       the tables of the national exchange, one YAML file each below case/,
//	              item/, licence/, user/ and feedback/; the file's name is the table's
//	codes/        code sets, one YAML file each; the path is the name: canonical ones at
//	              the top, below it those of standards, receivers and places
//	profiles/     code tables: how a receiver or a department's system writes the codes
//	              of a canonical set, profiles/PROFILE/TABLE.yaml
//	rules/        rules over several fields of a record, with their sources: one file for a
//	              subject, SUBJECT.yaml; blocks/ holds those that several subjects share
//	crosswalks/   local item code → national codes, one TSV file each
//
// A site's schemas/ folder has the same names and is laid over them file by
// file: a file at the same path replaces the shipped one. It may also have items/, its
// catalogues of items (事项目录), which itemlist reads.
//
// It imports internal packages, Arrow and the YAML reader. Below it, region (divisions
// by code and time) imports the standard library only, ids that and region, itemcode
// that and ids, itemlist internal packages.
//
// Invariants:
//
//   - A Catalog, and everything reached from it, is immutable after Load and safe for
//     concurrent use; a Checker too. A shipped file is parsed when its name is first
//     asked for; a test parses every one of them, so that none ships broken.
//   - A code table says of every code of both lists what it is on the other side, if
//     only that there is no word for it.
//   - Every code set a field names exists; every condition and order names fields of
//     its own subject. Load refuses anything else in a site's files, Check in all, with
//     file, line and column.
//   - An Issue's arguments hold widths, code-set names, expected characters, and the
//     value of a code column that is outside its set, cut when longer than a code;
//     never the value of any other column.
//   - Checking a clean record allocates nothing, unless the receiver's charset is not
//     UTF-8.
package schemas
