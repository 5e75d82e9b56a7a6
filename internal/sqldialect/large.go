package sqldialect

import "strings"

// Measure is the size of a column whose type holds as much as a file does, in bytes, of an
// Oracle CLOB in characters; empty for any other type, and where the database cannot tell.
// typeName is the driver's, length what it says of the type, 0 if nothing.
func (d *Dialect) Measure(quoted, typeName string, length int64) string {
	if measure := measures[d.Name]; measure != nil {
		return measure(quoted, strings.ToUpper(typeName), length)
	}
	return ""
}

// longText is the length from which a type that has one is as good as unbounded.
const longText = 8000

var measures = map[string]func(quoted, typeName string, length int64) string{
	"mysql": func(quoted, typeName string, _ int64) string {
		switch typeName {
		case "TEXT", "MEDIUMTEXT", "LONGTEXT", "JSON", "BLOB", "MEDIUMBLOB", "LONGBLOB":
			return "OCTET_LENGTH(" + quoted + ")"
		}
		return ""
	},
	"postgres": func(quoted, typeName string, length int64) string {
		switch name := postgresName(typeName); {
		case name == "BYTEA", name == "TEXT", name == "VARCHAR" && (length < 0 || length > longText):
			return "octet_length(" + quoted + ")"
		case name == "JSON", name == "JSONB", name == "XML", strings.HasPrefix(name, "_"):
			return "octet_length(" + postgresPlain(quoted, typeName) + ")"
		}
		return ""
	},
	"oracle": oracleMeasure,
	DM:       oracleMeasure,
	"sqlserver": func(quoted, typeName string, length int64) string {
		switch sqlserverType(typeName) {
		case "TEXT", "NTEXT", "IMAGE", "XML":
			return "DATALENGTH(" + quoted + ")"
		case "VARCHAR", "NVARCHAR", "VARBINARY":
			if length > longText {
				return "DATALENGTH(" + quoted + ")"
			}
		}
		return ""
	},
}

// oracleMeasure asks of LOBs alone: no function takes a LONG. The driver calls a CLOB it is
// going to fetch LongVarChar.
func oracleMeasure(quoted, typeName string, _ int64) string {
	switch typeName {
	case "CLOB", "NCLOB", "BLOB", "OCICLOBLOCATOR", "OCIBLOBLOCATOR", "LONGVARCHAR":
		return "DBMS_LOB.GETLENGTH(" + quoted + ")"
	}
	return ""
}
