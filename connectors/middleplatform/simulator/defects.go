package simulator

import (
	"slices"
	"strings"

	"banjian/connectors/middleplatform"
	"banjian/internal/fault"
	"banjian/internal/nearest"
	"banjian/internal/text"
)

// Defect is something a broken simulator does wrong. Its name is that of the assertion
// of the conformance check that finds it.
type Defect struct {
	Name string
	Says text.Text
}

// Defects lists what can be broken on purpose.
func Defects() []Defect {
	list := []Defect{
		{"sign.missing_signature", text.T("没有签名也收", "takes a call without a signature")},
		{"sign.missing_nonce", text.T("没有随机数也收", "takes a call without a nonce")},
		{"sign.missing_timestamp", text.T("没有时间戳也收", "takes a call without a timestamp")},
		{"sign.wrong_secret", text.T("不核对签名", "does not compare signatures")},
		{"sign.swapped", text.T("密钥和消息颠倒的签名也收", "takes the signature with secret and message swapped")},
		{"sign.unknown_key", text.T("不认识的接入者也收", "takes an unknown app key")},
		{"sign.replay", text.T("随机数可以重复用", "takes a nonce twice")},
		{"sign.stale", text.T("过期的时间戳也收", "takes a stale timestamp")},
		{"sign.future", text.T("超前的时间戳也收", "takes a timestamp far ahead")},
		{"sign.inside_window", text.T("时间窗只有 10 秒", "allows ten seconds only")},
		{"sign.no_effect", text.T("签名被拒的报文照样生效", "keeps the message of a call it refused")},
		{"cipher.other_key", text.T("解不开的密文也说收下", "says taken to what it cannot open")},
		{"cipher.plain", text.T("明文也收", "takes a message that is not sealed")},
		{"cipher.answer", text.T("回应不加密", "does not seal its answers")},
		{"envelope.json", text.T("要 JSON 也回 XML", "answers XML to who asks for JSON")},
		{"http.method", text.T("GET 也收", "takes GET")},
		{"http.unknown_path", text.T("没有的接口也说收下", "says taken at a path that does not exist")},
		{"body.doctype", text.T("接受文档类型声明", "takes a document type")},
		{"body.unknown_element", text.T("不认识的元素也收", "takes elements it does not know")},
		{"body.placeholder", text.T("必填项填“无”也收", "takes 无 for a required value")},
		{"accept.required", text.T("缺必填项也收", "takes a message that lacks a required value")},
		{"accept.bad_code", text.T("代码集以外的代码也收", "takes a code outside its set")},
		{"accept.bad_time", text.T("时间格式不对也收", "takes a malformed time")},
		{"accept.too_long", text.T("超长也收", "takes a text too long")},
		{"accept.refusal_reason", text.T("不予受理不写理由也收", "takes a refusal without a reason")},
		{"accept.before_application", text.T("受理早于申办也收", "takes an acceptance before the application")},
		{"accept.repeat", text.T("重复的报文被拒绝", "refuses the same message again")},
		{"accept.refused_no_effect", text.T("被拒的报文照样生效", "keeps a message it refused")},
		{"course.before_accept", text.T("未受理先推环节也收", "takes a step before the acceptance")},
		{"course.end_before_start", text.T("环节结束早于开始也收", "takes a step that ends before it begins")},
		{"course.order", text.T("环节不按开始时间也收", "takes steps in any order")},
		{"course.after_finish", text.T("办结后还收环节", "takes a step after the result")},
		{"correction.unknown_material", text.T("补正清单里有没申报的材料也收", "takes a correction of a material nobody handed in")},
		{"correction.count", text.T("补正材料与编码数目不符也收", "takes a correction whose lists differ in length")},
		{"suspend.result_without_request", text.T("没有申请先收结果", "takes the result of a special procedure without its request")},
		{"suspend.extension_limit", text.T("延长审批超过 10 天也收", "takes an extension of more than ten days")},
		{"suspend.end_before_start", text.T("特别程序结束早于开始也收", "takes a special procedure that ends before it begins")},
		{"finish.special_open", text.T("特别程序未结束也收办结", "takes a result while a special procedure is open")},
		{"finish.before_accept", text.T("未受理先办结也收", "takes a result before the acceptance")},
		{"finish.earlier_than_accept", text.T("办结早于受理也收", "takes a result earlier than the acceptance")},
		{"finish.once", text.T("办结推两次不同的也收", "takes another result of a case")},
		{"finish.reason", text.T("不予许可不写原因也收", "takes a refusal without a reason")},
		{"finish.licence_number", text.T("出证办结没有证件编号也收", "takes an issued licence without its number")},
		{"result_file.before_finish", text.T("未办结先收结果文件", "takes a result file before the result")},
		{"result_file.not_granted", text.T("不予许可也收结果文件", "takes a result file of a refusal")},
		{"result_file.md5", text.T("MD5 不符也收", "takes a file with another MD5")},
		{"result_file.kind", text.T("文件内容与名称不符也收", "takes a file of another kind than its name says")},
		{"result_file.together", text.T("一条报文只收一个文件", "takes one file a message only")},
		{"result_file.one_wrong", text.T("几个文件只核对第一个", "checks the first of several files only")},
		{"result_file.same_twice", text.T("一条报文里同一个文件出现两次也收", "takes a file twice in one message")},
		{"result_file.too_many", text.T("一条报文里再多文件也收", "takes any number of files in a message")},
		{"result_file.piece_fields", text.T("分片缺片数、大小或 MD5 也收", "takes a piece without their count, its MD5 or the size")},
		{"result_file.piece_range", text.T("片号大于片数也收", "takes a piece beyond the last")},
		{"result_file.piece_order", text.T("缺了前一片也收", "takes a piece before the one it follows")},
		{"result_file.piece_md5", text.T("分片的 MD5 不符也收", "takes a piece with another MD5")},
		{"result_file.piece_whole", text.T("各片合起来不是那个文件也收", "takes pieces that are another file together")},
		{"info.one_applicant", text.T("个人和企业两块都填", "fills both the person and the company")},
		{"info.echo", text.T("流水号与所问的不同", "answers with another flow number")},
		{"info.hanzi", text.T("汉字变成问号", "turns Chinese characters into question marks")},
		{"info.form", text.T("电子表单丢了", "loses the form")},
		{"info.unknown", text.T("不认识的流水号也给信息", "has details for an unknown flow number")},
		{"materials.count", text.T("材料少给一条", "leaves a material out")},
		{"materials.unique", text.T("材料编码重复", "repeats a material's code")},
		{"materials.md5", text.T("文件内容与 MD5 不符", "hands out another file than its MD5 says")},
		{"materials.correction", text.T("补正查询给出全部材料", "answers a correction with all materials")},
		{"apply_url.wrong_sign", text.T("申报地址不核对签名", "does not compare the signature of an address")},
		{"apply_url.stale", text.T("过期的申报地址也收", "takes a stale address")},
	}
	return list
}

// breaks reads the names of defects, joined by commas.
func breaks(names string) (map[string]bool, error) {
	broken := map[string]bool{}
	if names == "" {
		return broken, nil
	}
	var known []string
	for _, d := range Defects() {
		known = append(known, d.Name)
	}
	for name := range strings.SplitSeq(names, ",") {
		if !slices.Contains(known, name) {
			return nil, unknownName("缺陷", "defect", name, known)
		}
		broken[name] = true
	}
	return broken, nil
}

func unknownName(zh, en, name string, known []string) error {
	hint := nearest.Hint(name, known)
	if hint.IsZero() {
		hint = text.T("用 list 列出全部名称", "list shows all names")
	}
	return fault.New(fault.Config, "start simulator", "", text.F("没有%[1]s %[3]q", "there is no %[2]s %[3]q", zh, en, name), hint)
}

// problemNames are the assertions that a problem of a message is named by, beside
// INTERFACE.RULE.
func problemNames(in *middleplatform.Interface, p middleplatform.Problem) []string {
	names := []string{in.Name + "." + p.Rule, "body." + p.Rule + "_element"}
	last := p.Field[strings.LastIndexByte(p.Field, '/')+1:]
	switch in.Name + " " + p.Rule + " " + last {
	case "accept required YWSLYJ":
		names = append(names, "accept.refusal_reason")
	case "course too_early SPSJ":
		names = append(names, "course.end_before_start")
	case "finish required ZFHTHYY":
		names = append(names, "finish.reason")
	case "finish required ZJBH":
		names = append(names, "finish.licence_number")
	}
	return names
}

// tolerates says that a broken simulator overlooks what these assertions find.
func (s *Simulator) tolerates(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return s.broken[name] })
}
