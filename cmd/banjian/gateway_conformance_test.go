package main

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"banjian/connectors/middleplatform"
	"banjian/connectors/middleplatform/simulator"
)

// The simulator announces, our gateway asks it, in every profile that ships; and the
// conformance check finds nothing against us.
func TestTheGatewaySpeaksEveryShippedProfile(t *testing.T) {
	for _, name := range middleplatform.Profiles() {
		t.Run(name, func(t *testing.T) {
			profile, err := middleplatform.LoadProfile(name)
			if err != nil {
				t.Fatal(err)
			}
			credentials := middleplatform.Credentials{Key: "demo-app-key-0001", Secret: "demo-app-secret-0001"}
			platform, err := simulator.New(simulator.Options{Profile: profile, Credentials: credentials, SM4Key: "demoSm4Key"})
			if err != nil {
				t.Fatal(err)
			}
			defer platform.Close()
			server, err := platform.Listen("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			go func() { _ = server.Serve(t.Context()) }()
			w := newInboxWorld(t)
			signed := profile.Signing().Token == nil
			site := strings.Replace(strings.Replace(inboxSite, "%q", strconv.Quote(server.Base), 1), "connection: ywzt, platform_id: ywzt-test, signed: true, only_sealed: true", "connection: ywzt, platform_id: ywzt-test, profile: "+name+", signed: "+strconv.FormatBool(signed), 1)
			w.write("banjian.yaml", strings.Replace(site, "path: /ywzt/spj, ", "path: /ywzt/spj, profile: "+name+", ", 1))
			w.serve("")
			var flows []string
			for i, place := range []string{"form", "query", "json"} {
				flow := middleplatform.TryOutFlow(int64(i))
				a := simulator.Announcement{Flow: flow, Item: middleplatform.TryOutItem, Region: "370102000000", How: middleplatform.Notice{Place: place, Sealed: i == 1 && profile.Cipher.Kind != "none"}}
				if status, err := platform.Announce(t.Context(), http.DefaultClient, w.base+"/gjj", a); err != nil || status != "200" {
					t.Fatal(status, err)
				}
				flows = append(flows, flow)
			}
			w.wantRows("gjj", "application", "flow_no", flows...)
			var materials []string
			for _, flow := range flows {
				for i := range simulator.TryOutApplication(flow).Materials {
					state := "stored"
					if simulator.TryOutApplication(flow).Materials[i].File == nil {
						state = ""
					}
					materials = append(materials, flow+"|"+state)
				}
			}
			slices.Sort(materials)
			w.wantRows("gjj", "material", "flow_no, coalesce(file_state, '')", materials...)
			args := []string{"platform", "verify", "--profile", name, "--callback", w.base + "/gjj", "--key", credentials.Key, "--secret", credentials.Secret, "--sm4", "demoSm4Key"}
			if !signed {
				args = append(args, "--callback-open")
			}
			if code, out := w.says(args...); code != exitDone {
				t.Errorf("exited %d\n%s", code, out)
			}
			w.stop()
		})
	}
}
