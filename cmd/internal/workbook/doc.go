// Package workbook writes what people look at in a spreadsheet: pages of text cells that no
// program takes for formulas. It knows nothing of what stands in them.
package workbook
