package main

import (
	"os"
	"os/user"
)

// whoami is who gives the order: the system's user and host.
func whoami() string {
	name := os.Getenv("USER")
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if name == "" {
		name = "?"
	}
	if host, err := os.Hostname(); err == nil {
		name += "@" + host
	}
	return name
}
