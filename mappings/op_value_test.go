package mappings

import "testing"

func TestHashesAreThoseOfTheStandards(t *testing.T) {
	runOps(t, []opCase{
		{"SM3 of GB/T 32905 A.1", `note: {from: v, hash: sm3}`, "abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"},
		{"SHA-256 of FIPS 180", `note: {from: v, hash: sha256}`, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"MD5 of RFC 1321", `note: {from: v, hash: md5}`, "abc", "900150983cd24fb0d6963f7d28e17f72"},
		{"upper case after", `note: {from: v, hash: md5, upper: true}`, "abc", "900150983CD24FB0D6963F7D28E17F72"},
		{"NULL stays", `note: {from: v, hash: sm3}`, null, "NULL"},
		{"trim before", `note: {from: v, trim: true, hash: md5}`, " abc ", "900150983cd24fb0d6963f7d28e17f72"},
	})
}

func TestMaskHidesTheValueItself(t *testing.T) {
	runOps(t, []opCase{
		{"name", `note: {from: v, mask: name}`, "张三丰", "张**"},
		{"number", `note: {from: v, mask: id}`, "11010519491231002X", "110***********002X"},
		{"telephone", `note: {from: v, mask: phone}`, "13800000000", "138****0000"},
		{"NULL stays", `note: {from: v, mask: id}`, null, "NULL"},
	})
}

func TestNormaliseKnowsWhatStandsForNothing(t *testing.T) {
	for _, v := range []string{"无", " 无 ", "null", "NULL", "N/A", "—", "——", "-", "--", "/", "暂无", "Undefined", "……"[:0] + "…。"[3:]} {
		runOps(t, []opCase{{v, `note: {from: v, normalise: missing}`, v, "NULL"}})
	}
	runOps(t, []opCase{
		{"a city", `note: {from: v, normalise: missing}`, "无锡", "无锡"},
		{"a number", `note: {from: v, normalise: missing}`, "-1", "-1"},
		{"a name is only emptied", `name: {from: v, normalise: missing}`, "（无）", "（无）"},
	})
}

func TestNormalisePhoneMakesHyphensOfDashes(t *testing.T) {
	runOps(t, []opCase{
		{"em dash", `note: {from: v, normalise: phone}`, "0777—6428820", "0777-6428820"},
		{"two em dashes", `note: {from: v, normalise: phone}`, "0777——6428820", "0777-6428820"},
		{"full width", `note: {from: v, normalise: phone}`, "０７７７－６４２８８２０", "0777-6428820"},
		{"blanks", `note: {from: v, normalise: phone}`, " 138 0000 0000\u3000", "13800000000"},
		{"brackets", `note: {from: v, normalise: phone}`, "（0777）6428820", "(0777)6428820"},
		{"only dashes", `note: {from: v, normalise: phone}`, "——", "NULL"},
		{"then missing", `note: {from: v, normalise: [phone, missing]}`, "无", "NULL"},
		{"a mobile number is handed on", `note: {from: v, normalise: phone, check: mobile}`, "13800000000", "13800000000"},
	})
}

func TestNormaliseWritesPunctuationWidthAndNFKC(t *testing.T) {
	runOps(t, []opCase{
		{"punctuation", `note: {from: v, normalise: punctuation}`, "甲、乙；丙（丁）【戊】《己》“庚”…", `甲,乙;丙(丁)[戊]<己>"庚"...`},
		{"punctuation leaves letters", `note: {from: v, normalise: punctuation}`, "Ａ", "Ａ"},
		{"then split", `tags: {from: v, normalise: punctuation, split: ";"}`, "甲；乙", `["甲","乙"]`},
		{"width", `note: {from: v, normalise: width}`, "Ａ１", "A1"},
		{"NFKC", `note: {from: v, normalise: nfkc}`, "㎡①Ａ", "m21A"},
	})
}

func TestUnitsConvertExactlyOrAsSaid(t *testing.T) {
	const money = `fee: {from: v, unit: {from: 万元, to: 元}}`
	runOps(t, []opCase{
		{"ten thousand", money, "12.5", "125000.00"},
		{"carries its unit", money, "12.5万元", "125000.00"},
		{"another unit", money, "12.5元", "reject bad_unit [万元]"},
		{"no number", money, "约12", "reject bad_decimal"},
		{"too many digits", money, "0.000001234", "reject bad_decimal"},
		{"finer than the field", money, "0.0000001", "reject inexact_unit"},
		{"negative", money, "-0.5", "-5000.00"},
		{"from fen", `fee: {from: v, unit: {from: 分, to: 元}}`, "12345", "123.45"},
		{"rounded half", `fee: {from: v, unit: {from: 元, to: 万元, round: half}}`, "12350", "1.24"},
		{"rounded down", `fee: {from: v, unit: {from: 元, to: 万元, round: down}}`, "12399", "1.23"},
		{"minutes to days", `count: {from: v, unit: {from: minute, to: day, round: up}}`, "1500", "2"},
		{"minutes to days, even", `count: {from: v, unit: {from: minute, to: day, round: up}}`, "1440", "1"},
		{"minutes to days, not even", `count: {from: v, unit: {from: minute, to: day}}`, "1500", "reject inexact_unit"},
		{"hours to minutes", `count: {from: v, unit: {from: 小时, to: 分钟}}`, "1.5", "90"},
		{"the unit taken off", `count: {from: v, unit: {from: 工作日, to: 工作日}}`, "15个工作日", "15"},
		{"with a blank", `count: {from: v, unit: {from: 天, to: 天}}`, "15 天", "15"},
		{"mu to square metres as text", `note: {from: v, unit: {from: 亩, to: 平方米, round: half}}`, "1.5", "1000"},
		{"as many decimals as there are", `note: {from: v, unit: {from: 元, to: 万元}}`, "12345", "1.2345"},
		{"whole as text", `note: {from: v, unit: {from: 万元, to: 元}}`, "3", "30000"},
		{"years", `count: {from: v, unit: {from: 年, to: 月}}`, "2年", "24"},
	})
}

func TestLookupTakesAColumnOfATable(t *testing.T) {
	runOps(t, []opCase{
		{"column named like the field", `name: {from: v, lookup: {table: windows}}`, "01", "一号窗口"},
		{"another column", `kind: {from: v, lookup: {table: windows, take: kind}}`, "01", "1"},
		{"an empty cell", `kind: {from: v, lookup: {table: windows, take: kind}}`, "02", "NULL"},
		{"the only column", `note: {from: v, lookup: {table: floors}}`, "01", "一楼"},
		{"trimmed before", `note: {from: v, trim: true, lookup: {table: floors}}`, " 01 ", "一楼"},
		{"not there", `note: {from: v, lookup: {table: floors}}`, "03", "reject no_lookup [floors 03]"},
		{"not there, blank", `note: {from: v, lookup: {table: floors}, else: blank}`, "03", "NULL + blank no_lookup [floors 03]"},
		{"of a crosswalk", `item_name: {from: v, lookup: {crosswalk: test/items}}`, "A2", "事项乙"},
		{"not in the crosswalk", `item_name: {from: v, lookup: {crosswalk: test/items}}`, "A3", "reject no_crosswalk [test/items A3]"},
	})
}
