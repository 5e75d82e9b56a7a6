package itemcode

// Parts is the segments of an item code; a segment the code does not have is empty.
type Parts struct {
	Unit   string // 统一社会信用代码 of the implementing body, 18
	Level  string // 行使层级, 1
	Region string // 行政区划, 2
	Type   string // 事项类型, 2
	Main   string // 主项, 5
	Sub    string // 子项, 3
	Item   string // 业务办理项, 2
}

// Split cuts a code of 12, 14, 31 or 33 characters into its segments. It judges
// nothing: the segments are right only when Check finds the code good.
func Split(code string) (p Parts, ok bool) {
	switch len(code) {
	case 31, 33:
		p.Unit, p.Level, code = code[:18], code[18:19], code[19:]
	case 12, 14:
	default:
		return Parts{}, false
	}
	p.Region, p.Type, p.Main, p.Sub, p.Item = code[:2], code[2:4], code[4:9], code[9:12], code[12:]
	return p, true
}

// Basic is the basic code within.
func (p Parts) Basic() string { return p.Region + p.Type + p.Main + p.Sub }

// Parent is the basic code of the main item that heads the sub-item basic, itself when
// basic has no sub-items. Directories deviate now and then (one published code of 976
// has 000 where 00Y is due): a parent that is missing is worth a warning, no more.
func Parent(basic string) string {
	if len(basic) != 12 || basic[9:] == "000" || basic[9:] == "00Y" {
		return basic
	}
	return basic[:9] + "00Y"
}

// Class is what kind of power an item is (GB/T 39046—2020 A.1).
type Class string

const (
	Licensing   Class = "licensing"      // 行政许可
	Penalty     Class = "penalty"        // 行政处罚
	Coercion    Class = "coercion"       // 行政强制
	Levy        Class = "levy"           // 行政征收
	Payment     Class = "payment"        // 行政给付
	Inspection  Class = "inspection"     // 行政检查
	Confirming  Class = "confirmation"   // 行政确认
	Reward      Class = "reward"         // 行政奖励
	Arbitration Class = "arbitration"    // 行政裁决
	OtherPower  Class = "other_power"    // 其他行政权力
	Service     Class = "public_service" // 公共服务
	Unassigned  Class = ""               // nothing is published about it
)

var classes = [...]Class{Unassigned, Licensing, Penalty, Coercion, Levy, Payment, Inspection, Confirming, Reward, Arbitration, OtherPower}

// published are the types beyond 10 whose meaning differs by province, as the
// provinces' own listings show it.
var published = map[string]Class{
	"0020": Service,
	"4220": Service,
	"4420": OtherPower, "4421": Service,
	"4520": OtherPower,
}

// ClassOf decodes the type of an item. The digits of a type mean different things in
// different provinces, so region is needed. sure is false where only the national
// reading of the digits stands behind the answer: 10–19 other powers, 20 public
// service.
func ClassOf(region, typ string) (class Class, sure bool) {
	if c, ok := published[region+typ]; ok {
		return c, true
	}
	if len(typ) != 2 || !digit(typ[0]) || !digit(typ[1]) {
		return Unassigned, false
	}
	switch n := int(typ[0]-'0')*10 + int(typ[1]-'0'); {
	case n == 0:
		return Unassigned, false
	case n < 10:
		return classes[n], true
	case n == 10:
		return OtherPower, region == "00"
	case n < 20:
		return OtherPower, false
	case n < 30:
		return Service, false
	}
	return Unassigned, false
}
