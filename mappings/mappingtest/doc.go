// Package mappingtest runs the tests of mapping files (映射测试): given a source row,
// which record comes out, or why none does. A test lies beside its mapping, as
// <mapping>_test.yaml:
//
//	mapping: provident-fund/accept
//	base: {slbh: GJJ2401010000001, …}          # the row every case starts from
//	cases:
//	  - name: 身份证末位小写 x 也认
//	    source: {zjhm: 11010519491231002x}      # laid over base
//	    expect: {applicant_id_no: 11010519491231002X}
//	  - name: 校验位错误
//	    source: {zjhm: "110105194912310021"}
//	    rejects: [{field: applicant_id_no, rule: check_resident_id}]
//
//	File   ← Parse   strict YAML; every value knows where it stands
//	Report ← Run     each case mapped by Program.Trace and compared; what was reached
//	bytes  ← Update  the file with its expectations as the mapping now has them
//
// Values are compared as text: instants as "2006-01-02 15:04:05" in UTC+8, days as
// "2006-01-02", decimals with the digits of their scale, truth values as true and false,
// lists as YAML lists; null and an empty text are NULL. Of a record only the fields that
// are named are compared; findings (rejects, holds, not_applicable, blanks, warns) are
// compared whole.
//
// No service is asked in a test: answers: {service: confirms}, denies, none, unknown or
// {name: value}, of the file or of a case, is what verify: hears; a service that is not
// named confirms. unverified is the finding of a record that is collected and held.
//
// It imports mappings, schemas and internal packages. Everything here belongs to one
// goroutine.
package mappingtest
