// Package testdb gives tests a real MariaDB: a private server on a free port of
// 127.0.0.1 with its data in a folder of its own, shared by the tests of one binary
// and stopped by Stop in TestMain. With BANJIAN_TEST_MYSQL set to a DSN
// ("root:pw@tcp(host:3306)/") that server is used instead; it must allow CREATE
// DATABASE. Where neither is to be had a test is skipped, loudly.
//
// It is imported by tests and benchmark programs only, and imports sqldialect.
package testdb
