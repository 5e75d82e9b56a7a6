package sharing

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"banjian/internal/fault"
	"banjian/internal/signing"
)

// The published known answer, with invented keys.
const (
	appKey = "0123456789abcdef0123456789abcdef"
	sealed = "vtF4RGNI/c2WsKtvFg8sOLsPdzPXHCQzt6K0VvJwJSE="
)

func TestSecretIsOpenedAsTheKnownAnswer(t *testing.T) {
	if got := hex.EncodeToString(secretKey(appKey)); got != "2d703e10a32f30251a2370355793e786" {
		t.Errorf("the key is %s", got)
	}
	secret, err := OpenSecret(appKey, sealed)
	if err != nil || secret != "my-app-secret-0001" {
		t.Fatalf("%q, %v", secret, err)
	}
	s, err := signing.Load("gjzwfwpt")
	if err != nil {
		t.Fatal(err)
	}
	call := signing.Call{Key: "RID1", Service: "SID1", Time: "1700000000000", Secret: secret}
	if got := s.Signature(&call); got != "Y9VFOe35jAVRdb0y2cYMF9GmaaU2p5/8D4orJv2Agv0=" {
		t.Errorf("signature %s", got)
	}
	call.Secret = appKey // business calls are signed with the secret, not with the app key
	if got := s.Signature(&call); got == "Y9VFOe35jAVRdb0y2cYMF9GmaaU2p5/8D4orJv2Agv0=" {
		t.Error("the app key signs as well")
	}
}

func TestSecretThatWasNotSealedSoIsRefusedWithoutAWordOfIt(t *testing.T) {
	for name, c := range map[string]struct{ key, sealed string }{
		"another app key": {"0123456789abcdef0123456789abcdee", sealed},
		"cut":             {appKey, sealed[:24]},
		"half a block":    {appKey, base64.StdEncoding.EncodeToString([]byte("short"))},
		"no base64":       {appKey, "密钥"},
		"empty":           {appKey, ""},
	} {
		secret, err := OpenSecret(c.key, c.sealed)
		if !fault.Is(err, fault.Data) || secret != "" || strings.Contains(err.Error(), c.key) {
			t.Errorf("%s: %q, %v", name, secret, err)
		}
	}
	if _, err := OpenSecret("", sealed); !fault.Is(err, fault.Config) {
		t.Errorf("without an app key: %v", err)
	}
}
