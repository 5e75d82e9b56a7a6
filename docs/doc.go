// Package docs holds no program: its test reads the documents and runs what they show,
// so that an example cannot go stale. A fenced block marked "yaml mapping", "yaml
// pipeline", "yaml site" or "yaml job" is read as the product would read it.
package docs
