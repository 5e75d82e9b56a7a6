package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

var (
	surnames = strings.Fields(`王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 高 林 罗 郑 梁 谢 宋 唐 许 韩 冯 邓 曹
		彭 曾 萧 田 董 潘 袁 蔡 蒋 余 于 杜 叶 程 苏 魏 吕 丁 任 沈 姚 卢 姜 崔 钟 谭 陆 汪 范 欧阳 司徒`)
	givenOne = strings.Fields(`安 博 晨 德 恩 帆 国 海 嘉 静 凯 岚 明 宁 鹏 琪 然 思 涛 维 欣 雅 泽 芳 桂 宏 佳 俊 丽 敏 佩 庆 瑞 淑 婷 文 晓 秀 燕 颖 玉 云 志 子`)
	givenTwo = strings.Fields(`华 强 军 平 英 玲 杰 辉 斌 峰 萍 红 霞 兰 梅 莉 洁 琳 媛 丹 妮 薇 雪 磊 勇 超 刚 伟 亮 健 波 宇 浩 轩 晖 昊 洋 龙`)
	trades   = strings.Fields(`电子科技 信息技术 建筑工程 物业服务 商贸 餐饮管理 物流 文化传播 机械制造 环保科技 医药 纺织品 汽车销售 人力资源服务`)
	brands   = strings.Fields(`岭晖 穗澜 粤桥 云岫 海珀 南榕 星沅 博砚 恒筑 启帆 木棉里 锦汀 长堤 东濠 望岗 石井桥`)
	streets  = strings.Fields(`榕荫路 望江大道 木棉街 东濠涌边街 长堤西路 石桥巷 学苑路 新港横街 文明里 珠水东路`)
	// Districts that have kept their codes since the 1980s.
	birthAreas = strings.Fields(`440103 440104 440105 440106 440111 110101 110102 310101 310104 330106 320102 510104 420106 350102 360102`)
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// chance is true in n of 100 draws.
func chance(r *rand.Rand, n int) bool { return r.IntN(100) < n }

func personName(r *rand.Rand) string {
	switch r.IntN(100) {
	case 0:
		return "阿依" + pick(r, givenTwo) + "·" + pick(r, givenOne) + "买提"
	case 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12:
		return pick(r, surnames) + pick(r, givenTwo)
	default:
		return pick(r, surnames) + pick(r, givenOne) + pick(r, givenTwo)
	}
}

// residentID invents a citizen number; its sequence code is one of 996–999, which the
// standard set aside for people born a century before it.
func residentID(r *rand.Rand) string {
	birthday := time.Date(1962, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(15000))
	first := fmt.Sprintf("%s%s%03d", pick(r, birthAreas), birthday.Format("20060102"), 996+r.IntN(4))
	return first + string(residentDigit(first))
}

// residentIDEndingX draws until the check character is X, one in eleven.
func residentIDEndingX(r *rand.Rand) string {
	for {
		if id := residentID(r); id[17] == 'X' {
			return id
		}
	}
}

// creditCode invents a unified social credit code under a registering department
// and kind such as "91"; the subject code begins X0, which nobody was given.
func creditCode(r *rand.Rand, kind string) string {
	org := fmt.Sprintf("X0%06d", r.IntN(1_000_000))
	first := kind + pick(r, birthAreas[:5]) + org + string(orgDigit(org))
	return first + string(creditDigit(first))
}

func companyName(r *rand.Rand) string {
	return "岭南市" + pick(r, brands) + pick(r, trades) + "有限公司"
}

// mobile invents a number under 154, a prefix without an operator.
func mobile(r *rand.Rand) string { return fmt.Sprintf("154%08d", r.IntN(100_000_000)) }

func landline(r *rand.Rand) string { return fmt.Sprintf("020-%08d", 30_000_000+r.IntN(9_000_000)) }

func address(r *rand.Rand) string {
	return fmt.Sprintf("岭南市第%d区%s%d号%d房", 1+r.IntN(6), pick(r, streets), 1+r.IntN(300), 101+r.IntN(2400))
}

func zipCode(r *rand.Rand) string { return fmt.Sprintf("5%05d", 10000+r.IntN(9000)) }
