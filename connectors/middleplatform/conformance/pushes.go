package conformance

import (
	"strings"
	"time"

	"banjian/connectors/middleplatform"
)

// accepts are about interface 4.
func accepts(*middleplatform.Profile) []assertion {
	one := func(name, zh, en string, pairs ...string) assertion {
		return scripted("accept."+name, 4, zh, en, func(l *life) []step { return []step{refuse("accept", l.accept(pairs...))} })
	}
	return []assertion{
		scripted("accept.taken", 4, "受理被收下", "an acceptance is taken", func(l *life) []step { return []step{take("accept", l.accept())} }),
		scripted("accept.repeat", 4, "同一受理再推送仍被收下", "the same acceptance again is taken", func(l *life) []step {
			m := l.accept()
			return []step{take("accept", m), take("accept", m), take("accept", m)}
		}),
		scripted("accept.review", 4, "带预审的受理被收下", "an acceptance with a pre-review is taken", func(l *life) []step {
			return []step{take("accept", l.accept("YUSHEN/YWYSSJ", l.ago(5*time.Hour), "YUSHEN/YWYSRMC", "张样例", "YUSHEN/YWYSZT", "1"))}
		}),
		scripted("accept.refusal", 4, "写了理由的不予受理被收下", "a refusal with its reason is taken", func(l *life) []step {
			return []step{take("accept", l.accept("SHOULI/YWSLZT", "0", "SHOULI/YWSLYJ", "不属于本部门职权范围"))}
		}),
		one("refusal_reason", "不予受理要有理由", "a refusal needs its reason", "SHOULI/YWSLZT", "0"),
		one("required", "缺必填项被拒绝", "a message that lacks a required value is refused", "SHOULI/YWSLRMC", ""),
		one("flow_required", "没有申报流水号被拒绝", "a message without a flow number is refused", "SBLSH_SHORT", ""),
		one("item_required", "没有事项编码被拒绝", "a message without an item code is refused", "SXBM", ""),
		one("bad_code", "代码集以外的代码被拒绝", "a code outside its set is refused", "SHOULI/YWSLZT", "9"),
		one("bad_time", "格式不对的时间被拒绝", "a malformed time is refused", "SHOULI/YWSLSJ", "2024/07/01 09:00"),
		one("impossible_time", "不存在的日期被拒绝", "a day that does not exist is refused", "SHOULI/YWSLSJ", "2024-02-30 09:00:00"),
		one("bad_region", "不是 12 位的区划被拒绝", "a division that has not 12 digits is refused", "SHOULI/YWSLQHBM", "370102"),
		one("too_long", "超长的文字被拒绝", "a text too long is refused", "SHOULI/YWSLYJ", strings.Repeat("长", 2001)),
		one("before_application", "受理早于申办被拒绝", "an acceptance before the application is refused", "SHOULI/YWSLSJ", "2000-01-01 09:00:00"),
		scripted("accept.refused_no_effect", 4, "被拒的受理没有生效", "a refused acceptance has no effect", func(l *life) []step {
			return []step{refuse("accept", l.accept("SHOULI/YWSLZT", "9")), refuse("course", l.course())}
		}),
		scripted("accept.after_finish", 4, "办结之后不再收受理", "after the result no other acceptance is taken", func(l *life) []step {
			return []step{take("accept", l.accept()), take("finish", l.finish()), refuse("accept", l.accept("SHOULI/YWSLRMC", "赵样例"))}
		}),
		scripted("accept.after_return", 4, "退回办结之后再提交的受理、环节和办结被收下", "a case that was sent back and handed in again is accepted, worked on and finished anew", func(l *life) []step {
			return []step{take("accept", l.accept()), take("finish", l.finish("SPBANJIE/BJJGDM", "1", "SPBANJIE/BJJGMS", "退回", "SPBANJIE/ZFHTHYY", "材料需重做", "SPBANJIE/BJSJ", l.ago(2*time.Hour))),
				take("accept", l.accept("SHOULI/YWSLSJ", l.ago(100*time.Minute))), take("course", l.course("GDBSSPCL/JSSJ", l.ago(90*time.Minute), "GDBSSPCL/SPSJ", l.ago(80*time.Minute))),
				take("finish", l.finish()), refuse("accept", l.accept("SHOULI/YWSLSJ", l.ago(90*time.Minute)))}
		}),
	}
}

// courses are about interface 5.
func courses(*middleplatform.Profile) []assertion {
	after := func(name, zh, en string, taken bool, pairs func(*life) []string) assertion {
		return scripted("course."+name, 5, zh, en, func(l *life) []step {
			return []step{take("accept", l.accept()), {"course", l.course(pairs(l)...), taken}}
		})
	}
	pair := func(list ...string) func(*life) []string { return func(*life) []string { return list } }
	return []assertion{
		after("taken", "环节被收下", "a step is taken", true, pair()),
		scripted("course.before_accept", 5, "未受理的环节被拒绝", "a step before the acceptance is refused", func(l *life) []step { return []step{refuse("course", l.course())} }),
		after("end_before_start", "结束早于开始的环节被拒绝", "a step that ends before it begins is refused", false, func(l *life) []string {
			return []string{"GDBSSPCL/SPSJ", l.ago(200 * time.Minute)}
		}),
		after("begun_before_accept", "受理之前开始的环节被收下", "a step that began before the acceptance is taken", true, func(l *life) []string {
			return []string{"GDBSSPCL/JSSJ", l.ago(5 * time.Hour)}
		}),
		after("start_is_end", "开始等于结束的环节被收下", "a step that ends as it begins is taken", true, func(l *life) []string {
			return []string{"GDBSSPCL/SPSJ", l.ago(3 * time.Hour)}
		}),
		after("bad_code", "代码集以外的环节状态被拒绝", "a step state outside its set is refused", false, pair("GDBSSPCL/SPHJZTDM", "7")),
		after("required", "缺必填项的环节被拒绝", "a step that lacks a required value is refused", false, pair("GDBSSPCL/SPYJ", "")),
		scripted("course.repeat", 5, "同一环节再推送仍被收下", "the same step again is taken", func(l *life) []step {
			m := l.course()
			return []step{take("accept", l.accept()), take("course", m), take("course", m)}
		}),
		scripted("course.several", 5, "几个环节依次被收下", "several steps are taken one after the other", func(l *life) []step {
			return []step{take("accept", l.accept()), take("course", l.course()), take("course", l.course("GDBSSPCL/SPHJDM", "3", "GDBSSPCL/SPHJMC", "批准", "GDBSSPCL/JSSJ", l.ago(2*time.Hour)))}
		}),
		scripted("course.order", 5, "比已收环节开始更早的环节被拒绝", "a step that began before one that was taken is refused", func(l *life) []step {
			return []step{take("accept", l.accept()), take("course", l.course()), refuse("course", l.course("GDBSSPCL/SPHJDM", "1", "GDBSSPCL/SPHJMC", "承办", "GDBSSPCL/JSSJ", l.ago(210*time.Minute)))}
		}),
		scripted("course.after_finish", 5, "办结之后的环节被拒绝", "a step after the result is refused", func(l *life) []step {
			return []step{take("accept", l.accept()), take("finish", l.finish()), refuse("course", l.course())}
		}),
	}
}

// suspends are about interface 7.
func suspends(*middleplatform.Profile) []assertion {
	after := func(name, zh, en string, steps func(*life) []step) assertion {
		return scripted("suspend."+name, 7, zh, en, func(l *life) []step {
			return append([]step{take("accept", l.accept())}, steps(l)...)
		})
	}
	return []assertion{
		after("taken", "特别程序的申请和结果被收下", "a special procedure's request and result are taken", func(l *life) []step {
			return []step{take("suspend", l.suspend()), take("suspend", l.resume())}
		}),
		scripted("suspend.before_accept", 7, "未受理的特别程序被拒绝", "a special procedure before the acceptance is refused", func(l *life) []step {
			return []step{refuse("suspend", l.suspend())}
		}),
		after("result_without_request", "没有申请的结果被拒绝", "a result without its request is refused", func(l *life) []step {
			return []step{refuse("suspend", l.resume())}
		}),
		after("pairing", "序号不同的结果不算", "a result of another number does not count", func(l *life) []step {
			return []step{take("suspend", l.suspend()), refuse("suspend", l.resume("SPTEBIEJIEGUO/XH", "2"))}
		}),
		after("two", "两次特别程序各自配对", "two special procedures are paired each", func(l *life) []step {
			return []step{take("suspend", l.suspend()), take("suspend", l.resume()), take("suspend", l.suspend("SPTEBIESHENQING/XH", "2")), refuse("finish", l.finish()),
				take("suspend", l.resume("SPTEBIEJIEGUO/XH", "2")), take("finish", l.finish())}
		}),
		after("mixed", "申请和结果混在一条里被拒绝", "a request that is called a result is refused", func(l *life) []step {
			return []step{refuse("suspend", l.suspend("SUSPENDTYPE", "1"))}
		}),
		after("extension", "不超过 10 天的延长审批被收下", "an extension of ten days is taken", func(l *life) []step {
			return []step{take("suspend", l.suspend("SPTEBIESHENQING/TBCXZL", "A", "SPTEBIESHENQING/TBCXZLMC", "延长审批", "SPTEBIESHENQING/TBCXSX", "10"))}
		}),
		after("extension_limit", "超过 10 天的延长审批被拒绝", "an extension of more than ten days is refused", func(l *life) []step {
			return []step{refuse("suspend", l.suspend("SPTEBIESHENQING/TBCXZL", "A", "SPTEBIESHENQING/TBCXZLMC", "延长审批", "SPTEBIESHENQING/TBCXSX", "11"))}
		}),
		after("extension_zero", "0 天的延长审批被拒绝", "an extension of no days is refused", func(l *life) []step {
			return []step{refuse("suspend", l.suspend("SPTEBIESHENQING/TBCXZL", "A", "SPTEBIESHENQING/TBCXZLMC", "延长审批", "SPTEBIESHENQING/TBCXSX", "0"))}
		}),
		after("other_without_limit", "没有法定时限的其他特别程序被收下", "another procedure without a limit by law is taken", func(l *life) []step {
			return []step{take("suspend", l.suspend("SPTEBIESHENQING/TBCXSX", "0"))}
		}),
		after("end_before_start", "结束早于开始的特别程序被拒绝", "a special procedure that ends before it begins is refused", func(l *life) []step {
			return []step{take("suspend", l.suspend()), refuse("suspend", l.resume("SPTEBIEJIEGUO/TBCXJSRQ", l.ago(200*time.Minute)))}
		}),
		after("bad_code", "代码集以外的种类被拒绝", "a kind outside its set is refused", func(l *life) []step {
			return []step{refuse("suspend", l.suspend("SPTEBIESHENQING/TBCXZL", "1"))}
		}),
		after("repeat", "同一申请和结果再推送仍被收下", "the same request and result again are taken", func(l *life) []step {
			request, result := l.suspend(), l.resume()
			return []step{take("suspend", request), take("suspend", request), take("suspend", result), take("suspend", result)}
		}),
	}
}

// finishes are about interface 8.
func finishes(*middleplatform.Profile) []assertion {
	after := func(name, zh, en string, taken bool, pairs ...string) assertion {
		return scripted("finish."+name, 8, zh, en, func(l *life) []step {
			return []step{take("accept", l.accept()), {"finish", l.finish(pairs...), taken}}
		})
	}
	return []assertion{
		after("taken", "办结被收下", "a result is taken", true),
		scripted("finish.before_accept", 8, "未受理的办结被拒绝", "a result before the acceptance is refused", func(l *life) []step { return []step{refuse("finish", l.finish())} }),
		scripted("finish.lapsed", 8, "补正不来办结不需受理", "a result for want of a correction needs no acceptance", func(l *life) []step {
			return []step{take("finish", l.finish("SPBANJIE/BJJGDM", "5", "SPBANJIE/BJJGMS", "补正不来", "SPBANJIE/ZFHTHYY", "逾期未补正"))}
		}),
		scripted("finish.special_open", 8, "特别程序未结束的办结被拒绝", "a result while a special procedure is open is refused", func(l *life) []step {
			return []step{take("accept", l.accept()), take("suspend", l.suspend()), refuse("finish", l.finish()), take("suspend", l.resume()), take("finish", l.finish())}
		}),
		scripted("finish.earlier_than_accept", 8, "早于受理的办结被拒绝", "a result earlier than the acceptance is refused", func(l *life) []step {
			return []step{take("accept", l.accept()), refuse("finish", l.finish("SPBANJIE/BJSJ", l.ago(5*time.Hour)))}
		}),
		after("refusal", "写了原因的不予许可被收下", "a refusal with its reason is taken", true, "SPBANJIE/BJJGDM", "7", "SPBANJIE/BJJGMS", "不予许可", "SPBANJIE/ZFHTHYY", "不符合条件"),
		after("reason", "不予许可要有原因", "a refusal needs its reason", false, "SPBANJIE/BJJGDM", "7", "SPBANJIE/BJJGMS", "不予许可"),
		after("licence", "有证件编号的出证办结被收下", "an issued licence with its number is taken", true, "SPBANJIE/BJJGDM", "0", "SPBANJIE/BJJGMS", "出证", "SPBANJIE/ZJGZMC", "样例证", "SPBANJIE/ZJBH", "鲁样例〔2024〕1号"),
		after("licence_number", "出证办结要有证件编号", "an issued licence needs its number", false, "SPBANJIE/BJJGDM", "0", "SPBANJIE/BJJGMS", "出证"),
		after("fee", "有单位的收费被收下", "a fee with its currency is taken", true, "SPBANJIE/SFJE", "12.50", "SPBANJIE/JEDWDM", "CNY"),
		after("bad_amount", "不是数字的收费被拒绝", "a fee that is no number is refused", false, "SPBANJIE/SFJE", "十二元", "SPBANJIE/JEDWDM", "CNY"),
		after("currency", "收费要有单位", "a fee needs its currency", false, "SPBANJIE/SFJE", "12.50"),
		after("bad_code", "代码集以外的办结结果被拒绝", "a result outside its set is refused", false, "SPBANJIE/BJJGDM", "8"),
		scripted("finish.once", 8, "办结只收一次", "a result is taken once", func(l *life) []step {
			return []step{take("accept", l.accept()), take("finish", l.finish()), refuse("finish", l.finish("SPBANJIE/BJJGMS", "准予许可（更正）"))}
		}),
		scripted("finish.after_return", 8, "退回办结之后可再办结", "a case that was sent back is finished once more", func(l *life) []step {
			return []step{take("accept", l.accept()), take("finish", l.finish("SPBANJIE/BJJGDM", "1", "SPBANJIE/BJJGMS", "退回", "SPBANJIE/ZFHTHYY", "材料需重做")), take("finish", l.finish())}
		}),
		scripted("finish.repeat", 8, "同一办结再推送仍被收下", "the same result again is taken", func(l *life) []step {
			m := l.finish()
			return []step{take("accept", l.accept()), take("finish", m), take("finish", m)}
		}),
	}
}
