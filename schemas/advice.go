package schemas

import "banjian/internal/text"

// Advice is how the department mends a row that a rule refused, in one sentence for a
// clerk; args are those of the finding. A rule without advice of its own, a mapping's
// own for one, gets the general one.
func Advice(rule string, args []string) text.Text {
	if len(args) > 0 {
		if t, ok := advices[rule+"."+args[0]]; ok {
			return fill(t, args)
		}
	}
	if t, ok := advices[rule]; ok {
		return fill(t, args)
	}
	return generalAdvice
}

var generalAdvice = text.T("按“原因”在业务系统中更正该记录并保存，下次归集会自动重新读取",
	"correct the record in the department's system as the reason says and save it: it is read again by itself")

// advices are by rule, or by rule.reason as in reasonTexts.
var advices = map[string]text.Text{
	"required": text.T("在业务系统中补录该项后保存；本来就没有的，请告知数据归集方改用其他来源",
		"fill in the value and save; where there never is one, tell the data team so that another source is used"),
	"too_long": text.T("把内容缩短到 {0} 个字符以内，多余的说明移到备注",
		"shorten it to {0} characters and move the rest to a remark"),
	"too_long_bytes": text.T("把内容缩短到 {0} 字节以内（{2} 编码下一个汉字占 2 到 4 字节），多余的说明移到备注",
		"shorten it to {0} bytes of {2}, where a Chinese character takes 2 to 4, and move the rest to a remark"),
	"not_in_charset": text.T("把接收方字符集 {0} 里没有的生僻字或符号换成通行写法，或请接收方改用 GB 18030、UTF-8",
		"replace rare characters and symbols that charset {0} lacks by a common form, or ask the receiver for GB 18030 or UTF-8"),
	"bad_code": text.T("从代码集 {0} 中选择一个代码；业务系统用自己的代码时，请把对应关系交给数据归集方",
		"choose a code of {0}; if the system has codes of its own, hand the crosswalk to the data team"),
	"unmapped_code": text.T("确认来源代码 {1} 的含义并告知数据归集方，由其补入映射；录错的请改正",
		"tell the data team what code {1} means so that it is mapped; correct it if it was a slip"),
	"no_word_for_code": text.T("告知数据归集方：接收方没有 {1} 的代码，由其与接收方商定",
		"tell the data team that the receiver has no code for {1}: they settle it with the receiver"),
	"ambiguous_code": text.T("告知数据归集方代码 {1} 在本系统里指哪一种，由其写入映射",
		"tell the data team what code {1} means in this system so that the mapping says it"),
	"code_not_in_force": text.T("核对代码 {1} 和所属日期；代码已停用或尚未启用的，改填当时有效的代码",
		"compare code {1} with the date and use one that was in force"),
	"code_replaced": text.T("代码 {1} 当时不用，改填 {2}；日期录错的请改日期",
		"code {1} was not in use then: use {2}, or mend the date"),
	"bad_time": text.T("按“2026-01-31 09:30:00”的写法填写真实存在的时间",
		"write an existing time such as 2026-01-31 09:30:00"),
	"bad_int":     text.T("只填整数，例如 12", "write a whole number alone, such as 12"),
	"bad_decimal": text.T("只填数字，例如 1234.50", "write a number alone, such as 1234.50"),
	"bad_amount":  text.T("只填数字，至多两位小数，例如 1234.50", "write a number with two decimals at most, such as 1234.50"),
	"bad_bool":    text.T("填约定的“是”“否”写法（如 1、0）", "use the agreed values for yes and no, such as 1 and 0"),
	"bad_text": text.T("重新录入该项，去掉不可见字符；多条都有时请检查视图的字符编码",
		"enter the value again without invisible characters; where many rows have it, check the view's character set"),
	"bad_bytes": text.T("重新录入该项后保存；同一列多条都有时，告知数据归集方该列实际使用的字符集",
		"enter the value again and save; where many rows of the column have it, tell the data team which charset it is in"),
	"lost_char": text.T("重新录入该项后保存；多条都有时，请检查数据写入部门库时的字符集转换",
		"enter the value again and save; where many rows have it, look at how the data were converted on their way into the database"),
	"value_too_big": text.T("缩短这一项，或把它作为附件提供", "shorten the value, or provide it as a file"),
	"bad_region": text.T("填 12 位行政区划代码，不足的在右边补 0",
		"write the division with 12 digits, filled up with zeros on the right"),
	"too_early": text.T("核对这两个时间，改正录错的一个", "compare both times and correct the wrong one"),
	"bad_message": text.T("请发消息的一方按约定的格式重发该行；是管道的 format 写错的，改好后用 banjian streams rewind 重读",
		"have the sender emit the row again in the agreed format; if the pipeline's format is wrong, mend it and read again with banjian streams rewind"),
	"row_ragged":   text.T("打开文件的这一行，值里有分隔符或换行的要加引号", "open the file at this line: quote values that have a delimiter or line end in them"),
	"row_quote":    text.T("打开文件的这一行，补上引号；值里的引号写两个", "open the file at this line and close the quotation; double the marks within a value"),
	"row_too_long": text.T("打开文件的这一行，检查是否漏了换行或引号", "open the file at this line and look for a missing line end or quotation mark"),
	"row_json":     text.T("重新导出这一行，一行一个完整的 JSON 对象", "export the line again: one whole JSON object a line"),
	"cell_error":   text.T("打开工作簿的这一行，改正公式，或把公式换成值", "open the workbook at this row and mend the formula, or put the value in its place"),
	"file_reference": text.T("核对附件的路径或网址；确在别处的，请告知数据归集方加进约定的文件夹或主机",
		"check the path or address of the file; if it does lie elsewhere, have the data team add the folder or host"),
	"file_size": text.T("重新上传完整的附件，过大的先压缩或拆分，保存后会重新读取",
		"upload the whole file again, a smaller one if it is too large; it is read anew after that"),
	"file_type": text.T("用能打开的原件重新上传，扩展名与内容一致，保存后会重新读取",
		"upload an original that can be opened, its ending as its content is; it is read anew after that"),
	"file_digest": text.T("重新上传附件，或更正登记的校验值",
		"upload the file again, or correct the digest that is registered"),
	"file_checksum": text.T("重新上传文件和校验和文件，先传文件",
		"upload the file and its checksum again, the file first"),
	"file_empty":  text.T("重新导出；没有数据时也要有列名行", "export it again; without rows it still has a header"),
	"file_broken": text.T("重新导出并上传，传完再改成约定的文件名", "export and upload it again, and rename it when it is whole"),
	"file_too_large": text.T("确认文件确由部门导出；是的话按月或按千行分开，或导出为 CSV",
		"make sure that the department exported it; if so, split it by month or thousands of rows, or export CSV"),
	"file_charset": text.T("另存为约定的格式和编码，例如 CSV UTF-8", "save it in the agreed format and charset, such as CSV UTF-8"),
	"key_null": text.T("补齐受理号等标识字段；没有标识的记录无法报送",
		"fill the key, such as the local number: a record without one cannot be sent"),
	"duplicate_key": text.T("查出重复的两条，作废或删除无效的一条，或改正录错的编号",
		"find both records and cancel the invalid one, or correct the wrong number"),
	"no_crosswalk": text.T("把该本地编码对应的国家编码交给数据归集方，补入对照表",
		"hand the national code for this local code to the data team for the crosswalk"),
	"applied_after_accepted":  text.T("核对申请时间与受理时间，申请不应晚于受理", "compare application and acceptance: the application comes first"),
	"accepted_after_finished": text.T("核对受理时间与办结时间，受理不应晚于办结", "compare acceptance and completion: the acceptance comes first"),
	"step_end_before_start":   text.T("核对环节的开始与结束时间", "compare start and end of the step"),
	"message_too_large": text.T("精简过长的字段（如正文、扩展）后重新提供；确需这么长的，请运维人员与接收方商定更大的上限",
		"shorten the long fields (texts, extensions); where they must be that long, operations agree on a higher limit with the receiver"),
	"receiver_returned": text.T("按接收方的说明在业务系统中更正并保存，改好的记录会以同一标识重新上报；数据无误而接收方已处理的，运维人员用 banjian rejects redrive --receiver 重推",
		"correct the record as the receiver says and save it: it is delivered again under the same identity; where the data are right and the receiver has mended its side, the operator pushes it again with banjian rejects redrive --receiver"),
	"receiver_refused": text.T("记录已由接收方退回：能按原因改的请改正；不明白的联系运维人员",
		"the receiver sent it back: correct what the reason names, else ask the operator"),
	"classified":             text.T("把该记录从提供的视图中移除，不得再提供", "take the record out of the view and do not provide it again"),
	"check_resident_id":      text.T("与身份证原件核对后重新录入；证件类型选错的请改证件类型", "compare it with the card and enter it again; mend the kind of document if that was wrong"),
	"check_uscc":             text.T("与营业执照或法人证书核对后重新录入", "compare it with the licence and enter it again"),
	"check_org_code":         text.T("与组织机构代码证核对，或改填统一社会信用代码", "compare it with the certificate, or give the credit code instead"),
	"check_licence_id":       text.T("从电子证照系统重新复制标识，不要手工录入", "copy the identifier from the licence system instead of typing it"),
	"check_division":         text.T("从行政区划代码表中选，不足 12 位的在右边补 0", "choose it from the list of divisions; fill up with zeros on the right"),
	"check_residence_permit": text.T("与居住证原件核对后重新录入", "compare it with the card and enter it again"),
	"check_passport":         text.T("与护照原件核对，只录数字和大写字母", "compare it with the passport: digits and capitals only"),
	"check_passport_cn":      text.T("与护照原件核对后重新录入；外国护照请改证件类型", "compare it with the passport; for a foreign one mend the kind of document"),
	"check_hk_macao_permit":  text.T("与通行证原件核对后重新录入；证件类型选错的请改证件类型", "compare it with the card and enter it again; mend the kind of document if that was wrong"),
	"check_taiwan_permit":    text.T("与通行证原件核对后重新录入；证件类型选错的请改证件类型", "compare it with the card and enter it again; mend the kind of document if that was wrong"),
	"check_hk_macao_travel":  text.T("与通行证原件核对后重新录入；证件类型选错的请改证件类型", "compare it with the card and enter it again; mend the kind of document if that was wrong"),
	"check_taiwan_travel":    text.T("与通行证原件核对后重新录入；证件类型选错的请改证件类型", "compare it with the card and enter it again; mend the kind of document if that was wrong"),
	"check_foreigner_permit": text.T("与居留证原件核对后重新录入；证件类型选错的请改证件类型", "compare it with the card and enter it again; mend the kind of document if that was wrong"),
	"check_mobile":           text.T("填 11 位手机号码；只有固定电话的，把它填到联系电话", "write a mobile number of 11 digits; a landline belongs to the telephone field"),
	"check_zip":              text.T("填 6 位邮政编码", "write a postal code of 6 digits"),
	"check_email":            text.T("填完整的邮箱，例如 name@example.cn", "write a whole address such as name@example.cn"),
	"item_code":              text.T("按事项目录填实施编码；编码过期的请先在事项库更新", "write the implementation code of the item catalogue; renew an outdated one there first"),
	"item_unknown": text.T("与事项库核对编码；确是新事项的，请数据归集方更新事项目录 {0}",
		"compare the code with the item library; if it is new, have the data team renew item catalogue {0}"),
	"item_not_in_force": text.T("核对受理时间；事项已有新编码的，改用新编码",
		"check the time of acceptance; where the item has a new code, use that"),
	"item_code.local": text.T("把该地方编码对应的国家实施编码交给数据归集方，补入对照表",
		"hand the national implementation code for this local code to the data team for the crosswalk"),
}
