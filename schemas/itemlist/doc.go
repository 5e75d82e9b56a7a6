// Package itemlist is the catalogue of items (事项目录): which item codes exist, in which
// versions, in which state, and from which day to which. It holds directories (基本目录)
// and implementation lists (实施清单), as they come in the UP_TASK and DN_TASK tables, in a
// department's view or in a file.
//
// Every version that was ever seen is kept, since a case stays under the version that
// was in force on the day it was accepted: At is asked with that day, never with
// today's, so a version once found is found again (frozen at acceptance).
//
// A file is tab-separated (.tsv) or comma-separated (.csv) text whose first line names
// the columns, in any order, by our names or those of the national tables in either
// spelling (task_code, TaskCode); columns it does not know are passed over:
//
//	task_handle_item, task_code, code, catalog_code   the code: the first that has a value
//	version, task_version     a whole number that grows; required
//	name, task_name, item_name
//	state, task_state         1 in use 在用, 2 suspended 暂停, 3 cancelled 取消; empty = 1
//	valid_from, plan_effective_date   first day, empty = open
//	valid_to, plan_cancel_date        last day, empty = open
//	local_code, local_task_code       what the department calls it
//	cd_operation              D: cancelled
//
// A code and version listed again replaces what was said of it before: exchange tables
// are append-only.
//
// It imports internal packages only. A List is immutable and safe for concurrent use;
// asking it allocates nothing. 10^6 items are read in about a second and take about
// 150 MB beside the text itself.
package itemlist
