package doctor

import (
	"strings"
	"time"

	"banjian/connectors/sqlview"
	"banjian/internal/text"
)

// standby says how far the server is behind the one that is written to. Where nobody knows,
// pipelines that read what changed need a lookback.
func (r *Report) standby(d *Department, l sqlview.Lag) {
	if !l.Standby {
		return
	}
	by := map[string]text.Text{"server": text.T("数据库自己报的", "by its own status"), "heartbeat": text.T("按心跳", "by the heartbeat"), "declared": text.T("按声明", "as declared")}[l.Means]
	if l.Known {
		r.Add("", "standby", OK, text.T("备库，落后 "+l.By.Round(time.Second).String()+"（"+by.ZH+"）；增量只读到那一刻为止", "a standby, "+l.By.Round(time.Second).String()+" behind ("+by.EN+"); increments are read up to that moment"), text.Text{})
		return
	}
	var bare []string
	for i := range d.Views {
		if f := &d.Views[i].Source.From; f.Mode == "incremental" && f.Lookback == 0 && f.Lag == 0 {
			bare = append(bare, d.Views[i].Pipeline)
		}
	}
	hint := text.T("请 DBA 查看复制是否停了，并允许账号看复制状态（MariaDB：GRANT SLAVE MONITOR ON *.*；MySQL：REPLICATION CLIENT），或在连接里写 heartbeat",
		"have the DBA see whether replication has stopped, and let the account see its state (MariaDB: GRANT SLAVE MONITOR ON *.*; MySQL: REPLICATION CLIENT), or write heartbeat at the connection")
	if len(bare) == 0 {
		r.Add("", "standby", Warn, text.T("备库，不知道落后多少；增量靠 lookback 补上迟到的行", "a standby, nobody knows how far behind; increments rely on lookback for rows that come late"), hint)
		return
	}
	names := strings.Join(bare, ", ")
	r.Add("", "standby", Fail, text.F("备库，不知道落后多少，而这些管道没有 lookback，不会读：%s", "a standby, nobody knows how far behind, and these pipelines have no lookback and will not read: %s", names),
		text.T("写 lookback（不短于主库上最长的事务，如 15m）；"+hint.ZH+"；不是备库则写 role: primary", "write lookback, no shorter than the longest transaction there, such as 15m; or "+hint.EN+"; if it is no standby, role: primary"))
}
