package demo

import (
	"strconv"
	"time"
)

// What the national tables must hold for a case, from the model and the national
// code lists of the 2020 layout as the profile national-2020 reads them: 0 is only for
// a licence issued, a refusal of whatever kind has no word of its own and is 6 办结(其他).
var (
	nationalApplicant = map[string]string{"1": "1", "2": "2", "3": "3", "4": "4"}
	nationalChannel   = map[string]string{"window": "1", "web": "2", "app": "2", "wechat": "2", "alipay": "2", "other": "2"}
	nationalAction    = map[string]string{"pass": "1", "return": "2", "other": "3"}
	nationalWay       = map[string]string{"paper": "1", "upload": "2", "licence": "3", "scan": "3"}
	nationalResult    = map[string]string{"issued": "0", "granted": "6", "refused": "6", "lapsed": "5", "withdrawn": "3", "not_accepted": "6", "done_other": "6"}
)

// cells collects columns and leaves out empty ones.
type cells map[string]any

func (m cells) put(column, value string) cells {
	if value != "" {
		m[column] = value
	}
	return m
}

func (m cells) time(column string, t time.Time) cells {
	if !t.IsZero() {
		m[column] = t.Format(stamp)
	}
	return m
}

func (c *theCase) nationalAccept() map[string]any {
	u, kind := &c.user, "2"
	if c.item.instant {
		kind = "1"
	}
	contact, contactType := u.contact, ""
	if u.contactID != "" {
		contactType = "111"
	}
	return cells{"task_version": c.item.version}.
		put("project_no", c.project()).
		put("catalog_code", c.item.catalogCode).put("task_code", c.item.taskCode).put("local_task_code", c.item.code).put("task_name", c.item.taskName).
		put("applyer_name", u.name).put("applyer_type", nationalApplicant[u.kind]).put("applyer_page_type", u.idType).put("applyer_page_code", u.idNo).
		time("apply_date", c.appliedAt).put("apply_type", nationalChannel[c.channel]).
		put("legal", u.legalRep).put("contact_name", contact).put("contact_type", contactType).put("contact_code", u.contactID).
		put("contact_mobile", u.phone).put("zip_code", u.zip).put("address", u.address).
		put("org_name", c.branch.name).put("org_code", centreCode()).put("handle_user_name", c.clerk.name).
		time("accept_date", c.acceptedAt).put("accept_doc_no", c.docNo).
		put("project_name", c.item.name+"（"+c.localNo+"）").put("project_type", kind).time("promise_date", c.promisedOn)
}

func (c *theCase) nationalStep(s *step) map[string]any {
	return cells{}.put("project_no", c.project()).put("event_name", nationalAction[s.action]).put("process_name", s.name).
		put("handle_user_name", s.clerk.name).put("handle_explain", s.opinion).
		time("event_start_time", s.start).time("event_end_time", s.end)
}

func (c *theCase) nationalMaterial(m *material) map[string]any {
	row := cells{}.put("project_no", c.project()).put("material_name", m.name).put("get_type", nationalWay[m.way]).put("material_attach_name", m.file)
	if m.count > 0 {
		row["get_num"] = itoa(m.count)
	}
	return row
}

func (c *theCase) nationalResult() map[string]any {
	r, posted, explain := c.result, "0", c.result.text
	if r.delivered {
		posted = "1"
	}
	if r.reason != "" {
		explain += "；" + r.reason
	}
	return cells{}.put("project_no", c.project()).put("handle_user_name", r.clerk.name).time("result_date", r.at).
		put("result_type", nationalResult[r.code]).put("result_cetr_name", r.proof).put("result_cetr_no", r.proofNo).
		put("result_explain", explain).put("is_delivery_results", posted).put("satisfaction", r.satisfaction)
}

func itoa(n int) string { return strconv.Itoa(n) }
