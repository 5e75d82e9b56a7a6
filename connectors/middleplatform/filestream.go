package middleplatform

import (
	"bufio"
	"bytes"
	"context"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"

	"github.com/google/uuid"

	"banjian/internal/fault"
	"banjian/internal/text"
)

// downloadName is the download among the calls we make.
const downloadName = "download"

// asksDirection is the direction of calls we make to be told something.
const asksDirection = "asks"

// Download opens the bytes of a file. Reading to the end proves that the answer was whole:
// it ends with an error otherwise. The caller closes it. Faults as those of Ask.
func (a *Asker) Download(ctx context.Context, key string) (io.ReadCloser, error) {
	t := a.target
	in := t.profile.Interfaces[downloadName]
	pace := t.paces[downloadName]
	if err := pace.enter(ctx); err != nil {
		return nil, t.waited(err, in)
	}
	for {
		p, err := t.door.enter(ctx)
		if err != nil {
			pace.leave()
			return nil, t.waited(err, in)
		}
		if err := pace.turn(ctx); err != nil || !t.door.good(p) {
			t.door.unused(p)
			if err == nil {
				continue
			}
			pace.leave()
			return nil, t.waited(err, in)
		}
		sealer := t.keys[p.key]
		token, err := sealer.admit(ctx, t)
		if err != nil {
			t.door.leave(p, false)
			pace.leave()
			return nil, err
		}
		body, got, err := a.fetch(ctx, in, sealer, token.text, key)
		if got.meaning == forbidden && sealer.stale(token) {
			t.door.leave(p, false)
			continue // the token is no longer good: the next one is judged
		}
		if got.meaning == forbidden {
			if err := t.door.refuse(p, err); err != nil {
				pace.leave()
				return nil, err
			}
			continue
		}
		t.door.leave(p, err == nil || got.judged)
		if err != nil {
			pace.leave()
			return nil, askAgain(err)
		}
		body.done = pace.leave
		return body, nil
	}
}

// fetch makes one request and opens its answer.
func (a *Asker) fetch(ctx context.Context, in *Interface, key *sealer, token, file string) (*download, answer, error) {
	t := a.target
	body, err := a.intake.EncodeDownload(file, key.cipher)
	if err != nil {
		return nil, answer{}, err
	}
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}, "User-Agent": {"banjian"}, "Accept": {"application/json"}}
	var steps trail
	req := (&http.Request{Method: http.MethodPost, URL: t.urls[in.Name], Host: t.urls[in.Name].Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body))}).WithContext(httptrace.WithClientTrace(ctx, steps.hooks()))
	if err := t.profile.SignRequest(req, key.who, uuid.NewString(), t.opts.Now(), token); err != nil {
		return nil, answer{}, err
	}
	resp, err := t.transport.RoundTrip(req)
	if err != nil {
		return nil, answer{}, t.lost(steps.told(err), in)
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		said, _ := readBody(resp) // the status says enough
		got, err := t.judge(in, key, reply{status: resp.StatusCode, header: resp.Header, body: said, at: t.opts.Now()})
		switch gone := resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone; {
		case err == nil:
			err = a.refused(in, got.words)
		case gone && fault.Is(err, fault.Config):
			err = a.absent(in, resp.StatusCode)
		}
		return nil, got, err
	}
	content, err := a.content(resp.Body, key.cipher)
	if err != nil {
		resp.Body.Close()
		return nil, answer{}, err
	}
	return &download{Reader: content, body: resp.Body}, answer{meaning: taken, judged: true}, nil
}

// absent is the fault of a file that is not there: a platform's store says so without a word of
// the platform's. So does a wrong address, but then of every file.
func (a *Asker) absent(in *Interface, number int) error {
	return fault.New(fault.Data, "download file", a.target.where(in.Name), text.F("中台没有这个附件（%d）", "the platform does not have the file (%d)", number),
		text.F("请中台核对这个附件，会自动再取；每个附件都这样的，核对档案 %s 里的下载地址", "have the platform look at the file, it is asked for again by itself; if it is so of every file, compare the path of downloads in profile %s", a.target.profile.Profile))
}

// download is the bytes of a file as they come.
type download struct {
	io.Reader
	body io.Closer
	done func()
}

func (d *download) Close() error {
	if d.done == nil {
		return nil
	}
	d.done()
	d.done = nil
	return d.body.Close()
}

// content finds the file within an answer.
func (a *Asker) content(body io.Reader, c *Cipher) (io.Reader, error) {
	beside := statuses{}
	encoded, err := a.encoded(body, c, beside)
	if err != nil {
		return nil, a.unreadable(err, beside)
	}
	file := base64.NewDecoder(base64.StdEncoding, encoded)
	return readerFunc(func(b []byte) (int, error) {
		n, err := file.Read(b)
		switch {
		case errors.Is(err, io.EOF) && a.denied(beside):
			return n, a.unreadable(err, beside)
		case err != nil && !errors.Is(err, io.EOF):
			return n, a.broken(err)
		}
		return n, err
	}), nil
}

// encoded opens the file in base64: in an answer of one level it lies below the data, in one
// of two levels in the JSON that was sealed, there in a text of its own where a document
// would stand.
func (a *Asker) encoded(body io.Reader, c *Cipher, beside statuses) (io.Reader, error) {
	e := &a.target.profile.Envelope
	if e.Code == "" {
		return valueOf(body, "FILE_CONTENT", []string{e.Says.Data, "fileContent"}, e.Says.Status, beside)
	}
	opened, err := valueOf(body, e.Body, []string{e.Body}, e.Code, beside)
	if err != nil {
		return nil, err
	}
	if c = a.target.profile.whole(c); c.block != nil {
		opened = &unsealing{from: base64.NewDecoder(base64.StdEncoding, opened), mode: cipher.NewCBCDecrypter(c.block, c.iv)}
	}
	path := []string{e.Says.Data, "fileContent"}
	if e.Document != nil {
		path = []string{e.Says.Words, "data", "fileContent"}
	}
	return jsonText(opened, path, beside.see)
}

// denied says that the platform says no, at whichever level.
func (a *Asker) denied(beside statuses) bool {
	e := &a.target.profile.Envelope
	for _, name := range []string{e.Code, e.Says.Status} {
		if said, there := beside[name]; there && said != e.OK {
			return true
		}
	}
	return false
}

// unreadable is an answer that holds no file: a refusal, or nothing we know.
func (a *Asker) unreadable(err error, beside statuses) error {
	if a.denied(beside) {
		return a.refused(a.target.profile.Interfaces[downloadName], beside[a.target.profile.Envelope.Says.Words])
	}
	return a.broken(err)
}

func (a *Asker) broken(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	return fault.Wrap(err, fault.Transient, "download file", a.target.where(downloadName), text.T("附件没有完整取到", "the file did not come whole"), text.T("稍后自动再取", "it is asked for again by itself"))
}

// statuses is what stands beside the data of an envelope, by name.
type statuses map[string]string

func (s statuses) see(key, value string) { s[key] = value }

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// unsealing decrypts CBC as it is read, and takes the padding off the last block.
type unsealing struct {
	from io.Reader
	mode cipher.BlockMode
	in   [32 << 10]byte
	held []byte // decrypted, the last block not yet given
	err  error
}

func (u *unsealing) Read(b []byte) (int, error) {
	size := u.mode.BlockSize()
	for u.err == nil && len(u.held) <= size {
		n, err := u.fill()
		if err != nil && !errors.Is(err, io.EOF) {
			u.err = err
			return 0, err
		}
		if n%size != 0 {
			u.err = io.ErrUnexpectedEOF
			return 0, u.err
		}
		u.mode.CryptBlocks(u.in[:n], u.in[:n])
		u.held = append(u.held, u.in[:n]...)
		if err != nil {
			if u.held, u.err = unpadded(u.held, size); u.err == nil {
				u.err = io.EOF
			}
		}
	}
	give := len(u.held)
	if u.err == nil {
		give -= size
	}
	if give == 0 {
		return 0, u.err
	}
	n := copy(b, u.held[:give])
	u.held = append(u.held[:0], u.held[n:]...)
	return n, nil
}

// fill reads as much as there is room for. Its io.EOF is the reader's own: one that broke off
// says so.
func (u *unsealing) fill() (n int, err error) {
	for n < len(u.in) && err == nil {
		var m int
		m, err = u.from.Read(u.in[n:])
		n += m
	}
	return n, err
}

func unpadded(b []byte, size int) ([]byte, error) {
	if len(b) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	n := int(b[len(b)-1])
	if n == 0 || n > size || n > len(b) || bytes.Count(b[len(b)-n:], []byte{byte(n)}) != n {
		return nil, undecipherable(text.T("密文解不开", "the ciphertext cannot be opened"))
	}
	return b[:len(b)-n], nil
}

// valueOf opens a text of an answer: in XML that of the first element of a name, in JSON that
// at a path. The status that stands before it is told.
func valueOf(body io.Reader, element string, path []string, status string, beside statuses) (io.Reader, error) {
	r := bufio.NewReaderSize(body, 32<<10)
	for {
		c, err := r.Peek(1)
		if err != nil {
			return nil, err
		}
		if !strings.ContainsRune(" \t\r\n\ufeff", rune(c[0])) && c[0] < 0x80 {
			break
		}
		_, _ = r.Discard(1) // it was peeked
	}
	if c, _ := r.Peek(1); c[0] != '<' {
		return jsonText(r, path, beside.see)
	}
	head, err := untilTag(r, "<"+element+">")
	if _, rest, found := strings.Cut(head, "<"+status+">"); found {
		said, _, _ := strings.Cut(rest, "</"+status+">")
		beside.see(status, strings.TrimSpace(said))
	}
	if err != nil {
		return nil, err
	}
	return readerFunc(func(b []byte) (int, error) {
		for i := range b {
			c, err := r.ReadByte()
			if err != nil {
				return i, noEOF(err)
			}
			if c == '<' {
				if err := r.UnreadByte(); err != nil {
					return i, err
				}
				return i, io.EOF
			}
			b[i] = c
		}
		return len(b), nil
	}), nil
}

// untilTag reads up to and with a tag that is not far.
func untilTag(r *bufio.Reader, tag string) (string, error) {
	var b strings.Builder
	for b.Len() < 4<<10 {
		part, err := r.ReadString('>')
		b.WriteString(part)
		if err != nil {
			return b.String(), noEOF(err)
		}
		if strings.HasSuffix(part, tag) {
			return b.String(), nil
		}
	}
	return b.String(), errors.New("no data in the envelope")
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
