package main

import (
	"context"
	"crypto/md5"
	"database/sql"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	lifeDept     = "11440000MB2C70271K"
	lifeDeptName = "样例审批局"
	lifeRegion   = "370102000000"
	lifeDistrict = "历下区"
)

// bureau is the department: it works off its inbox and writes its own tables, which banjian reads.
type bureau struct {
	t     *testing.T
	db    *sql.DB
	dir   string
	town  *lifeTown
	model *lifeModel

	mu    sync.Mutex
	came  map[string]chan struct{} // by flow number and submission, closed when all of it is there
	drawn map[string]bool          // withdrawn
}

// key of came.
func submissionOf(flow string, n int) string { return fmt.Sprint(flow, " ", n) }

func (d *bureau) gate(key string) chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.came[key] == nil {
		d.came[key] = make(chan struct{})
	}
	return d.came[key]
}

// looks reads the inbox every few minutes, until ctx ends.
func (d *bureau) looks(ctx context.Context) {
	known := map[string]bool{}
	for sleep(ctx, 5*time.Minute) {
		d.each(`SELECT a.flow_no, a.submission FROM inbox_application a WHERE
			(SELECT count(*) FROM inbox_material m WHERE m.flow_no=a.flow_no AND m.submission=a.submission AND coalesce(m.file_state, 'stored')='stored')
			= 1 + length(CASE a.express_type WHEN '1' THEN a.reply_materials ELSE a.material_list END) - length(replace(CASE a.express_type WHEN '1' THEN a.reply_materials ELSE a.material_list END, '；', ''))`, func(row []string) {
			if key := row[0] + " " + row[1]; !known[key] {
				known[key] = true
				close(d.gate(key))
			}
		})
		d.each("SELECT flow_no FROM inbox_withdrawal WHERE answer='accepted'", func(row []string) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.drawn[row[0]] = true
		})
	}
}

func (d *bureau) each(query string, do func(row []string)) {
	rows, err := d.db.Query(query)
	if err != nil {
		d.t.Error(err)
		return
	}
	defer rows.Close()
	names, _ := rows.Columns()
	values, dest := make([]sql.NullString, len(names)), make([]any, len(names))
	for i := range values {
		dest[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			d.t.Error(err)
			return
		}
		row := make([]string, len(names))
		for i := range values {
			row[i] = values[i].String
		}
		do(row)
	}
	if err := rows.Err(); err != nil {
		d.t.Error(err)
	}
}

func (d *bureau) exec(query string, args ...any) {
	if _, err := d.db.Exec(query, args...); err != nil {
		d.t.Error(err)
	}
}

// comes waits for a submission with all its files; false = the test is over.
func (d *bureau) comes(l *life, submission int) bool {
	select {
	case <-d.gate(submissionOf(l.flow, submission)):
		return true
	case <-time.After(48 * time.Hour):
		d.t.Errorf("%s, submission %d, never came", l.flow, submission)
		return false
	}
}

// handles is the life of a case in the department.
func (d *bureau) handles(l *life) {
	if !d.comes(l, 0) {
		return
	}
	time.Sleep(l.between(80*time.Minute, 90*time.Minute)) // longer than a withdrawal may be under way
	d.mu.Lock()
	drawn := d.drawn[l.flow]
	d.mu.Unlock()
	if drawn != l.withdrawn {
		d.t.Errorf("%s is withdrawn: %v", l.flow, drawn)
	}
	if drawn {
		return
	}
	d.exec(`INSERT INTO bj SELECT ?, flow_no, item_code, item_name, applicant_name, applicant_type, applicant_id_type, applicant_id_no, applied_at, ? FROM inbox_application WHERE flow_no=? AND submission=0`,
		l.localNo, map[bool]string{true: "即办件", false: "其他"}[l.instant], l.flow)
	if d.asksFor(l) {
		d.decides(l)
	}
}

// asksFor has the applicant correct what is wrong; false = nothing came back and the case is over.
func (d *bureau) asksFor(l *life) bool {
	for round := range l.corrections {
		d.corrects(l, round)
		if l.lapses && round == l.corrections-1 {
			time.Sleep(l.between(time.Hour, 2*time.Hour))
			d.exec("UPDATE bz SET bzjg='逾期', gxsj=? WHERE slbh=? AND bzbh=?", wall(time.Now()), l.localNo, fmt.Sprint("B", round+1))
			d.ends(l, "补正不来", "5", "申请人逾期未补正")
			return false
		}
		if !d.comes(l, round+1) {
			return false
		}
		d.exec("UPDATE bz SET bzjg='已补正', sdsj=?, gxsj=? WHERE slbh=? AND bzbh=?", l.replies[round].at, wall(time.Now()), l.localNo, fmt.Sprint("B", round+1))
		d.works(l)
	}
	return true
}

func (d *bureau) works(l *life) { time.Sleep(l.between(5*time.Minute, 20*time.Minute)) }

// corrects tells the applicant what to correct (interface 6).
func (d *bureau) corrects(l *life, round int) {
	at := wall(time.Now())
	codes, names := l.asks(d.town.application(l.flow), round)
	l.replies = append(l.replies, &reply{notice: at, codes: codes, names: names})
	reason := fmt.Sprintf("第 %d 次：%s 不清晰 <请重拍> & 加盖公章", round+1, joinedBy(names, "、"))
	d.model.sends("correction", l, "SPBUZHENGGAOZHI/BZGZFCRXM", "孙告知", "SPBUZHENGGAOZHI/BZGZYY", reason, "SPBUZHENGGAOZHI/BZCLQD", joinedBy(names, ";"), "SPBUZHENGGAOZHI/BQBZCLBM", joinedBy(codes, ";"),
		"SPBUZHENGGAOZHI/BZGZSX", "5", "SPBUZHENGGAOZHI/BZGZSXDW", "G", "SPBUZHENGGAOZHI/BZGZSJ", at, "SPBUZHENGGAOZHI/XZQHDM", lifeRegion, "SPBUZHENGGAOZHI/D_ZZJGDM", lifeDept)
	d.exec("INSERT INTO bz VALUES (?,?,?,?,?,?,?,?,?,?,?)", l.localNo, fmt.Sprint("B", round+1), at, "孙告知", reason, joinedBy(names, "、"), joinedBy(codes, "、"), 5, nil, "待补正", at)
}

// accepts writes the decision with its pre-review (interface 4).
func (d *bureau) accepts(l *life, round int, state, code, opinion string) {
	at, before := wall(time.Now()), wall(time.Now().Add(-5*time.Minute))
	d.says(l, code, opinion, at, before)
	d.exec("INSERT INTO sl VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", l.localNo, round, state, at, "李受理", "0017", opinion, before, "钱预审", "0007", "通过", "材料齐全", at)
}

func (d *bureau) says(l *life, code, opinion, at, before string) {
	d.model.sends("accept", l, "YUSHEN/YWYSSJ", before, "YUSHEN/YWYSRMC", "钱预审", "YUSHEN/YWYSRBM", "0007", "YUSHEN/YWYSZT", "1", "YUSHEN/YWYSYJ", "材料齐全", "YUSHEN/YWYSQHMC", lifeDistrict, "YUSHEN/YWYSQHBM", lifeRegion,
		"YUSHEN/YWYSBMMC", lifeDeptName, "YUSHEN/YWYSBMBM", lifeDept, "SHOULI/YWSLSJ", at, "SHOULI/YWSLRMC", "李受理", "SHOULI/YWSLRBM", "0017", "SHOULI/YWSLZT", code, "SHOULI/YWSLYJ", opinion,
		"SHOULI/YWSLQHMC", lifeDistrict, "SHOULI/YWSLQHBM", lifeRegion, "SHOULI/YWSLBMMC", lifeDeptName, "SHOULI/YWSLBMBM", lifeDept)
}

// decides goes from the acceptance to the end.
func (d *bureau) decides(l *life) {
	if l.refused {
		d.accepts(l, 1, "不予受理", "0", "不属于本机关职权范围")
		d.exec("INSERT INTO bjjg(slbh, lc, bjjg, jgms, bhyy, bjsj, spr, gxsj) VALUES (?1,1,'不予受理','不予受理','不属于本机关职权范围',?2,'李受理',?2)", l.localNo, wall(time.Now()))
		d.model.stays("platform", "not_applicable", "told_by_accept", l.localNo, "1")
		return
	}
	l.round = 1
	if l.returned {
		d.accepts(l, 1, "不予受理", "0", "材料不符，退回修改")
		if !d.comes(l, 1) {
			return
		}
		d.works(l)
		l.round = 2
	}
	if l.rethought {
		d.accepts(l, 1, "不予受理", "0", "材料不符")
		time.Sleep(10 * time.Second)
		l.round = 2
	}
	d.accepts(l, l.round, "受理", "1", "予以受理")
	close(l.accepted)
	accepted := time.Now()
	for i := range l.steps {
		if l.open && i == l.steps-1 {
			d.begins(l, i)
			d.model.stays("platform", "held", "step_open", l.localNo, fmt.Sprint("H", i+1))
			return
		}
		d.step(l, i)
		if l.later && i == 0 {
			d.corrects(l, l.corrections)
			if !d.comes(l, l.corrections+1) {
				return
			}
		}
		if l.amends == "accept" && i == 0 {
			d.works(l)
			d.says(l, "1", "予以受理（更正）", wall(accepted), wall(accepted.Add(-5*time.Minute)))
			d.exec("UPDATE sl SET slyj='予以受理（更正）', gxsj=? WHERE slbh=?", wall(time.Now()), l.localNo)
		}
	}
	if l.special {
		d.suspends(l)
	}
	d.ends(l, l.result, map[string]string{"准予": "6", "出证": "0", "不予许可": "7"}[l.result], map[string]string{"不予许可": "不符合法定条件"}[l.result])
	for i := range l.files {
		d.files(l, i)
	}
}

var lifeSteps = []string{"承办", "审核", "批准"}

// begins opens a step; it is not told before it is done.
func (d *bureau) begins(l *life, i int) time.Time {
	d.exec("INSERT INTO hj(slbh, hjbh, hjdm, hjmc, hjzt, blr, kssj, gxsj) VALUES (?1,?2,?3,?4,'待办','周承办',?5,?5)", l.localNo, fmt.Sprint("H", i+1), fmt.Sprint(i+1), lifeSteps[i], wall(time.Now()))
	return time.Now()
}

// step is one from its begin to its end (interface 5).
func (d *bureau) step(l *life, i int) {
	began := d.begins(l, i)
	if !l.instant {
		d.works(l)
	}
	action, code := "同意", "1"
	if l.n%7 == 5 && i == 0 {
		action, code = "退回", "2"
	}
	tell := func(opinion, ended string) {
		d.model.sends("course", l, "GDBSSPCL/SPHJDM", fmt.Sprint(i+1), "GDBSSPCL/SPHJMC", lifeSteps[i], "GDBSSPCL/SPBMMC", lifeDeptName, "GDBSSPCL/SPBMZZJDMD", lifeDept, "GDBSSPCL/XZQHDM", lifeRegion,
			"GDBSSPCL/SPRXM", "周承办", "GDBSSPCL/SPHJZTDM", code, "GDBSSPCL/SPYJ", opinion, "GDBSSPCL/JSSJ", wall(began), "GDBSSPCL/SPSJ", ended)
	}
	ended := wall(time.Now())
	tell(action+"，按规定办理", ended)
	d.exec("UPDATE hj SET hjzt='已办', hjjg=?, blyj=?, jssj=?, gxsj=? WHERE slbh=? AND hjbh=?", action, action+"，按规定办理", ended, ended, l.localNo, fmt.Sprint("H", i+1))
	if l.amends == "step" && i == 0 {
		d.works(l)
		tell(action+"（更正）", ended)
		d.exec("UPDATE hj SET blyj=?, gxsj=? WHERE slbh=? AND hjbh=?", action+"（更正）", wall(time.Now()), l.localNo, fmt.Sprint("H", i+1))
	}
}

// suspends asks for a special procedure and, later, ends it (interface 7).
func (d *bureau) suspends(l *life) {
	kind, code, fee, currency := "其他", "B", "", ""
	if l.n%8 == 0 {
		kind, code, fee, currency = "延长审批", "A", "12.50", "CNY"
	}
	began := wall(time.Now())
	d.model.sends("suspend", l, "SUSPENDTYPE", "0", "SPTEBIESHENQING/XH", "1", "SPTEBIESHENQING/TBCXZL", code, "SPTEBIESHENQING/TBCXZLMC", "专家评审", "SPTEBIESHENQING/TBCXKSRQ", began, "SPTEBIESHENQING/TBCXPZR", "吴批准",
		"SPTEBIESHENQING/TBCXQDLY", "需专家评审", "SPTEBIESHENQING/SQNR", "暂停计时", "SPTEBIESHENQING/TBCXSX", "5", "SPTEBIESHENQING/TBCXSXDW", "G", "SPTEBIESHENQING/XZQHDM", lifeRegion)
	d.exec("INSERT INTO tb(slbh, xh, zl, zlmc, kssj, pzr, qdly, sqnr, sx, sfje, gxsj) VALUES (?1,'1',?2,'专家评审',?3,'吴批准','需专家评审','暂停计时',5,'无',?3)", l.localNo, kind, began)
	d.works(l)
	d.works(l)
	ended := wall(time.Now())
	d.model.sends("suspend", l, "SUSPENDTYPE", "1", "SPTEBIEJIEGUO/XH", "1", "SPTEBIEJIEGUO/TBCXJG", "评审通过", "SPTEBIEJIEGUO/JGCSRQ", ended, "SPTEBIEJIEGUO/TBCXJSRQ", ended, "SPTEBIEJIEGUO/TBCXSFJE", fee, "SPTEBIEJIEGUO/JEDWDM", currency,
		"SPTEBIEJIEGUO/XZQHDM", lifeRegion)
	d.exec("UPDATE tb SET jg='评审通过', jgsj=?1, jssj=?1, sfje=coalesce(nullif(?2,''), '无'), gxsj=?1 WHERE slbh=?3", ended, fee, l.localNo)
	d.works(l)
}

// ends writes the result (interface 8).
func (d *bureau) ends(l *life, result, code, reason string) {
	at, name, number, valid, issuer := wall(time.Now()), "", "", "", ""
	if result == "出证" {
		name, number, valid, issuer = "样例许可证、样例副本", l.localNo+"-1、"+l.localNo+"-2", "长期", lifeDeptName
	}
	d.model.sends("finish", l, "SPBANJIE/BJBMMC", lifeDeptName, "SPBANJIE/BJBMZZJDDM", lifeDept, "SPBANJIE/XZQHDM", lifeRegion, "SPBANJIE/SPRXM", "郑批准", "SPBANJIE/BJJGDM", code, "SPBANJIE/BJJGMS", result, "SPBANJIE/ZFHTHYY", reason,
		"SPBANJIE/ZJGZMC", name, "SPBANJIE/ZJBH", number, "SPBANJIE/ZJYXQX", valid, "SPBANJIE/FZGZDW", issuer, "SPBANJIE/BJSJ", at)
	d.exec("INSERT INTO bjjg VALUES (?1,?9,?2,?2,nullif(?3,''),?4,'郑批准',nullif(?5,''),nullif(?6,''),nullif(?7,''),nullif(?8,''),?4)", l.localNo, result, reason, at, name, number, valid, issuer, max(l.round, 1))
}

// files hands over a file of the result (interface 9), which may come after its row or be
// replaced later.
func (d *bureau) files(l *life, i int) {
	name := fmt.Sprintf("核准书%d.pdf", i+1)
	write := func(version int) (place string) {
		place = fmt.Sprintf("%s/%d-%d.pdf", l.localNo, i+1, version)
		content := fmt.Appendf(nil, "%%PDF-1.7\n%% %s 第 %d 版\n%%%%EOF\n", l.localNo, version)
		d.model.sends("result_file", l, resultFile+"ZZBM", "11100000", resultFile+"ZZMC", "核准书", resultFile+"ATTACH_NAME", name, resultFile+"ATTACH_ID", fmt.Sprint("F", i+1), resultFile+"ATTACH_TYPE", "pdf",
			resultFile+"ATTACH_BODY", base64.StdEncoding.EncodeToString(content), resultFile+"ATTACH_SIGN", fmt.Sprintf("%x", md5.Sum(content)), resultFile+"SAVE_TYPE", "1", resultFile+"SLBMZZJGDM", lifeDept, resultFile+"XZQHDM", lifeRegion)
		if version == 1 && l.lateFile {
			time.Sleep(l.between(10*time.Minute, 30*time.Minute))
		}
		path := filepath.Join(d.dir, filepath.FromSlash(place))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			d.t.Error(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			d.t.Error(err)
		}
		return place
	}
	row := func(version int) []any {
		return []any{l.localNo, fmt.Sprint("F", i+1), "11100000", "核准书", name, "pdf", `E:\jgwj\` + strings.ReplaceAll(fmt.Sprintf("%s/%d-%d.pdf", l.localNo, i+1, version), "/", `\`), wall(time.Now())}
	}
	if !l.lateFile {
		write(1)
	}
	d.exec("INSERT INTO wj VALUES (?,?,?,?,?,?,?,?)", row(1)...)
	if l.lateFile {
		write(1)
	}
	if l.amends == "file" && i == 0 {
		d.works(l)
		write(2)
		d.exec("INSERT OR REPLACE INTO wj VALUES (?,?,?,?,?,?,?,?)", row(2)...)
	}
}

const resultFile = "SPSHENPIJIEGUODATA/SPSHENPIJIEGUO/"
