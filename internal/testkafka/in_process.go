package testkafka

// InProcess names the functions of kfake, a Kafka in the process of a test, that serve one
// connection: each keeps its goroutine for a while after the client has left, since an answer
// the client did not wait for comes first.
func InProcess() []string {
	const conn = "github.com/twmb/franz-go/pkg/kfake.(*clientConn)."
	return []string{conn + "read", conn + "read.func1", conn + "write", conn + "write.func1"}
}
