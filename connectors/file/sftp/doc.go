// Package sftp is a drop folder on an SSH server (SFTP 投放目录): a file.Folder that lists,
// fetches and renames there.
//
// The server is known by its host key, which the site pins; there is no way to accept any.
// Nothing is signed in to before the key was proven. A login that was refused is not tried
// again by the process, as with databases.
//
// A file is fetched once, into a copy without a name on this machine's disk, from which it
// is hashed and read: memory is bounded whatever the file's size, the server is asked for
// each byte once, and what a run reads cannot change under it. A connection that breaks or
// stalls is made anew and the copy goes on where it stood, unless the file is another one by
// then. All names stay below the agreed folder, by links too.
//
// It imports connectors/file and internal packages, besides golang.org/x/crypto/ssh and
// github.com/pkg/sftp.
package sftp
