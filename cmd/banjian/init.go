package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"banjian/cmd/internal/wiring"
	"banjian/internal/fault"
	"banjian/internal/site"
	"banjian/internal/text"
)

// siteFiles are what init writes; each explains itself.
var siteFiles = map[string]string{
	site.FileName: `# yaml-language-server: $schema=.schema/site.json
# 站点 / site. 密码等只写引用 / secrets are references only: {env: NAME} {file: PATH} {command: [PROGRAM, …]}
site: my-city
zone: "+08:00"            # 没有时区的时间按此理解 / wall times without a zone
ledger: {path: data/ledger.db}
connections: {}           # 写连接时删掉 {} / delete {} when there is one
#  zjj:                    # 部门视图所在的库 / the department's database
#    kind: mysql
#    host: 10.0.0.5
#    port: 3306
#    user: banjian_ro
#    password: {env: ZJJ_PASSWORD}
#    database: zjj
#    max_connections: 2
#    hours: "20:00-06:00"  # 只在这段时间读 / read in these hours only
#  exchange: {kind: mysql, dsn: {env: EXCHANGE_DSN}}
receivers: {}             # 同上 / likewise
#  national: {system: national, environment: production, kind: exchange, connection: exchange, profile: national-2020, data_source: "144"}
`,
	"mappings/README.md": `映射文件放在这里；同名的覆盖随程序带的。第一行写明编辑器用哪个 Schema。
Mapping files; one of the same name replaces a shipped one. Their first line tells editors the schema:

    # yaml-language-server: $schema=../.schema/mapping.json
`,
	"pipelines/README.md": `管道文件放在这里。 / Pipeline files.

    # yaml-language-server: $schema=../.schema/pipeline.json
`,
	"jobs/README.md": `任务文件放在这里，例如 / job files, for instance:

    # yaml-language-server: $schema=../.schema/job.json
    job: nightly
    schedule: "30 1 * * *"
    zone: Asia/Shanghai
`,
	"schemas/README.md": `本站点的代码集与对照表。 / Code sets and crosswalks of this site.
`,
}

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "init DIR",
		Short:   a.t("新建一个站点", "make a new site"),
		Example: "  banjian init my-city",
		Args:    a.exactly(1, text.T("写出站点文件夹", "name the site's folder")),
		RunE: func(_ *cobra.Command, args []string) error {
			if _, err := os.Stat(filepath.Join(args[0], site.FileName)); err == nil {
				return fault.New(fault.Config, "make site", args[0], text.T("这里已有 banjian.yaml", "there is a banjian.yaml here already"), text.T("换一个文件夹", "choose another folder"))
			}
			for name, content := range siteFiles {
				path := filepath.Join(args[0], name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					return cannotWrite(err, path)
				}
				if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
					return cannotWrite(err, path)
				}
			}
			cat, err := wiring.Catalog()
			if err != nil {
				return err
			}
			if err := writeEditorSchemas(cat, args[0]); err != nil {
				return err
			}
			file := filepath.Join(args[0], site.FileName)
			return a.done(text.F("站点已建在 %s；先改 %s", "the site is in %s; edit %s first", args[0], file), map[string]any{"site": args[0], "file": file})
		},
	}
}

func cannotWrite(err error, path string) error {
	return fault.Wrap(err, fault.Config, "make site", path, text.T("写不了文件", "cannot write the file"), text.Text{})
}
