package middleplatform

import (
	"errors"
	"net"
	"net/url"

	"banjian/internal/fault"
	"banjian/internal/remote"
	"banjian/internal/text"
)

// baseOf checks a platform's address.
func baseOf(base string) (*url.URL, error) {
	u, ok := remote.Address(base)
	if !ok {
		return nil, fault.New(fault.Config, "open platform", "", text.T("中台地址要写成 https://主机/路径，不带用户名和参数", "a platform's address is https://host/path, without user and parameters"), text.T("例如 https://ywzt.example.cn/ywzt", "such as https://ywzt.example.cn/ywzt"))
	}
	return u, nil
}

// isUnsent says, from an error's shape, that nothing was written: the connection was
// never made.
func isUnsent(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") || errors.As(err, &dns)
}
