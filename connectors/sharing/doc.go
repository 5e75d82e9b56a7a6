// Package sharing speaks to the sharing gateway (数据共享) of the national government
// service platform and of the national exchange platform: the secret of a service as
// the gateway hands it out, and the signature of a call.
//
// It may import internal packages.
//
// # What holds
//
//   - A secret that cannot be opened is a Data fault that says nothing of it.
//   - No fault carries an app key or a secret.
package sharing
