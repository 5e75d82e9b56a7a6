package validate

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"banjian/internal/fault"
	"banjian/internal/site"
	"banjian/internal/text"
)

// Paths tells what is wrong with the files that are named, each judged within the site it
// lies in: that in dir, or where dir is empty of the folder we are in, else the nearest above
// it; one that lies in none is judged by itself. An error is that of a path or of a site that
// cannot be read at all.
func Paths(paths []string, dir string, o Options) (*Report, error) {
	var order []string
	chosen := map[string][]string{} // absolute paths by site
	for _, p := range paths {
		full, in, err := located(p, dir)
		if err != nil {
			return nil, err
		}
		if chosen[in] == nil {
			order = append(order, in)
		}
		chosen[in] = append(chosen[in], full)
	}
	all := newCheck(o)
	for _, in := range order {
		judge := all.within
		if in == "" {
			judge = func(_ string, paths []string) error { return all.alone(paths) }
		}
		if err := judge(in, chosen[in]); err != nil {
			return nil, err
		}
	}
	return &all.Report, nil
}

// within judges paths of a site: the site is judged whole, and what lies in other files is
// left out.
func (c *check) within(dir string, paths []string) error {
	s, wrong := site.Load(dir)
	if s == nil {
		return wrong
	}
	files, err := filesOf(s, paths)
	if err != nil {
		return err
	}
	o := c.Options
	o.Right = nil
	whole := newCheck(o)
	whole.all(s, wrong)
	c.Found = append(c.Found, of(files, whole.Found)...)
	c.Doubts = append(c.Doubts, of(files, append(whole.Doubts, whole.partly(files)...))...)
	for _, f := range files {
		if whole.unjudged[f] == "" && len(of([]string{f}, whole.Found)) == 0 {
			c.ok("%s ✓", "%s ✓", f)
		}
	}
	return nil
}

// located is where a path lies, as a whole, and the site it belongs to, empty: none; named is
// the site's folder, where somebody named it. A path that is not there is looked for in the
// site, as places in files are told.
func located(arg, named string) (full, dir string, err error) {
	if dir = named; dir == "" {
		dir, err = site.Find(".")
	}
	if err == nil {
		if dir, err = filepath.Abs(dir); err != nil {
			return "", "", err
		}
	}
	full, _ = filepath.Abs(arg)
	if _, missing := os.Stat(full); missing != nil {
		if inside := filepath.Join(dir, arg); err == nil && filepath.IsLocal(arg) {
			full = inside
		}
		if _, missing := os.Stat(full); missing != nil {
			return "", "", fault.Wrap(missing, fault.Config, "validate", arg, text.T("没有这个文件", "there is no such file"), text.T("检查路径和文件名", "check the path and the name of the file"))
		}
	}
	if named == "" && (err != nil || !below(dir, full)) {
		if dir, err = site.Find(filepath.Dir(filepath.Join(full, "x"))); err != nil {
			return full, "", nil
		}
	}
	if err == nil && !below(dir, full) {
		err = fault.New(fault.Config, "validate", arg, text.F("这个文件不在站点 %s 里", "this file does not lie in site %s", dir), text.T("用 --site 指明它所在的站点", "name the site it lies in with --site"))
	}
	return full, dir, err
}

func below(dir, full string) bool {
	rel, err := filepath.Rel(dir, full)
	return err == nil && filepath.IsLocal(rel)
}

// filesOf is the files that the paths name, as places in them are told, each once.
func filesOf(s *site.Site, paths []string) ([]string, error) {
	var list []string
	for _, p := range paths {
		st, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		err = filepath.WalkDir(p, func(one string, d fs.DirEntry, err error) error {
			rel, wrong := filepath.Rel(s.Dir, one)
			if err != nil || wrong != nil || d.IsDir() {
				return err
			}
			name := filepath.ToSlash(rel)
			switch {
			case isRead(name):
				list = append(list, name)
			case !st.IsDir():
				return fault.New(fault.Config, "validate", name, text.T("站点不读这个文件", "a site does not read this file"),
					text.T("读的是 banjian.yaml、mappings/ 下的映射和测试、pipelines/ 和 pipelines/receivers/、jobs/ 里的 .yaml，以及 schemas/ 下的", "it reads banjian.yaml, the mappings and tests below mappings/, .yaml files in pipelines/, pipelines/receivers/ and jobs/, and what lies below schemas/"))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// isRead says whether a site reads a file of that name.
func isRead(name string) bool {
	top, _, below := strings.Cut(name, "/")
	yaml := path.Ext(name) == ".yaml"
	switch {
	case !below:
		return yaml
	case top == "mappings":
		return yaml
	case top == "schemas":
		return yaml || path.Ext(name) == ".tsv"
	}
	return yaml && slices.Contains([]string{"pipelines", "pipelines/receivers", "jobs"}, path.Dir(name))
}

// of is the faults that lie in one of the files.
func of(files []string, list []error) []error {
	return slices.DeleteFunc(slices.Clone(list), func(err error) bool {
		f, ok := err.(*fault.Error)
		if !ok {
			return true
		}
		file, _, _ := f.Place()
		if filepath.Base(file) == site.FileName {
			file = site.FileName
		}
		return !slices.Contains(files, file)
	})
}

// partly says of which files not everything could be judged.
func (c *check) partly(files []string) []error {
	var list []error
	for _, f := range files {
		if other := c.unjudged[f]; other != "" && !slices.Contains(files, other) {
			list = append(list, fault.New(fault.Config, "validate", f, text.F("没有全部查完：%s 有错误", "not everything was judged: there are mistakes in %s", other),
				text.F("banjian validate %[1]s 列出它们", "banjian validate %[1]s tells them", other)))
		}
	}
	return list
}
