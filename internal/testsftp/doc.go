// Package testsftp gives tests an SFTP server: one in this process, whose connections can be
// cut or made to stall after so many bytes, and OpenSSH's where it is installed. Tests alone
// import it.
package testsftp
