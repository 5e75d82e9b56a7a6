package demo

import (
	"math/rand/v2"
	"strings"
	"time"
)

// Outcomes of a row that is not simply collected and delivered.
const (
	Mended        = "mended"         // collected, the mapping put it right without a word
	Blanked       = "blanked"        // collected without one optional value, counted
	Warned        = "warned"         // collected, noted and counted
	Rejected      = "rejected"       // at collect, or at the receiver named
	Held          = "held"           // at the receiver named
	NotApplicable = "not_applicable" // at the receiver named
	Filtered      = "filtered"       // left out by the mapping's where:
)

// Dirts that are more than a changed cell.
const (
	duplicateKey  = "duplicate_key"
	missingParent = "missing_parent"
)

// dirt is one kind of mistake and its single consequence.
type dirt struct {
	name    string
	table   int
	weight  int // how often it falls, against the others
	wish    wish
	outcome string
	rule    string // empty: none is recorded
	field   string // canonical
	far     bool   // the consequence happens at the receiver
	// spoil writes the mistake into the department's row. What it changes in the case is
	// what remains true after collecting: an optional value that is given up.
	spoil func(c *theCase, r *rand.Rand, set func(column string, value any))
}

type setter = func(column string, value any)

var dirts = []dirt{
	{name: "full_width_id", table: tabAccept, weight: 3, wish: wish{person: true}, outcome: Mended, field: "applicant_id_no",
		spoil: func(c *theCase, _ *rand.Rand, set setter) { set("zjhm", fullWidth(c.user.idNo)) }},
	{name: "full_width_mobile", table: tabAccept, weight: 3, outcome: Mended, field: "contact_mobile",
		spoil: func(c *theCase, _ *rand.Rand, set setter) { set("lxdh", fullWidth(c.user.phone)) }},
	{name: "lower_case_x", table: tabAccept, weight: 2, wish: wish{person: true, idEndsX: true}, outcome: Mended, field: "applicant_id_no",
		spoil: func(c *theCase, _ *rand.Rand, set setter) { set("zjhm", strings.ToLower(c.user.idNo)) }},
	{name: "blanks_around", table: tabAccept, weight: 3, outcome: Mended, field: "applicant_name",
		spoil: func(c *theCase, _ *rand.Rand, set setter) { set("sqr", "  "+c.user.name+"\u3000") }},
	{name: "placeholder_text", table: tabAccept, weight: 4, outcome: Mended, field: "address",
		spoil: func(c *theCase, r *rand.Rand, set setter) {
			c.user.address = ""
			set("txdz", pick(r, []string{"无", "null", "-"}))
		}},
	{name: "bad_id_digit", table: tabAccept, weight: 2, wish: wish{person: true}, outcome: Rejected, rule: "check_resident_id", field: "applicant_id_no",
		spoil: func(c *theCase, _ *rand.Rand, set setter) { set("zjhm", spoil(c.user.idNo, "0123456789X")) }},
	{name: "bad_credit_digit", table: tabAccept, weight: 1, outcome: Rejected, rule: "check_uscc", field: "dept_code",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("jgbh", mistypedBranch) }},
	{name: "unknown_applicant_type", table: tabAccept, weight: 1, outcome: Rejected, rule: "unmapped_code", field: "applicant_type",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("sqrlx", "其它") }},
	{name: "impossible_date", table: tabAccept, weight: 1, outcome: Rejected, rule: "bad_time", field: "accepted_at",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("slsj", "2024-02-30 09:15:00") }},
	{name: "zero_date", table: tabAccept, weight: 1, outcome: Rejected, rule: "bad_time", field: "applied_at",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("sqsj", "0000-00-00 00:00:00") }},
	{name: duplicateKey, table: tabAccept, weight: 1, outcome: Rejected, rule: "duplicate_key",
		spoil: func(c *theCase, r *rand.Rand, set setter) {
			set("blr", pick(r, clerks).name+"（补录）")
			set("gxsj", c.acceptStamp.Add(time.Second).Format(stamp))
		}},
	{name: missingParent, table: tabAccept, weight: 1, outcome: Held, rule: "waits_parent", far: true},
	{name: "applied_after_accepted", table: tabAccept, weight: 1, outcome: Rejected, rule: "applied_after_accepted", field: "applied_at",
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			set("sqsj", c.acceptedAt.AddDate(0, 0, 1).Format(stamp))
		}},
	{name: "promise_before_accept", table: tabAccept, weight: 1, wish: wish{stages: true}, outcome: Rejected, rule: "promise_after_accept",
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			set("cnbjsj", c.acceptedAt.AddDate(0, 0, -1).Format(time.DateOnly))
		}},
	{name: "no_name", table: tabAccept, weight: 1, outcome: Rejected, rule: "required", field: "applicant_name",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("sqr", nil) }},
	{name: "unknown_item", table: tabAccept, weight: 1, outcome: Rejected, rule: "no_crosswalk", field: "task_code",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("sxbm", "GJJ-9999") }},
	{name: "stand_in_unit", table: tabAccept, weight: 2, wish: wish{item: standInItem}, outcome: Warned, rule: "item_te_unit", field: "task_code"},
	{name: "long_remark", table: tabAccept, weight: 2, outcome: Blanked, rule: "too_long", field: "remark",
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			c.remark = ""
			set("bz", strings.Repeat("详见纸质档案。", 160))
		}},
	{name: "landline", table: tabAccept, weight: 3, outcome: Blanked, rule: "check_mobile", field: "contact_mobile",
		spoil: func(c *theCase, r *rand.Rand, set setter) {
			c.user.phone = ""
			set("lxdh", landline(r))
		}},
	{name: "bad_zip", table: tabAccept, weight: 2, outcome: Blanked, rule: "check_zip", field: "zip_code",
		spoil: func(c *theCase, r *rand.Rand, set setter) {
			c.user.zip = ""
			set("yzbm", zipCode(r)[:5])
		}},
	{name: "unknown_channel", table: tabAccept, weight: 2, outcome: Warned, rule: "unmapped_code", field: "channel",
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			c.channel = "other"
			set("sqqd", "其他渠道")
		}},

	{name: "step_without_action", table: tabStep, weight: 2, wish: wish{stages: true}, outcome: Rejected, rule: "required", field: "action",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("dz", nil) }},
	{name: "long_opinion", table: tabStep, weight: 2, wish: wish{stages: true}, outcome: Rejected, rule: "too_long", field: "opinion",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) {
			set("blyj", strings.Repeat("经审核情况属实同意", 230))
		}},
	{name: "step_ends_before_start", table: tabStep, weight: 2, wish: wish{stages: true}, outcome: Rejected, rule: "step_end_before_start", field: "started_at",
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			set("kssj", c.steps[1].end.Add(time.Hour).Format(stamp))
		}},
	{name: "impossible_month", table: tabStep, weight: 2, wish: wish{stages: true}, outcome: Rejected, rule: "bad_time", field: "started_at",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("kssj", "2025-13-01 10:00:00") }},
	{name: "control_in_opinion", table: tabStep, weight: 2, wish: wish{stages: true}, outcome: Mended, field: "opinion",
		spoil: func(c *theCase, _ *rand.Rand, set setter) { set("blyj", "\u200b"+c.steps[1].opinion+"\u0001\u0002") }},
	{name: "control_in_code", table: tabStep, weight: 2, wish: wish{stages: true}, outcome: Rejected, rule: "bad_text", field: "step_code",
		spoil: func(c *theCase, _ *rand.Rand, set setter) { set("hjdm", c.steps[1].code+"\u001a") }},
	{name: "blanks_around_user", table: tabStep, weight: 3, wish: wish{stages: true}, outcome: Mended, field: "user",
		spoil: func(c *theCase, _ *rand.Rand, set setter) { set("blr", " "+c.steps[1].clerk.name+" ") }},

	{name: "count_in_words", table: tabMaterial, weight: 3, outcome: Blanked, rule: "bad_int", field: "get_num",
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			c.materials[0].count = 0
			set("fs", "两份")
		}},
	{name: "material_without_name", table: tabMaterial, weight: 2, outcome: Rejected, rule: "required", field: "material_name",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("clmc", "") }},
	{name: "unknown_way", table: tabMaterial, weight: 2, outcome: Rejected, rule: "unmapped_code", field: "get_type",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("sqfs", "传真") }},

	{name: "finished_before_accepted", table: tabResult, weight: 2, wish: wish{result: true, stages: true}, outcome: Rejected, rule: "accepted_after_finished", field: "finished_at", far: true,
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			set("bjsj", c.acceptedAt.AddDate(0, 0, -1).Format(stamp))
		}},
	{name: "unknown_result", table: tabResult, weight: 2, wish: wish{result: true}, outcome: Rejected, rule: "unmapped_code", field: "result_code",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("bjjg", "7") }},
	{name: "zero_finish", table: tabResult, weight: 2, wish: wish{result: true}, outcome: Rejected, rule: "bad_time", field: "finished_at",
		spoil: func(_ *theCase, _ *rand.Rand, set setter) { set("bjsj", "0000-00-00 00:00:00") }},
	{name: "bad_satisfaction", table: tabResult, weight: 2, wish: wish{result: true}, outcome: Blanked, rule: "bad_code", field: "satisfaction",
		spoil: func(c *theCase, _ *rand.Rand, set setter) {
			c.result.satisfaction = ""
			set("myd", "0")
		}},
}

// deck deals dirts: every fifth case gets one, first every kind once, then by weight.
type deck struct {
	r     *rand.Rand
	cards []*dirt
	dealt bool
}

const dirtyEvery = 5

func newDeck(seed uint64) *deck { return &deck{r: rand.New(rand.NewPCG(seed, 0xd127))} }

// next is the dirt of case n, nil for a clean one.
func (d *deck) next(n int) *dirt {
	if n%dirtyEvery != dirtyEvery-1 {
		return nil
	}
	if len(d.cards) == 0 {
		for i := range dirts {
			for range max(1, dirts[i].weight*btoi(d.dealt)) {
				d.cards = append(d.cards, &dirts[i])
			}
		}
		d.dealt = true
		d.r.Shuffle(len(d.cards), func(i, j int) { d.cards[i], d.cards[j] = d.cards[j], d.cards[i] })
	}
	card := d.cards[len(d.cards)-1]
	d.cards = d.cards[:len(d.cards)-1]
	return card
}

// row is the index of the row of its table that the dirt falls on.
func (d *dirt) row() int {
	if d.table == tabStep {
		return 1
	}
	return 0
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
