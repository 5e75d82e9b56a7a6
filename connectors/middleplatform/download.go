package middleplatform

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"banjian/internal/text"
)

// The members of a download's call.
const (
	downloadMode = "downloadMode"
	fileKey      = "fileKey"
	fileContent  = "fileContent"
)

// EncodeDownload is the body of the call that fetches a file by the path that stands
// with its material. Its two values are sealed one by one, whatever the cipher's scope.
func (i *Intake) EncodeDownload(path string, c *Cipher) ([]byte, error) {
	mode, err := c.Encrypt(i.Download.Mode)
	if err != nil {
		return nil, err
	}
	key, err := c.Encrypt(path)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]string{downloadMode: mode, fileKey: key})
}

// DecodeDownload is the reverse: which file is asked for. Faults are Data.
func (i *Intake) DecodeDownload(body []byte, c *Cipher) (path string, err error) {
	var members map[string]string
	if json.Unmarshal(body, &members) != nil {
		return "", malformed(text.T("下载请求要是 JSON", "the body of a download is JSON"))
	}
	mode, err := c.Decrypt(members[downloadMode])
	if err != nil {
		return "", err
	}
	if mode != i.Download.Mode {
		return "", malformed(text.T("下载方式不认识", "the way of downloading is not known"))
	}
	return c.Decrypt(members[fileKey])
}

// FileReply is an answer that brings a file.
func (i *Intake) FileReply(content []byte) Reply {
	p := i.profile
	r := Reply{Code: p.Envelope.OK, Status: p.Envelope.OK, Data: "成功"}
	coded := base64.StdEncoding.EncodeToString(content)
	if p.Envelope.Document != nil { // JSON as a text where a document would stand
		r.Data = `{"data":{"` + fileContent + `":"` + coded + `"}}`
		return r
	}
	r.Answer = &Element{Name: AnswerRoot}
	r.Answer.Add("FILE_CONTENT", coded)
	return r
}

// FileOf is the bytes an answer brings. Faults are Data.
func (i *Intake) FileOf(r Reply) ([]byte, error) {
	coded := ""
	if r.Answer != nil {
		coded = r.Answer.Value("FILE_CONTENT")
	} else {
		var o struct {
			Data struct {
				FileContent string `json:"fileContent"`
			} `json:"data"`
			FileContent string `json:"fileContent"`
		}
		if json.Unmarshal([]byte(r.Data), &o) == nil {
			coded = o.Data.FileContent + o.FileContent
		}
	}
	content, err := base64.StdEncoding.DecodeString(newlines.Replace(strings.TrimSpace(coded)))
	if err != nil || coded == "" {
		return nil, malformed(text.T("回应里没有文件内容", "the answer brings no file"))
	}
	return content, nil
}
