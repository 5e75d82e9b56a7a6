package validate

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"banjian/cmd/internal/wiring"
	"banjian/internal/fault"
	"banjian/internal/text"
	"banjian/mappings"
	"banjian/mappings/mappingtest"
	"banjian/pipelines"
)

// alone judges mappings, their tests and pipelines that lie in no site: what ships is what
// they are held against.
func (c *check) alone(paths []string) error {
	cat, err := wiring.Catalog()
	if err != nil {
		return err
	}
	lib := &mappingtest.Library{Schemas: cat}
	for _, p := range paths {
		err := filepath.WalkDir(p, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || p != file && filepath.Ext(file) != ".yaml" {
				return err
			}
			shown := file
			if here, err := os.Getwd(); err == nil && below(here, file) {
				shown, _ = filepath.Rel(here, file)
			}
			data, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			doubts, wrong := judge(lib, shown, data)
			c.Found, c.Doubts = append(c.Found, fault.All(wrong)...), append(c.Doubts, doubts...)
			if wrong == nil {
				c.ok("%s ✓", "%s ✓", shown)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

var firstKey = regexp.MustCompile(`(?m)^(mapping|pipeline):`)

// judge tells what is wrong with one file, and what could not be judged.
func judge(lib *mappingtest.Library, file string, data []byte) (doubts []error, wrong error) {
	if strings.HasSuffix(file, mappings.TestSuffix) {
		return nil, judgeTest(lib, file, data)
	}
	switch m := firstKey.FindSubmatch(data); {
	case m == nil:
		return nil, fault.New(fault.Config, "validate", file, text.T("看不出这是什么文件，它也不在任何站点里", "what this file is cannot be told, and it lies in no site"),
			text.T("映射以 mapping: 开头，管道以 pipeline: 开头；站点的其他文件放进站点再查", "a mapping begins with mapping:, a pipeline with pipeline:; other files are checked where they lie in a site"))
	case string(m[1]) == "mapping":
		_, err := lib.Compile(file, data)
		return nil, err
	}
	specs, err := pipelines.ParseSpecs(file, data)
	for i := range specs {
		doubts = append(doubts, specs[i].Fault(text.F("管道 %s 不在任何站点里，它提到的连接、映射和接收方没有查", "pipeline %s lies in no site: connection, mapping and receivers that it names were not judged", specs[i].Pipeline),
			text.T("放进站点的 pipelines/ 再查，或用 --site 指明站点", "put it into pipelines/ of a site, or name the site with --site"), "pipeline"))
	}
	return doubts, err
}

func judgeTest(lib *mappingtest.Library, file string, data []byte) error {
	source, err := lib.OnDisk(file)
	if err != nil {
		return err
	}
	t, err := mappingtest.Parse(file, data)
	if err != nil {
		return err
	}
	m, err := source.Mapping(t.Mapping)
	if err != nil {
		return err
	}
	_, err = t.Run(m, memory.DefaultAllocator)
	return err
}
