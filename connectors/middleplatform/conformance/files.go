package conformance

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"banjian/connectors/middleplatform"
)

const resultBlock = "SPSHENPIJIEGUODATA/SPSHENPIJIEGUO/"

func (l *life) resultFile(id, content string, pairs ...string) *middleplatform.Element {
	return l.message(append([]string{resultBlock + "ZZBM", "11100000", resultBlock + "ZZMC", "提取核准书", resultBlock + "ATTACH_NAME", "核准书.pdf", resultBlock + "ATTACH_ID", id, resultBlock + "ATTACH_TYPE", "pdf",
		resultBlock + "ATTACH_BODY", base64.StdEncoding.EncodeToString([]byte(content)), resultBlock + "ATTACH_SIGN", sumOf(content), resultBlock + "SAVE_TYPE", "1",
		resultBlock + "SLBMZZJGDM", department, resultBlock + "XZQHDM", division}, pairs...)...)
}

func sumOf(content string) string {
	sum := md5.Sum([]byte(content))
	return hex.EncodeToString(sum[:])
}

// together is several files in one message.
func together(files ...*middleplatform.Element) *middleplatform.Element {
	parent, _, _ := strings.Cut(resultBlock, "/")
	first := files[0]
	for _, f := range files[1:] {
		first.Child(parent).Children = append(first.Child(parent).Children, f.Child(parent).Children...)
	}
	return first
}

// granted is a case whose result files are taken, and what comes then.
func (l *life) granted(then ...step) []step {
	return append([]step{take("accept", l.accept()), take("finish", l.finish())}, then...)
}

// resultFiles are about interface 9.
func resultFiles(p *middleplatform.Profile) []assertion {
	after := func(name, zh, en string, taken bool, pairs ...string) assertion {
		return scripted("result_file."+name, 9, zh, en, func(l *life) []step {
			return l.granted(step{"result_file", l.resultFile("f1", "%PDF-1.4 样例", pairs...), taken})
		})
	}
	list := []assertion{
		after("taken", "结果文件被收下", "a result file is taken", true),
		scripted("result_file.before_finish", 9, "未办结的结果文件被拒绝", "a result file before the result is refused", func(l *life) []step {
			return []step{take("accept", l.accept()), refuse("result_file", l.resultFile("f1", "%PDF-1.4 样例"))}
		}),
		scripted("result_file.not_granted", 9, "不予许可的结果文件被拒绝", "a result file of a refusal is refused", func(l *life) []step {
			return []step{take("accept", l.accept()), take("finish", l.finish("SPBANJIE/BJJGDM", "7", "SPBANJIE/BJJGMS", "不予许可", "SPBANJIE/ZFHTHYY", "不符合条件")), refuse("result_file", l.resultFile("f1", "%PDF-1.4 样例"))}
		}),
		after("md5", "MD5 不符的文件被拒绝", "a file with another MD5 is refused", false, resultBlock+"ATTACH_SIGN", strings.Repeat("0", 32)),
		after("kind", "内容与名称所说不符的文件被拒绝", "a file of another kind than its name says is refused", false, resultBlock+"ATTACH_NAME", "核准书.png"),
		after("no_content", "没有内容也没有路径的文件被拒绝", "a file with neither content nor path is refused", false, resultBlock+"ATTACH_BODY", ""),
		after("bad_base64", "不是 Base64 的内容被拒绝", "a content that is no base64 is refused", false, resultBlock+"ATTACH_BODY", "内容"),
		scripted("result_file.several", 9, "几个结果文件依次被收下", "several files are taken one after the other", func(l *life) []step {
			return l.granted(take("result_file", l.resultFile("f1", "%PDF-1.4 甲")), take("result_file", l.resultFile("f2", "%PDF-1.4 乙")))
		}),
		scripted("result_file.repeat", 9, "同一文件再推送仍被收下", "the same file again is taken", func(l *life) []step {
			m := l.resultFile("f1", "%PDF-1.4 样例")
			return l.granted(take("result_file", m), take("result_file", m))
		}),
	}
	files := p.Interfaces["result_file"].Files
	if files != nil && files.Together > 1 {
		list = append(list, severalFiles(files.Together)...)
	}
	if files != nil && files.Pieces != nil {
		list = append(list, filePieces(files.Pieces)...)
	}
	return list
}

// severalFiles are about messages with more than one.
func severalFiles(most int) []assertion {
	return []assertion{
		scripted("result_file.together", 9, "一条报文里几个文件被收下，重复推送也收下", "several files in one message are taken, and again", func(l *life) []step {
			m := together(l.resultFile("f1", "%PDF-1.4 甲"), l.resultFile("f2", "%PDF-1.4 乙"))
			return l.granted(take("result_file", m), take("result_file", m), take("result_file", l.resultFile("f2", "%PDF-1.4 乙")))
		}),
		scripted("result_file.one_wrong", 9, "几个文件里有一个不对，整条被拒绝", "several files of which one is wrong are refused", func(l *life) []step {
			return l.granted(refuse("result_file", together(l.resultFile("f1", "%PDF-1.4 甲"), l.resultFile("f2", "%PDF-1.4 乙", resultBlock+"ATTACH_SIGN", strings.Repeat("0", 32)))))
		}),
		scripted("result_file.same_twice", 9, "一条报文里同一个文件出现两次被拒绝", "a file that is there twice in one message is refused", func(l *life) []step {
			return l.granted(refuse("result_file", together(l.resultFile("f1", "%PDF-1.4 甲"), l.resultFile("f1", "%PDF-1.4 甲"))))
		}),
		scripted("result_file.too_many", 9, "一条报文里文件太多被拒绝", "too many files in one message are refused", func(l *life) []step {
			var files []*middleplatform.Element
			for i := range most + 1 {
				files = append(files, l.resultFile(fmt.Sprint("f", i), "%PDF-1.4 甲"))
			}
			return l.granted(refuse("result_file", together(files...)))
		}),
	}
}

// divided is a file in pieces of some bytes.
func (l *life) divided(p *middleplatform.PieceProfile, content string, size int) (list []*middleplatform.Element) {
	count := (len(content) + size - 1) / size
	for n := range count {
		part := content[n*size : min((n+1)*size, len(content))]
		list = append(list, l.resultFile("f1", part, resultBlock+"ATTACH_SIGN", sumOf(content), resultBlock+p.Number, strconv.Itoa(n+1), resultBlock+p.Count, strconv.Itoa(count),
			resultBlock+p.MD5, sumOf(part), resultBlock+p.Bytes, strconv.Itoa(len(content))))
	}
	return list
}

// filePieces are about files that go in pieces.
func filePieces(p *middleplatform.PieceProfile) []assertion {
	const content, size = "%PDF-1.4 样例 in three pieces", 12
	one := func(name, zh, en string, steps func(l *life, pieces []*middleplatform.Element) []step) assertion {
		return scripted("result_file."+name, 9, zh, en, func(l *life) []step { return l.granted(steps(l, l.divided(p, content, size))...) })
	}
	changed := func(m *middleplatform.Element, name, value string) *middleplatform.Element {
		put(m, strings.Split(resultBlock+name, "/"), value)
		return m
	}
	return []assertion{
		one("pieces", "分片依次被收下", "the pieces of a file are taken in order", func(_ *life, m []*middleplatform.Element) []step {
			return []step{take("result_file", m[0]), take("result_file", m[1]), take("result_file", m[2])}
		}),
		one("piece_repeat", "重复推送的分片被收下", "a piece again is taken", func(_ *life, m []*middleplatform.Element) []step {
			return []step{take("result_file", m[0]), take("result_file", m[0]), take("result_file", m[1]), take("result_file", m[1]), take("result_file", m[0]), take("result_file", m[2]), take("result_file", m[2])}
		}),
		one("piece_again", "整个文件从第一片重推被收下", "a whole file again, from its first piece, is taken", func(_ *life, m []*middleplatform.Element) []step {
			return []step{take("result_file", m[0]), take("result_file", m[1]), take("result_file", m[2]), take("result_file", m[0]), take("result_file", m[1]), take("result_file", m[2])}
		}),
		one("piece_replaced", "换了内容的文件从第一片重推被收下", "a file that was replaced is taken from its first piece", func(l *life, m []*middleplatform.Element) []step {
			other := l.divided(p, strings.Replace(content, "three", "as many", 1), size)
			return []step{take("result_file", m[0]), take("result_file", m[1]), take("result_file", other[0]), take("result_file", other[1]), take("result_file", other[2])}
		}),
		one("piece_order", "缺了前一片的分片被拒绝", "a piece before the one it follows is refused", func(l *life, _ []*middleplatform.Element) []step {
			m := l.divided(p, content, size/2) // the piece that is refused is not the last
			return []step{take("result_file", m[0]), refuse("result_file", m[2]), take("result_file", m[1]), take("result_file", m[2])}
		}),
		one("piece_fields", "缺片数的分片被拒绝", "a piece without their count is refused", func(_ *life, m []*middleplatform.Element) []step {
			return []step{refuse("result_file", changed(m[0], p.Count, ""))}
		}),
		one("piece_range", "片号大于片数被拒绝", "a piece beyond the last is refused", func(l *life, m []*middleplatform.Element) []step {
			return []step{take("result_file", m[0]), take("result_file", m[1]), take("result_file", m[2]), refuse("result_file", changed(l.divided(p, content, size)[2], p.Number, "4"))}
		}),
		one("piece_md5", "内容与本片 MD5 不符的分片被拒绝", "a piece with another MD5 is refused", func(_ *life, m []*middleplatform.Element) []step {
			return []step{refuse("result_file", changed(m[0], p.MD5, strings.Repeat("0", 32)))}
		}),
		one("piece_whole", "各片合起来不是那个文件，最后一片被拒绝", "the last piece of what is another file together is refused", func(l *life, m []*middleplatform.Element) []step {
			wrong := strings.Repeat("x", size)
			return []step{take("result_file", m[0]), take("result_file", changed(changed(l.divided(p, content, size)[1], "ATTACH_BODY", base64.StdEncoding.EncodeToString([]byte(wrong))), p.MD5, sumOf(wrong))), refuse("result_file", m[2])}
		}),
	}
}
