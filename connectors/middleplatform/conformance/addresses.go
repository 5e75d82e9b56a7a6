package conformance

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"banjian/connectors/middleplatform"
	"banjian/internal/text"
)

// addresses are about the address of an application (申报地址).
func addresses(p *middleplatform.Profile) []assertion {
	window := p.ApplyURL.Window()
	return []assertion{
		addressed("right", "签名正确的申报地址有效", "an address signed rightly is good", true, 0, nil),
		addressed("parameter", "带渠道参数的申报地址有效", "an address with a channel beside it is good", true, 0, func(_ *checker, q url.Values) { q.Set("channel", "hall") }),
		addressed("wrong_sign", "签名不对的申报地址无效", "an address with another signature is refused", false, 0, func(c *checker, q url.Values) { q.Set(c.Profile.ApplyURL.Names()[2], strings.Repeat("0", 64)) }),
		addressed("unsigned", "没有签名的申报地址无效", "an address without a signature is refused", false, 0, func(c *checker, q url.Values) { q.Del(c.Profile.ApplyURL.Names()[2]) }),
		addressed("other_key", "改了接入者标识的申报地址无效", "an address with another key is refused", false, 0, func(c *checker, q url.Values) { q.Set(c.Profile.ApplyURL.Names()[0], "other") }),
		addressed("stale", "过期的申报地址无效", "a stale address is refused", false, -window-time.Minute, nil),
		addressed("future", "超前的申报地址无效", "an address of the future is refused", false, window+time.Minute, nil),
		{"apply_url.secret", 0, text.T("申报地址里没有密钥", "the secret does not stand in the address"), func(c *checker) text.Text {
			address, err := c.Profile.SignApplyURL(c.Base, c.Keys.Credentials, c.Now())
			if err != nil {
				return text.T(err.Error(), err.Error())
			}
			if strings.Contains(address, c.Keys.Credentials.Secret) {
				return text.T("档案打开了 emit_secret_param", "the profile has emit_secret_param on")
			}
			return text.Text{}
		}},
	}
}

func addressed(name, zh, en string, good bool, shift time.Duration, change func(*checker, url.Values)) assertion {
	return assertion{"apply_url." + name, 0, text.T(zh, en), func(c *checker) text.Text {
		address, err := c.Profile.SignApplyURL(strings.TrimSuffix(c.Base, "/")+c.Profile.ApplyURL.Path, c.Keys.Credentials, c.Now().Add(shift))
		if err != nil {
			return text.T(err.Error(), err.Error())
		}
		u, err := url.Parse(address)
		if err != nil {
			return text.T(err.Error(), err.Error())
		}
		if change != nil {
			query := u.Query()
			change(c, query)
			u.RawQuery = query.Encode()
		}
		r, err := http.NewRequestWithContext(c.ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return text.T(err.Error(), err.Error())
		}
		resp, err := c.Client.Do(r)
		if err != nil {
			return text.T("没有回应", "no answer")
		}
		_ = resp.Body.Close() // whatever the page shows
		if got := resp.StatusCode; (got < 400) != good || got >= 500 {
			return text.F("HTTP %d", "HTTP %d", got)
		}
		return text.Text{}
	}}
}
