package main

import (
	"context"
	"slices"
	"time"

	"banjian/internal/text"
	"banjian/pipelines/routing"
)

// routesLook is how often routes.yaml is looked at.
const routesLook = time.Second

// reroute takes a mended table of routes while serve runs: the receivers of the old and of
// the new one are fed under it, which lets go what it held.
func (f *feeders) reroute(ctx context.Context) {
	for sleep(ctx, routesLook) {
		before := f.house.Routes().Table().Receivers()
		changed, err := f.house.Routes().Look()
		if err != nil {
			f.app.report(err)
			f.app.note(text.F("%[1]s 没有采用，继续按原来的路由", "%[1]s is not taken, the routes stay as they were", routing.FileName))
		}
		if !changed {
			continue
		}
		f.app.note(text.F("%s 采用新的 %s", "%s the new %s counts", time.Now().In(f.house.Zone()).Format(time.DateTime), routing.FileName))
		list := append(before, f.house.Routes().Table().Receivers()...)
		slices.Sort(list)
		for _, r := range slices.Compact(list) {
			f.ask(r)
		}
	}
}
