// Package demo builds a department to try banjian on: the database of an invented
// provident-fund centre (住房公积金管理中心) with the four views v_gjj_accept,
// v_gjj_step, v_gjj_material and v_gjj_result, realistic and partly dirty, and the
// site around it.
//
// Two receivers are fed: the exchange tables of the national centre and the middle
// platform, which a simulator stands in for. What one takes the other may refuse.
//
// Beside the rows it writes what must become of them: expected.jsonl has a line for
// every row that is not simply collected, or not simply delivered to a receiver, and a
// summary; on request also every row the national tables and every message the platform
// must have. All come from the generator's own model of a case, never from running a
// mapping, so that a test compares two independent answers.
//
// It may import internal packages and schemas; it knows no engine, no mapping and no
// connector.
//
// # Invariants
//
//   - The output depends on Options alone: no wall clock, no map order, no locale.
//     Case n of a seed is the same whatever the number of cases.
//   - At most one dirt per case, and every dirt has one consequence in each place.
//   - Nobody real: names are drawn from lists; identity numbers carry the sequence
//     codes 996–999, credit codes the subject code X0…, mobiles the prefix 154, none
//     of which is in use; check digits are right all the same.
//   - Memory does not grow with the number of cases.
package demo
