package demo

// What the platform must have of a case, from the model and the code lists of the
// interfaces as the profile sd-ywzt-2024 reads them: 0 is only for a licence issued, a
// case ended otherwise well is 6 准予许可, one the applicant withdrew 3 删除办结.
var (
	platformAction = map[string]string{"pass": "1", "return": "2", "other": "9"}
	platformResult = map[string]string{"issued": "0", "granted": "6", "refused": "7", "lapsed": "5", "withdrawn": "3", "done_other": "6"}
)

// message is one of the case's messages: a block, and whose case it is. more are the
// values of its key beyond those of the case.
func (c *theCase) message(name, block string, fields cells, more ...string) Message {
	return Message{Interface: name, Key: append([]string{c.flowNo, c.item.code}, more...),
		Message: map[string]any{"SBLSH_SHORT": c.flowNo, "SXBM": c.item.code, block: map[string]any(fields)}}
}

// twelve is a division code as messages have it.
func twelve(region string) string { return region + "000000" }

func (c *theCase) acceptMessage() Message {
	state := "1"
	if !c.accepted {
		state = "0"
	}
	return c.message("accept", "SHOULI", cells{}.
		time("YWSLSJ", c.acceptedAt).put("YWSLRMC", c.clerk.name).put("YWSLRBM", c.clerk.no).put("YWSLZT", state).put("YWSLYJ", c.opinion).
		put("YWSLQHMC", c.branch.division).put("YWSLQHBM", twelve(c.branch.region)).put("YWSLBMMC", c.branch.name).put("YWSLBMBM", centreCode()))
}

func (c *theCase) courseMessage(s *step) Message {
	return c.message("course", "GDBSSPCL", cells{}.
		put("SPHJDM", s.code).put("SPHJMC", s.name).put("SPBMMC", c.branch.name).put("SPBMZZJDMD", centreCode()).put("XZQHDM", twelve(c.branch.region)).
		put("SPRXM", s.clerk.name).put("SPHJZTDM", platformAction[s.action]).put("SPYJ", s.opinion).time("JSSJ", s.start).time("SPSJ", s.end),
		s.code, s.start.Format(stamp))
}

func (c *theCase) finishMessage() Message {
	r := c.result
	return c.message("finish", "SPBANJIE", cells{}.
		put("BJBMMC", c.branch.name).put("BJBMZZJDDM", centreCode()).put("XZQHDM", twelve(c.branch.region)).
		put("SPRXM", r.clerk.name).put("SPRDM", r.clerk.no).put("BJJGDM", platformResult[r.code]).put("BJJGMS", r.text).put("ZFHTHYY", r.reason).
		put("ZJGZMC", r.proof).put("ZJBH", r.proofNo).time("BJSJ", r.at))
}
