package arraybind

import "testing"

// greeting is a server's first packet.
func greeting(version string, capabilities uint32, extended uint32) []byte {
	p := append([]byte{0, 0, 0, 0, 10}, version...)
	p = append(p, 0, 1, 0, 0, 0, 's', 'c', 'r', 'a', 'm', 'b', 'l', 'e', 0)
	p = append(p, byte(capabilities), byte(capabilities>>8), 45, 2, 0, byte(capabilities>>16), byte(capabilities>>24), 21)
	p = append(p, 0, 0, 0, 0, 0, 0, byte(extended), byte(extended>>8), byte(extended>>16), byte(extended>>24))
	return append(p, "twelve bytes\x00mysql_native_password\x00"...)
}

func TestOnlyAServerThatOffersArrayBindingIsAskedForIt(t *testing.T) {
	for name, c := range map[string]struct {
		packet []byte
		want   bool
	}{
		"MariaDB":                       {greeting("5.5.5-10.11.6-MariaDB", 0xFFFFF7FE, 0x1D), true},
		"MariaDB before it":             {greeting("5.5.5-10.1.48-MariaDB", 0xFFFFF7FE, 0x01), false},
		"MySQL":                         {greeting("8.0.36", 0xFFFFFFFF, 0), false},
		"MySQL with the bytes in use":   {greeting("8.0.36", 0xFFFFFFFF, 0x1D), false},
		"a server that refuses at once": {append([]byte{0, 0, 0, 0, 0xFF}, "Too many connections"...), false},
		"a short packet":                {greeting("10", 0, 0x1D)[:20], false},
		"nothing":                       {nil, false},
	} {
		if got := offers(c.packet); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func FuzzAGreetingMayBeAnything(f *testing.F) {
	f.Add(greeting("5.5.5-10.11.6-MariaDB", 0xFFFFF7FE, 0x1D))
	f.Fuzz(func(t *testing.T, p []byte) { offers(p) })
}
