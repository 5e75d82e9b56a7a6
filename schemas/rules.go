package schemas

import (
	"strings"

	"banjian/internal/text"
)

// RuleText is the sentence for a rule id, with args filled in: what is wrong and what
// to do about it, in words a clerk of the department understands. A rule of a check
// has a sentence for each reason, its first argument; receiver_refused with a single
// argument that is no reason holds the receiver's own words. An unknown id, a mapping's
// own rule for one, is its own text.
func RuleText(rule string, args []string) text.Text {
	if rule == "receiver_refused" && len(args) == 1 && args[0] != "other" {
		return fill(refusedWords, args)
	}
	if len(args) > 0 {
		if t, ok := reasonTexts[rule+"."+args[0]]; ok {
			return fill(t, args)
		}
	}
	if t, ok := ruleTexts[rule]; ok {
		return fill(t, args)
	}
	return text.T(rule, rule)
}

// fill puts args in; an argument that was not given shows as a dash.
func fill(t text.Text, args []string) text.Text {
	t = t.Fill(args...)
	if !strings.Contains(t.ZH, "{") && !strings.Contains(t.EN, "{") {
		return t
	}
	for _, mark := range []string{"{0}", "{1}", "{2}"} {
		t.ZH = strings.ReplaceAll(t.ZH, mark, "—")
		t.EN = strings.ReplaceAll(t.EN, mark, "—")
	}
	return t
}

// refusedWords is what is said around the words of a receiver.
var refusedWords = text.T("接收方拒收：{0}", "the receiver refused it: {0}")

// Rules is every rule id that has a sentence, sorted.
func Rules() []string { return sortedKeys(ruleTexts) }

var ruleTexts = map[string]text.Text{
	"required": text.T("必填内容为空，请补录后重新提供",
		"a required value is missing: enter it and provide the record again"),
	"too_long": text.T("内容超长：最多 {0} 个字符，实际 {1} 个，请缩短或改填到合适的字段",
		"too long: {0} characters at most, {1} given: shorten it or move it to a fitting field"),
	"too_long_bytes": text.T("内容超长：接收方按字节计，{2} 编码最多 {0} 字节，实际 {1} 字节，请缩短或改填到合适的字段",
		"too long: the receiver counts bytes, {0} of {2} at most, {1} given: shorten it or move it to a fitting field"),
	"not_in_charset": text.T("内容中有接收方字符集 {0} 里没有的字，请换用通行的写法",
		"it holds a character that the receiver's charset {0} lacks: use a common form of it"),
	"bad_code": text.T("值 {1} 不在代码集 {0} 中，请改为其中的代码",
		"{1} is not in code set {0}: use one of its codes"),
	"unmapped_code": text.T("来源代码 {1} 没有对应到代码集 {0}，请在映射文件中补上对应关系",
		"source code {1} is not mapped to code set {0}: add it to the mapping file"),
	"no_word_for_code": text.T("按对照 {0}，对方没有与 {1} 对应的代码；请在映射中写明改报什么，或不报",
		"by {0} the other side has no code for {1}: say in the mapping what is sent instead, or that nothing is"),
	"ambiguous_code": text.T("按对照 {0}，来源代码 {1} 可能是 {2} 中的任一个，请在映射的 but 中写明是哪一个",
		"by {0} source code {1} may be any of {2}: say which one under but in the mapping"),
	"code_not_in_force": text.T("代码 {1} 在该日期不属于代码集 {0}，请核实代码和日期",
		"{1} was not in code set {0} on that day: check the code and the date"),
	"code_replaced": text.T("代码 {1} 在该日期不属于代码集 {0}，对应的代码是 {2}，请核实代码和日期",
		"{1} was not in code set {0} on that day, the code for it is {2}: check the code and the date"),
	"bad_time": text.T("时间无法识别，请按“年-月-日 时:分:秒”填写真实存在的时间",
		"not a time: write an existing one as year-month-day hour:minute:second"),
	"time_gap": text.T("当地时钟跳过了这一时刻（夏令时切换），该时间不存在，请核实",
		"the local clock skipped this moment (daylight saving), the time does not exist: check it"),
	"bad_int": text.T("应为整数，请去掉文字、小数和单位",
		"not a whole number: remove words, decimals and units"),
	"bad_decimal": text.T("应为数字，请去掉文字、千分位和单位",
		"not a number: remove words, thousands separators and units"),
	"bad_region": text.T("行政区划应为 12 位数字，请补足位数",
		"an administrative division has 12 digits: fill them up"),
	"bad_amount": text.T("金额有误：至多两位小数，不带千分位和单位，位数不得超出",
		"not an amount: two decimals at most, no thousands separators or units, and no more digits than fit"),
	"too_early": text.T("时间早于不应早于的另一时间（如结束早于开始），请核实两个时间",
		"earlier than a time it must not precede, such as an end before its start: check both times"),
	"bad_bool": text.T("应为是或否，请按约定的写法填写",
		"neither yes nor no: use the agreed values"),
	"bad_text": text.T("内容含控制字符或乱码，请检查字符编码后重新提供",
		"holds control characters or broken text: check the character set and provide it again"),
	"key_null": text.T("标识该记录的字段为空，无法识别是哪一条，请补齐",
		"a key field is empty, the record cannot be told from others: fill it"),
	"duplicate_key": text.T("同一批数据中有两条记录的标识相同，请查明哪一条有效",
		"two records of one batch have the same key: find out which one is valid"),
	"no_crosswalk": text.T("对照表 {0} 中没有该本地编码，请补充对应的国家编码",
		"crosswalk {0} has no row for this local code: add its national code"),
	"no_crosswalk_then": text.T("对照表 {0} 中该本地编码在当日没有生效的行，请核对日期或补充对照",
		"crosswalk {0} has no row for this local code on that day: check the day or add the row"),
	"no_lookup_then": text.T("查找表 {0} 中 {1} 在当日没有生效的行，请核对日期或补充这一行",
		"lookup table {0} has no row for {1} on that day: check the day or add the row"),
	"no_lookup": text.T("查找表 {0} 中没有 {1}，请补充这一行",
		"lookup table {0} has no row for {1}: add it"),
	"bad_unit": text.T("数字后的单位不是约定的{0}，请只填数字或改用该单位",
		"the number carries another unit than {0}: write the number alone, or use that unit"),
	"inexact_unit": text.T("换算后除不尽，字段容不下，请核实数值，或在映射中写明 round",
		"the converted number has more decimals than the field holds: check it, or say round in the mapping"),
	"bad_form": text.T("电子表单不是完整的 JSON 或 XML，无法取值，请重新提供",
		"the form is no whole JSON or XML and cannot be read: provide it again"),
	"unknown_form": text.T("表单 {0} 没有取值路径，请在映射的 path 中补上",
		"there is no path for form {0}: add it to path in the mapping"),
	"explode_uneven": text.T("各列拆开后的项数不同（{0}），对不上号，请核实",
		"the columns do not have the same number of parts ({0}): check them"),
	"deadline_computed": text.T("承诺时间由受理时间、时限和工作日历推算",
		"the promised time was computed from acceptance, limit and calendar"),
	"deadline_open": text.T("中止尚未结束，暂不推算承诺时间",
		"a suspension has not ended: no deadline is computed yet"),
	"no_calendar": text.T("工作日历只有 {0} 至 {1} 年，推算会超出范围，承诺时间留空，请先补充日历",
		"the calendar knows the years {0} to {1} and the deadline lies beyond: it stays empty until the calendar is extended"),
	"applied_after_accepted": text.T("申请时间晚于受理时间，请核实两个时间",
		"the application lies after the acceptance: check both times"),
	"accepted_after_finished": text.T("受理时间晚于办结时间，请核实两个时间",
		"the acceptance lies after the completion: check both times"),
	"step_end_before_start": text.T("环节结束时间早于开始时间，请核实两个时间",
		"the step ends before it starts: check both times"),
	"waits_parent": text.T("所属办件的上一级记录尚未送达该接收方，送达后自动补发，无需处理",
		"its parent record has not reached this receiver yet; it will follow by itself, nothing to do"),
	"parent_not_applicable": text.T("所属办件不送该接收方，本记录也不送",
		"its case does not go to this receiver, nor does this record"),
	"waits_outcome": text.T("较早的版本已推送但结果不明，等它有了结果再推送本版本，无需处理",
		"an earlier version went out and its outcome is not known; this one goes after it, nothing to do"),
	"not_delivered": text.T("所属管道没有写上报该接收方，不送；写上后自动补发",
		"its pipeline does not deliver to this receiver; once it does, the record goes by itself"),
	"before_start": text.T("受理时间早于该接收方的起始时间，不送该接收方",
		"accepted before this receiver's start: not for this receiver"),
	"update_skipped": text.T("该接收方按约定只收第一次推送，之后的变化不再推送",
		"this receiver takes a record once, by agreement: later changes are not sent"),
	"update_not_taken": text.T("记录送达后又有变化，该接收方没有更正的办法，请联系接收方处理",
		"the record changed after delivery and this receiver has no way to correct it: settle it with the receiver"),
	"delete_not_taken": text.T("记录送达后被撤销，该接收方没有撤回的办法，请联系接收方处理",
		"the record was withdrawn after delivery and this receiver has no way to take it back: settle it with the receiver"),
	"waits_delete": text.T("记录已从来源撤销，向该接收方撤销须经人批准：banjian run 管道名 --approve-deletes",
		"the record was withdrawn at the source; taking it back from this receiver needs a person's approval: banjian run PIPELINE --approve-deletes"),
	"deleted_before_delivery": text.T("记录在送出之前已被删除，无需再送",
		"the record was deleted before it was ever delivered, nothing is sent"),
	"filtered": text.T("按该接收方的范围规则，本记录不在报送范围内",
		"outside what this receiver takes"),
	"receiver_refused": text.T("接收方数据库拒收该记录（错误号 {1}），请联系运维人员",
		"the receiver's database refused the record (error {1}): ask the operator"),
	"restricted": text.T("不宜公开的记录不送该接收方",
		"a restricted record does not go to this receiver"),
	"classified": text.T("涉密记录不得离开归集环节，请从视图中移除",
		"a classified record must not leave collection: take it out of the view"),
	"check_resident_id": text.T("公民身份号码有误，请与证件核对",
		"wrong resident identity number: compare it with the document"),
	"check_residence_permit": text.T("港澳台居民居住证号码应为 18 位，以 810000、820000 或 830000 开头，末位是校验位，请与证件核对",
		"the number of a residence permit has 18 characters, begins with 810000, 820000 or 830000 and ends with a check character: compare it with the card"),
	"check_passport": text.T("护照号码应为 5 至 15 位数字和大写字母，不含空格和横线，请与护照核对",
		"a passport number is 5 to 15 digits and capitals without blanks or dashes: compare it with the passport"),
	"check_passport_cn": text.T("中国护照号码应为 9 位：E 加 8 位数字，或 E 加字母再加 7 位数字（另有 D、S、P、G 和旧版 14、15 开头），请与护照核对",
		"a Chinese passport number has 9 characters: E and 8 digits, or E, a letter and 7 digits (also D, S, P, G and the old 14, 15): compare it with the passport"),
	"check_hk_macao_permit": text.T("港澳居民来往内地通行证号码应为 H 或 M 加 8 位数字（旧证 10 位），请与证件核对",
		"the mainland travel permit of a Hong Kong or Macao resident is H or M and 8 digits (old ones 10): compare it with the card"),
	"check_taiwan_permit": text.T("台湾居民来往大陆通行证号码应为 8 位数字（旧证 10 位），请与证件核对",
		"the mainland travel permit of a Taiwan resident is 8 digits (old ones 10): compare it with the card"),
	"check_hk_macao_travel": text.T("往来港澳通行证号码应为 C 加 8 位数字，或 C 加字母再加 7 位数字（旧证 W 开头），请与证件核对",
		"a travel permit to Hong Kong and Macao is C and 8 digits, or C, a letter and 7 digits (old ones W): compare it with the card"),
	"check_taiwan_travel": text.T("往来台湾通行证号码应为 L 加 8 位数字（旧证 T 开头），请与证件核对",
		"a travel permit to Taiwan is L and 8 digits (old ones T): compare it with the card"),
	"check_foreigner_permit": text.T("外国人永久居留证号码应为 3 位字母加 12 位数字，或以 9 开头的 18 位号码，请与证件核对",
		"the permanent residence card of a foreigner has 3 letters and 12 digits, or 18 characters that begin with 9: compare it with the card"),
	"check_uscc": text.T("统一社会信用代码有误，请与证照核对",
		"wrong unified social credit code: compare it with the licence"),
	"check_org_code": text.T("组织机构代码有误，请与证书核对",
		"wrong organisation code: compare it with the certificate"),
	"check_licence_id": text.T("电子证照标识有误，请从证照库重新取得",
		"wrong electronic licence identifier: fetch it again from the licence store"),
	"check_mobile": text.T("手机号码应为 11 位数字、以 13 至 19 开头，固定电话请填联系电话",
		"a mobile number has 11 digits and begins with 13 to 19: a landline belongs to the telephone field"),
	"check_zip": text.T("邮政编码应为 6 位数字", "a postal code has 6 digits"),
	"check_email": text.T("邮箱格式有误，应形如 name@example.cn",
		"not an e-mail address such as name@example.cn"),
	"item_code": text.T("事项编码有误，请与事项目录核对",
		"wrong item code: compare it with the item catalogue"),
	"item_unknown": text.T("事项目录 {0} 中没有该编码，请核对编码；新事项请先补入目录",
		"item catalogue {0} does not list this code: check it, or add the new item first"),
	"item_not_in_force": text.T("按事项目录 {0}，该事项的第 {1} 版在受理当日已经取消或到期，请核对编码和受理时间",
		"by item catalogue {0} version {1} of this item had ended on the day of acceptance: check the code and the time"),
	"item_before_list": text.T("受理早于事项目录 {0} 中该事项的第一版（第 {1} 版），无从核对，可用对照表",
		"accepted before the first version ({1}) in item catalogue {0}: it cannot be checked, a crosswalk can say more"),
	"item_paused": text.T("按事项目录 {0}，该事项（第 {1} 版）处于暂停状态，请核实",
		"by item catalogue {0} this item (version {1}) is suspended: check it"),
	"item_cancelled": text.T("按事项目录 {0}，该事项（第 {1} 版）已取消，取消日期未写，请核实",
		"by item catalogue {0} this item (version {1}) is cancelled, since when is not said: check it"),
	"item_name_differs": text.T("事项名称与事项目录 {0} 第 {1} 版不一致，请核对",
		"the name is not the one of version {1} in item catalogue {0}: compare them"),
	"item_version_differs": text.T("事项版本与受理当日有效的版本（目录 {0} 第 {1} 版）不一致，请核对",
		"the version is not the one in force on the day of acceptance ({1} in item catalogue {0}): compare them"),
	"item_te_unit": text.T("实施主体使用 TE 临时编码，请尽快换成统一社会信用代码",
		"the implementing body has a temporary TE code: replace it by its credit code"),
}

// reasonTexts is the finer sentence for rule.reason; {1} is the character expected,
// {2} the place.
var reasonTexts = map[string]text.Text{
	"check_resident_id.length": text.T("公民身份号码应为 18 位（旧号 15 位），请与证件核对",
		"a resident identity number has 18 characters (an old one 15): compare it with the document"),
	"check_resident_id.format": text.T("公民身份号码第 {2} 位不是数字（只有末位可为 X），请与证件核对",
		"character {2} of the resident identity number is no digit (only the last may be X): compare it with the document"),
	"check_resident_id.area": text.T("公民身份号码前两位不是有效的省级代码，请与证件核对",
		"the first two digits of the resident identity number are no province: compare it with the document"),
	"check_resident_id.area_unknown": text.T("公民身份号码前六位从来不是行政区划代码，请与证件核对；证件上确是如此的，请数据归集方改用 resident_id_form",
		"the first six digits of the resident identity number never were a division: compare it with the document; if it says so, have the data team use resident_id_form"),
	"check_resident_id.area_not_then": text.T("公民身份号码前六位的行政区划在出生时尚未设立或已经撤销，请与证件核对",
		"the first six digits of the resident identity number were no division at the birth: compare it with the document"),
	"check_resident_id.date": text.T("公民身份号码中的出生日期不存在，请与证件核对",
		"the date of birth in the resident identity number does not exist: compare it with the document"),
	"check_resident_id.check_digit": text.T("公民身份号码校验位不符：末位应为 {1}，多半有一位录错，请与证件核对",
		"check digit: the last character should be {1}, one digit is probably mistyped: compare it with the document"),

	"check_residence_permit.check_digit": text.T("居住证号码校验位不符：末位应为 {1}，多半有一位录错，请与证件核对",
		"check digit: the last character should be {1}, one digit is probably mistyped: compare it with the card"),
	"check_foreigner_permit.check_digit": text.T("永久居留证号码校验位不符：末位应为 {1}，多半有一位录错，请与证件核对",
		"check digit: the last character should be {1}, one digit is probably mistyped: compare it with the card"),

	"check_uscc.length": text.T("统一社会信用代码应为 18 位；9 位的是组织机构代码，请换成信用代码",
		"a unified social credit code has 18 characters; 9 are an organisation code: use the credit code"),
	"check_uscc.alphabet": text.T("统一社会信用代码第 {2} 位有误：只用数字和大写字母，且不用 I、O、Z、S、V",
		"character {2} of the credit code is wrong: only digits and capitals, without I, O, Z, S, V"),
	"check_uscc.format": text.T("统一社会信用代码第 3 至 8 位应为数字，第 {2} 位不是",
		"characters 3 to 8 of the credit code are digits, character {2} is not"),
	"check_uscc.check_digit": text.T("统一社会信用代码校验位不符：末位应为 {1}，多半有一位录错，请与证照核对",
		"check digit: the last character should be {1}, one character is probably mistyped: compare it with the licence"),
	"check_uscc.te_unit": text.T("TE 开头的是临时编码，不是统一社会信用代码，请换成正式代码",
		"a code that begins with TE is a stand-in, not a credit code: use the real one"),

	"check_org_code.length": text.T("组织机构代码应为 9 位，可在第 8 位后带连字符",
		"an organisation code has 9 characters, with or without a hyphen after the eighth"),
	"check_org_code.format": text.T("组织机构代码第 {2} 位有误：前 8 位为数字或大写字母，末位为数字或 X",
		"character {2} of the organisation code is wrong: 8 digits or capitals, then a digit or X"),
	"check_org_code.check_digit": text.T("组织机构代码校验位不符：末位应为 {1}，请与证书核对",
		"check digit: the last character should be {1}: compare it with the certificate"),

	"check_licence_id.prefix": text.T("电子证照标识应以 1.2.156.3005.2. 开头",
		"an electronic licence identifier begins with 1.2.156.3005.2."),
	"check_licence_id.length": text.T("电子证照标识应为五段：类型、颁发机构、流水号、版本、校验位",
		"an electronic licence identifier has five parts: type, issuer, serial, version, check character"),
	"check_licence_id.format": text.T("电子证照标识第 {2} 位有误：只用数字和大写字母，各段不得为空",
		"character {2} of the licence identifier is wrong: only digits and capitals, no part empty"),
	"check_licence_id.type": text.T("电子证照标识的类型段应为 18 位信用代码加 3 位顺序号",
		"the type part of the licence identifier is a credit code of 18 and a number of 3 digits"),
	"check_licence_id.version": text.T("电子证照标识的版本段应为 3 位数字",
		"the version part of the licence identifier has 3 digits"),
	"check_licence_id.check_digit": text.T("电子证照标识校验位不符：末位应为 {1}，请从证照库重新取得",
		"check digit: the last character should be {1}: fetch it again from the licence store"),

	"receiver_refused.too_long": text.T("接收方数据库的字段装不下该内容（错误号 {1}），请缩短后重新提供",
		"too long for the receiver's column (error {1}): shorten it and provide it again"),
	"receiver_refused.null": text.T("接收方数据库要求该字段必填（错误号 {1}），请补录后重新提供",
		"the receiver's database demands a value (error {1}): enter it and provide it again"),
	"receiver_refused.bad_time": text.T("接收方数据库不接受该时间（错误号 {1}），请核实",
		"the receiver's database does not take this time (error {1}): check it"),
	"receiver_refused.bad_text": text.T("接收方数据库的字符集存不下该内容中的某个字（错误号 {1}），请换字或请接收方调整",
		"the receiver's character set cannot hold a character of this value (error {1}): replace it or ask the receiver"),
	"receiver_refused.out_of_range": text.T("数值超出接收方数据库字段的范围（错误号 {1}），请核实",
		"the number is out of the range of the receiver's column (error {1}): check it"),
	"receiver_refused.other": text.T("接收方拒收该记录，没有说明原因，请联系运维人员",
		"the receiver refused the record and gave no reason: ask the operator"),
	"receiver_refused.duplicate": text.T("接收方数据库中已有同一标识的记录（错误号 {1}），请联系运维人员核对",
		"the receiver's database has a record of this identity already (error {1}): ask the operator to compare"),

	"item_code.empty": text.T("没有编码", "there is no code"),
	"item_code.length": text.T("位数不对：基本编码 12 位，实施编码 31 位，业务办理项编码 33 位",
		"wrong length: a basic code has 12 characters, an implementation code 31, a handling-item code 33"),
	"item_code.charset": text.T("第 {2} 个字节起含有数字和大写字母以外的字符",
		"something other than digits and capitals from byte {2} on"),
	"item_code.material_code": text.T("这是材料编码（事项编码后带 3 位材料序号），不是事项编码",
		"this is a material code (an item code and a material number of 3 digits), not an item code"),
	"item_code.local": text.T("这是地方编码，不能推算为国家编码，需在对照表中登记（crosswalk needed）",
		"a local code, crosswalk needed: the national code cannot be computed from it"),
	"item_code.unit_format": text.T("第 1–18 位实施主体信用代码有误：第 3 至 8 位应为数字，第 {2} 位不是",
		"characters 1–18, credit code of the body: characters 3 to 8 are digits, character {2} is not"),
	"item_code.unit_alphabet": text.T("第 1–18 位实施主体信用代码有误：第 {2} 位只能是数字或大写字母，且不用 I、O、Z、S、V",
		"characters 1–18, credit code of the body: character {2} must be a digit or a capital other than I, O, Z, S, V"),
	"item_code.check_digit": text.T("第 1–18 位实施主体信用代码校验位不符：第 {2} 位应为 {1}，请与单位证照核对",
		"characters 1–18, credit code of the body: check digit, character {2} should be {1}"),
	"item_code.level": text.T("第 {2} 位行使层级应为 1 至 7", "character {2}, level of exercise, is 1 to 7"),
	"item_code.region": text.T("第 {2} 位起的行政区划应为 00 或省级代码",
		"the division at character {2} is 00 or a province"),
	"item_code.type": text.T("第 {2} 位起的事项类型应为 01 至 99 的两位数字",
		"the item type at character {2} is two digits, 01 to 99"),
	"item_code.main": text.T("第 {2} 位主项有误：只用数字和大写字母，且不用 I、O、Z、S、V",
		"main item, character {2}: only digits and capitals, without I, O, Z, S, V"),
	"item_code.sub": text.T("第 {2} 位起的子项应为三位数字（目录中的主项可为 00Y）",
		"the sub-item at character {2} is three digits (00Y for the head of sub-items in a directory)"),
	"item_code.sub_class": text.T("第 {2} 位起的子项为 00Y：它只在目录中代表主项，不能用于实施，请改用具体子项",
		"the sub-item at character {2} is 00Y, which only heads sub-items in a directory: use one of them"),
	"item_code.handling_item": text.T("第 {2} 位起的业务办理项应为 01 至 99 的两位数字",
		"the handling item at character {2} is two digits, 01 to 99"),
}
