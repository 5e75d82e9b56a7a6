package demo

// item is a row of the department's item dictionary with what its crosswalk
// (对照表) provident-fund/items makes of it.
//
// Implementation codes are real published ones of neighbouring social-security
// services, with their published names: no published list at hand has those of a
// provident fund, and an invented code would teach nothing about real ones.
type item struct {
	code, name  string // the department's own number and name: sxbm, sxmc
	taskCode    string // 实施编码
	catalogCode string // 基本编码
	taskName    string
	version     int
	instant     bool     // 即办件
	units       bool     // employers apply, not people
	proof       string   // what an issued result is called; empty: nothing is issued
	materials   []string // asked for, the first always
}

// items is the dictionary; the last one is run by a body without a credit code (TE)
// and taken only where that dirt is wanted.
var items = []item{
	{code: "GJJ-0101", name: "个人住房公积金账户信息变更", taskCode: "11440000553612461J2442111662003", catalogCode: "442111662003", taskName: "企业职工个人社会保险信息变更", version: 4, instant: true, materials: []string{"居民身份证", "信息变更申请表"}},
	{code: "GJJ-0102", name: "机关事业单位职工账户信息变更", taskCode: "11440000553612461J2442111662001", catalogCode: "442111662001", taskName: "机关事业单位参保人员信息变更", version: 3, instant: true, materials: []string{"居民身份证", "信息变更申请表", "单位证明"}},
	{code: "GJJ-0103", name: "单位缴存人员增减变动", taskCode: "11440000553612461J2442111663001", catalogCode: "442111663001", taskName: "机关事业单位基本养老保险参保人员增减变动", version: 5, units: true, materials: []string{"人员增减变动表", "单位营业执照", "经办人身份证"}},
	{code: "GJJ-0201", name: "住房公积金断缴补缴", taskCode: "11440000553612461J2442111645002", catalogCode: "442111645002", taskName: "企业职工社会保险费断缴补缴申报", version: 2, units: true, materials: []string{"补缴申请书", "工资发放明细", "劳动合同", "单位营业执照"}},
	{code: "GJJ-0202", name: "住房公积金一次性补缴", taskCode: "11440000553612461J2442111647000", catalogCode: "442111647000", taskName: "一次性趸缴职工养老保险费申报", version: 7, units: true, materials: []string{"补缴申请书", "单位营业执照", "缴款凭证"}},
	{code: "GJJ-0301", name: "离休、退休提取住房公积金", taskCode: "11440000553612461J2442111666002", catalogCode: "442111666002", taskName: "企业职工养老保险个人账户一次性待遇申领", version: 6, instant: true, materials: []string{"居民身份证", "退休证", "银行卡"}},
	{code: "GJJ-0302", name: "购买自住住房提取住房公积金", taskCode: "11440000553612461J2442111666001", catalogCode: "442111666001", taskName: "机关事业单位养老保险个人账户一次性待遇申领", version: 6, materials: []string{"居民身份证", "商品房买卖合同", "购房发票", "婚姻关系证明", "银行卡"}},
	{code: "GJJ-0303", name: "租赁自住住房提取住房公积金", taskCode: "11440000553612461J2442111686001", catalogCode: "442111686001", taskName: "企业职工一次性养老保险待遇申领", version: 11, materials: []string{"居民身份证", "房屋租赁合同", "无房证明", "银行卡"}},
	{code: "GJJ-0304", name: "退役军人住房公积金账户转移", taskCode: "11440000553612461J2442111668002", catalogCode: "442111668002", taskName: "退役军人养老保险关系转移接续申请", version: 3, materials: []string{"居民身份证", "退役证明", "转移申请表"}},
	{code: "GJJ-0305", name: "住房公积金异地转移接续", taskCode: "11440000553612461J2442111668003", catalogCode: "442111668003", taskName: "未就业随军配偶养老保险关系转移接续申请", version: 3, materials: []string{"居民身份证", "转移申请表", "新单位缴存证明"}},
	{code: "GJJ-0401", name: "住房公积金个人住房贷款申请", taskCode: "1144000000694016742442109057033", catalogCode: "442109057033", taskName: "房屋买卖合同公证指引", version: 13, proof: "住房公积金贷款准予通知书", materials: []string{"居民身份证", "贷款申请表", "商品房买卖合同", "收入证明", "首付款凭证"}},
	{code: "GJJ-0402", name: "出具住房公积金缴存证明", taskCode: "11440000553612461J2442111748000", catalogCode: "442111748000", taskName: "依据档案记载出具相关证明", version: 2, instant: true, proof: "住房公积金缴存使用证明", materials: []string{"居民身份证", "证明开具申请表"}},
	{code: "GJJ-0901", name: "住房公积金文献资料查阅", taskCode: "TE440000GD030003VV2442199678000", catalogCode: "442199678000", taskName: "省文献编目中心赠书动态查询", version: 1, instant: true, materials: []string{"居民身份证"}},
}

var (
	ordinaryItems = items[:len(items)-1]
	standInItem   = &items[len(items)-1]
	proofItem     = &items[len(items)-2]
)

// branch is a counter of the centre: all act under the centre's credit code. division is
// what the shipped mapping calls its region.
type branch struct{ code, name, region, division string }

var branches = []branch{
	{"01", "岭南市住房公积金管理中心", "440100", "岭南市"},
	{"02", "岭南市住房公积金管理中心第一管理部", "440103", "岭南市第一区"},
	{"03", "岭南市住房公积金管理中心第二管理部", "440104", "岭南市第二区"},
	{"04", "岭南市住房公积金管理中心第三管理部", "440105", "岭南市第三区"},
	{"05", "岭南市住房公积金管理中心第四管理部", "440106", "岭南市第四区"},
	{"06", "岭南市住房公积金管理中心第五管理部", "440111", "岭南市第五区"},
}

// Branches that only dirt acts for: one whose credit code was typed wrong when it was
// entered, and one in a new district whose name no mapping knows.
var (
	mistypedBranch = branch{"99", "岭南市住房公积金管理中心第九管理部", "440112", "岭南市第六区"}
	unnamedBranch  = branch{"98", "岭南市住房公积金管理中心第八管理部", "440113", ""}
)

// centreCode is the centre's invented credit code; its check digits are computed so
// that they cannot be mistyped.
func centreCode() string {
	first := "12" + "440100" + "X0000001" + string(orgDigit("X0000001"))
	return first + string(creditDigit(first))
}

type clerk struct{ name, no string }

var clerks = []clerk{
	{"梁嘉颖", "G1001"}, {"苏宏杰", "G1002"}, {"谭雅琳", "G1003"}, {"卢志辉", "G1004"}, {"范晓薇", "G1005"}, {"崔明轩", "G1006"},
	{"陆静媛", "G2001"}, {"姚庆波", "G2002"}, {"钟敏霞", "G2003"}, {"汪泽宇", "G2004"},
}
