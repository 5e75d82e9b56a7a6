// Package doctor looks for what can be wrong with the connections of a site and with the
// views behind them, and says how to mend it: rights that are wider than reading needs,
// charsets, clocks, columns, keys that are not unique, cursors that miss rows, and what a
// run costs the department; and with what else a site is joined: folders of files, receivers,
// services that verify. It changes nothing anywhere, and shows no value unmasked.
package doctor
