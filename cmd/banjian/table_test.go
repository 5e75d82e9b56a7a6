package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"banjian/internal/chars"
)

func TestTablesLineUpAlthoughChineseIsTwiceAsWide(t *testing.T) {
	var out bytes.Buffer
	w := &table{out: &out, right: true}
	w.heading("管道\t读取\tstate")
	w.row("a", "1", "完成")
	w.row("gjj-受理", "12345", "done\tand more")
	w.print()
	want := `管道       读取          state
a             1           完成
gjj-受理  12345  done and more
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", &out, want)
	}
	var width []int
	for line := range strings.Lines(out.String()) {
		width = append(width, chars.Cells(strings.TrimSuffix(line, "\n")))
	}
	if width[0] != width[1] || width[1] != width[2] {
		t.Errorf("lines are %v cells wide", width)
	}
}

func TestHelpIsInTheReadersLanguage(t *testing.T) {
	w := &troubled{world: &world{t: t}}
	for _, verb := range []string{"", "demo", "init", "validate", "explain", "run", "serve", "status", "rejects", "rejects list", "rejects show", "held", "held list",
		"case", "case show", "item", "item check", "id", "id check", "schema", "schema ddl", "version"} {
		code, zh, _ := w.says(append(strings.Fields(verb), "--help", "--lang", "zh")...)
		if code != exitDone {
			t.Errorf("%s --help exited %d", verb, code)
		}
		for _, english := range []string{"Usage:", "Flags:", "Examples:", "Commands:", "help for", "(default", "Use \""} {
			if strings.Contains(zh, english) {
				t.Errorf("%s --help --lang zh says %q:\n%s", verb, english, zh)
			}
		}
		code, en, _ := w.says(append(strings.Fields(verb), "--help", "--lang", "en")...)
		if code != exitDone || !strings.Contains(en, "Usage:") {
			t.Errorf("%s --help exited %d:\n%s", verb, code, en)
		}
		for _, r := range en {
			if r >= 0x4e00 && r <= 0x9fff {
				t.Errorf("%s --help --lang en speaks Chinese:\n%s", verb, en)
				break
			}
		}
	}
}

func TestWrongCommandLinesExitTwoInTheReadersLanguage(t *testing.T) {
	w := &troubled{world: &world{t: t}}
	for args, said := range map[string][2]string{
		"nosuch":             {"没有", "no verb"},
		"rejects nosuch":     {"没有", "no verb"},
		"run":                {"管道名", "name pipelines"},
		"run --all x":        {"管道名", "name pipelines"},
		"run --bogus":        {"不认识的选项 --bogus", "unknown flag: --bogus"},
		"run --mode":         {"后面要有值", "needs an argument"},
		"run --all --mode x": {"--mode", "--mode"},
		"demo --cases abc":   {"--cases 的值", "invalid argument"},
		"demo --cases 0":     {"至少为 1", "at least 1"},
		"validate x":         {"不带参数", "takes no argument"},
		"rejects list x":     {"不带参数", "takes no argument"},
		"rejects show":       {"编号", "number"},
		"schema ddl nosuch":  {"没有这张表", "no such table"},
	} {
		for i, lang := range []string{"zh", "en"} {
			code, out, errOut := w.says(append([]string{"--lang", lang}, strings.Fields(args)...)...)
			if code != exitUsage || out != "" || !strings.Contains(errOut, said[i]) || strings.Contains(errOut, "strconv") {
				t.Errorf("%s --lang %s exited %d, said %q%q, want %q", args, lang, code, out, errOut, said[i])
			}
		}
	}
}

func TestDemoAsksItsServersBeforeItLaysAnythingOut(t *testing.T) {
	dir := t.TempDir() + "/demo"
	w := &troubled{world: &world{t: t}}
	for dsn, want := range map[string]struct {
		code   int
		zh, en string
	}{
		"notadsn":                        {exitUsage, "不是 MySQL 的地址", "no address of a MySQL server"},
		"u:geheim123@tcp(127.0.0.1:1)/x": {exitFailed, "连不上数据库", "cannot be reached"},
	} {
		for _, flag := range []string{"--source", "--exchange"} {
			for lang, said := range map[string]string{"zh": want.zh, "en": want.en} {
				code, _, errOut := w.says("demo", "--once", "--dir", dir, flag, dsn, "--lang", lang)
				if code != want.code {
					t.Errorf("%s %s exited %d, want %d", flag, dsn, code, want.code)
				}
				wantOnce(t, errOut, []string{said, map[string]string{"zh": "怎么办: ", "en": "what to do: "}[lang]})
			}
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a demo site was laid out all the same")
	}
}
