package mappings

import "testing"

func TestCopyKeepsTextAndTurnsEmptyIntoNull(t *testing.T) {
	runOps(t, []opCase{
		{"as is", `name: v`, " 甲 ", " 甲 "},
		{"empty", `name: v`, "", "NULL"},
		{"null", `name: v`, null, "NULL"},
		{"too long", `name: v`, "一二三四五六七", "reject too_long [6 7]"},
		{"too long, else blank", `name: {from: v, else: blank}`, "一二三四五六七", "NULL + blank too_long [6 7]"},
		{"too long, else const", `name: {from: v, else: {const: 无}}`, "一二三四五六七", "无 + warn too_long [6 7]"},
		{"control character", `note: v`, "a\x01b", "reject bad_text"},
		{"control character, else blank", `note: {from: v, else: blank}`, "a\x01b", "NULL + blank bad_text"},
		{"tab and line ends", `note: v`, "a\tb\r\nc", "a\tb\r\nc"},
		{"invalid UTF-8", `note: {from: v, else: blank}`, "a\xffb", "reject bad_bytes [v FF]"},
		{"C1 control", `note: {from: v, else: blank}`, "a\u0085b", "NULL + blank bad_text"},
		{"case number may be mapped", `case_no: v`, "2020-1", "2020-1"},
	})
}

func TestTrimCutsWhiteSpaceAtBothEnds(t *testing.T) {
	runOps(t, []opCase{
		{"nothing to do", `name: {from: v, trim: true}`, "a b", "a b"},
		{"spaces", `name: {from: v, trim: true}`, "  ab ", "ab"},
		{"ideographic space and mark", `name: {from: v, trim: true}`, "\u3000\uFEFF甲\u200B", "甲"},
		{"nothing left", `name: {from: v, trim: true}`, " \u3000 ", "NULL"},
	})
}

func TestCleanDropsControlAndZeroWidth(t *testing.T) {
	runOps(t, []opCase{
		{"nothing to do", `note: {from: v, clean: true}`, "（某）公司", "（某）公司"},
		{"drops", `note: {from: v, clean: true}`, " a\x01\u200Bb\u0085 ", "ab"},
		{"keeps line ends", `note: {from: v, clean: true}`, "a\nb", "a\nb"},
		{"only rubbish", `note: {from: v, clean: true}`, "\x01\u200B", "NULL"},
		{"invalid UTF-8", `note: {from: v, clean: true}`, "a\xff", "reject bad_bytes [v FF]"},
	})
}

func TestFoldTurnsFullWidthASCII(t *testing.T) {
	runOps(t, []opCase{
		{"digits and letters", `note: {from: v, fold: width}`, "４４０Ｘ－１　ａ", "440X-1 a"},
		{"leaves the rest", `note: {from: v, fold: width}`, "甲〇カ", "甲〇カ"},
	})
}

func TestUpperAndLowerShiftASCIILetters(t *testing.T) {
	runOps(t, []opCase{
		{"upper", `note: {from: v, upper: true}`, "ab甲z{", "AB甲Z{"},
		{"upper, nothing to do", `note: {from: v, upper: true}`, "AB1", "AB1"},
		{"lower", `note: {from: v, lower: true}`, "AZ[甲", "az[甲"},
		{"full-width needs fold", `note: {from: v, upper: true}`, "ｘ", "ｘ"},
		{"fold then upper", `note: {from: v, fold: width, upper: true}`, "ｘ", "X"},
		{"order counts", `note: {from: v, upper: true, fold: width}`, "ｘ", "x"},
	})
}

func TestReplaceAndBlankSpeakOfWholeValues(t *testing.T) {
	runOps(t, []opCase{
		{"replaced", `note: {from: v, replace: {"10": 十}}`, "10", "十"},
		{"part stays", `note: {from: v, replace: {"1": 一}}`, "10", "10"},
		{"replaced by nothing", `note: {from: v, replace: {无: ""}}`, "无", "NULL"},
		{"blank one", `note: {from: v, blank: "null"}`, "null", "NULL"},
		{"blank of many", `note: {from: v, blank: [无, "-"]}`, "-", "NULL"},
		{"blank after trim", `note: {from: v, trim: true, blank: "-"}`, " - ", "NULL"},
		{"not blank", `note: {from: v, blank: [无]}`, "无锡", "无锡"},
	})
}

func TestDefaultAndRequiredActWhereTheyStand(t *testing.T) {
	runOps(t, []opCase{
		{"default", `note: {from: v, default: 无}`, null, "无"},
		{"default of empty", `note: {from: v, trim: true, default: 无}`, "  ", "无"},
		{"default not taken", `note: {from: v, default: 无}`, "a", "a"},
		{"default then upper", `note: {from: v, default: x, upper: true}`, null, "X"},
		{"required", `note: {from: v, required: true}`, "", "reject required"},
		{"required after blank", `note: {from: v, blank: "-", required: true}`, "-", "reject required"},
		{"required is above else", `note: {from: v, required: true, else: {const: x}}`, null, "reject required"},
		{"default before time", `at: {from: v, default: "20200101", time: ["20060102"]}`, null, "2019-12-31T16:00:00Z"},
		{"default after time", `at: {from: v, time: ["20060102"], default: "2020-01-01"}`, null, "2019-12-31T16:00:00Z"},
		{"required after time", `at: {from: v, time: ["20060102"], required: true}`, null, "reject required"},
		{"default int", `count: {from: v, default: 3}`, null, "3"},
	})
}

func TestPadFillsUpToCharacters(t *testing.T) {
	runOps(t, []opCase{
		{"right", `name: {from: v, pad_right: {to: 6, with: "0"}}`, "4401", "440100"},
		{"left", `name: {from: v, pad_left: {to: 4, with: "0"}}`, "7", "0007"},
		{"counts characters", `name: {from: v, pad_left: {to: 3, with: 零}}`, "甲", "零零甲"},
		{"long enough", `name: {from: v, pad_right: {to: 3, with: "0"}}`, "12345", "12345"},
		{"NULL stays", `name: {from: v, pad_right: {to: 3, with: "0"}}`, null, "NULL"},
	})
}

func TestCastBringsOneForm(t *testing.T) {
	runOps(t, []opCase{
		{"int", `note: {from: v, cast: int}`, "007", "7"},
		{"not an int", `note: {from: v, cast: int}`, "7.0", "reject bad_int"},
		{"dec without scale", `note: {from: v, cast: dec}`, "0012.500", "12.5"},
		{"bool", `note: {from: v, cast: bool}`, "1", "true"},
		{"not a bool", `note: {from: v, cast: bool, else: blank}`, "是", "NULL + blank bad_bool"},
		{"text into int", `count: v`, "12", "12"},
		{"full-width digits are no digits", `count: v`, "１２", "reject bad_int"},
		{"full-width digits folded", `count: {from: v, fold: width}`, "１２", "12"},
		{"text into dec", `fee: v`, "12.5", "12.50"},
		{"dec is never rounded", `fee: v`, "12.345", "reject bad_decimal"},
		{"dec drops zeros", `fee: v`, "12.3400", "12.34"},
		{"dec too big", `fee: v`, "1234567.00", "reject bad_decimal"},
		{"minus nothing", `fee: v`, "-0.00", "0.00"},
		{"text into bool", `flag: v`, "true", "true"},
		{"mapped into bool", `flag: {from: v, map: {是: true, 否: false}}`, "否", "false"},
		{"else const of a typed field", `count: {from: v, else: {const: 7}}`, "x", "7 + warn bad_int"},
	})
}

func TestSplitMakesAList(t *testing.T) {
	runOps(t, []opCase{
		{"parts", `tags: {from: v, split: "、"}`, "甲、 乙 、、丙", `["甲","乙","丙"]`},
		{"no parts", `tags: {from: v, split: ","}`, ", ,", "NULL"},
		{"NULL", `tags: {from: v, split: ","}`, null, "NULL"},
		{"required", `tags: {from: v, split: ",", required: true}`, ",", "reject required"},
		{"required is told once", `tags: {from: v, split: ",", required: true}`, null, "reject required"},
	})
}
