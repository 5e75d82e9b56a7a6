package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"banjian/internal/fault"
	"banjian/internal/site"
	"banjian/internal/text"
)

// Exit codes people and scripts rely on.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitNews   = 3 // done, but rows were newly rejected or held
)

// app is what every verb has: where to write, the language, the site.
type app struct {
	out, err io.Writer
	lang     text.Lang
	langFlag string
	siteDir  string
	json     bool
	verbose  bool
	code     int // exit code of a verb that ended without an error
	rests    rests
	leases   *leases // nil outside serve

	mu sync.Mutex // one sentence on standard error at a time
}

// say prints a sentence and a line end to standard output.
func (a *app) say(t text.Text) { fmt.Fprintln(a.out, t.In(a.lang)) }

// note prints to standard error.
func (a *app) note(t text.Text) {
	a.mu.Lock()
	defer a.mu.Unlock()
	fmt.Fprintln(a.err, t.In(a.lang))
}

func (a *app) t(zh, en string) string { return text.T(zh, en).In(a.lang) }

func (a *app) log() *slog.Logger {
	level := slog.LevelWarn
	if a.verbose {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: level}))
}

// site loads the site that --site names, or the nearest one upwards.
func (a *app) site() (*site.Site, error) {
	dir := a.siteDir
	if dir == "" {
		found, err := site.Find(".")
		if err != nil {
			return nil, err
		}
		dir = found
	}
	return site.Load(dir)
}

// execute runs one command line and returns its exit code.
func execute(ctx context.Context, args []string, out, errOut io.Writer) int {
	a := &app{out: out, err: errOut, lang: environmentLang()}
	for i, arg := range args { // help is printed before flags are parsed
		if arg == "--lang" && i+1 < len(args) {
			a.lang = text.FromLocale(args[i+1])
		} else if arg == "--lang=zh" || arg == "--lang=en" {
			a.lang = text.FromLocale(arg[len("--lang="):])
		}
	}
	root := a.root()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errOut)
	verb, err := root.ExecuteContextC(ctx)
	if err == nil {
		return a.code
	}
	code := a.report(err)
	if usage := (usageError{}); errors.As(err, &usage) && !strings.Contains(err.Error(), "--help") {
		a.note(text.F("怎么办: %s --help 说明用法和选项", "what to do: %s --help explains the arguments and flags", verb.CommandPath()))
	}
	return code
}

// environmentLang follows the POSIX order of locale variables.
func environmentLang() text.Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			return text.FromLocale(v)
		}
	}
	return text.EN
}

// report prints an error with what to do about it and chooses the exit code.
func (a *app) report(err error) int {
	if errors.Is(err, context.Canceled) {
		a.note(text.T("已按要求停止；下次运行从停下的地方继续", "stopped as asked; the next run goes on from here"))
		return exitFailed
	}
	if a.inOtherHands(err) {
		return exitFailed
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	all := fault.All(err)
	for _, one := range all {
		a.tell(one)
	}
	if len(all) > 1 {
		fmt.Fprintln(a.err, text.F("共 %d 处错误", "%d error{|s}", len(all)).In(a.lang))
	}
	return codeOf(err)
}

// tell prints one error: where and what, the line it is in, and what to do.
func (a *app) tell(err error) { a.tellAs(a.t("错误", "error"), err) }

func (a *app) tellAs(word string, err error) {
	fmt.Fprintf(a.err, "%s: %s\n", word, fault.Say(err, a.lang))
	var f *fault.Error
	if errors.As(err, &f) && f.Line != "" {
		fmt.Fprintln(a.err, f.Excerpt())
	}
	hint := fault.HintOf(err)
	if hint.IsZero() && errors.Is(err, fs.ErrNotExist) {
		hint = text.T("检查路径和文件名", "check the path and the name of the file")
	}
	if !hint.IsZero() {
		fmt.Fprintf(a.err, "%s: %s\n", a.t("怎么办", "what to do"), hint.In(a.lang))
	}
}

// codeOf is the exit code of a verb that ended with err. A login, key or signature that the
// other side does not take is a mistake of the configuration like any other.
func codeOf(err error) int {
	var usage usageError
	if errors.As(err, &usage) || fault.Is(err, fault.Config) || fault.Ours(err) {
		return exitUsage
	}
	return exitFailed
}

// usageError is a wrong command line.
type usageError struct{ error }

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "banjian",
		Short:         a.t("政务服务办件数据归集与上报", "collect and deliver government-service case data"),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.ArbitraryArgs,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			switch a.langFlag {
			case "":
			case "zh", "en":
				a.lang = text.Lang(a.langFlag)
			default:
				return usageError{errors.New(a.t("--lang 只能是 zh 或 en", "--lang is zh or en"))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.noVerb(cmd, args[0])
			}
			return cmd.Help()
		},
	}
	root.SetFlagErrorFunc(a.flagError)
	flags := root.PersistentFlags()
	flags.StringVar(&a.langFlag, "lang", "", a.t("语言 zh|en（默认按环境）", "language zh|en (default: the environment's)"))
	flags.StringVar(&a.siteDir, "site", "", a.t("站点文件夹（默认：往上最近的 banjian.yaml）", "site folder (default: the nearest one upwards)"))
	flags.BoolVar(&a.json, "json", false, a.t("以 JSON 输出", "print JSON"))
	flags.BoolVarP(&a.verbose, "verbose", "v", false, a.t("把运行日志写到标准错误", "write the log to standard error"))
	root.AddCommand(
		a.demoCommand(),
		a.initCommand(),
		a.discoverCommand(),
		a.importCommand(),
		a.validateCommand(),
		a.doctorCommand(),
		a.explainCommand(),
		a.testCommand(),
		a.previewCommand(),
		a.dictionaryCommand(),
		a.runCommand(),
		a.serveCommand(),
		a.statusCommand(),
		a.reconcileCommand(),
		a.rejectsCommand(),
		a.heldCommand(),
		a.outcomesCommand(),
		a.attachmentsCommand(),
		a.deletesCommand(),
		a.receiversCommand(),
		a.adoptCommand(),
		a.streamsCommand(),
		a.caseCommand(),
		a.precedenceCommand(),
		a.codesCommand(),
		a.itemCommand(),
		a.idCommand(),
		a.schemaCommand(),
		a.platformCommand(),
		a.verificationCommand(),
		a.versionCommand(),
	)
	a.localise(root)
	return root
}

// exactly wraps cobra's argument check as a usage error in the right language.
func (a *app) exactly(n int, what text.Text) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError{errors.New(what.In(a.lang))}
		}
		return nil
	}
}
