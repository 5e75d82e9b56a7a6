package main

import (
	"context"
	"fmt"
	"time"

	"banjian/ledger"
)

// casePieces is how far the file of a record went to a receiver that takes it in pieces.
type casePieces struct {
	Count        int         `json:"count"`
	Size         int64       `json:"size"` // bytes of each but the last
	MD5          string      `json:"md5"`
	Acknowledged []time.Time `json:"acknowledged"`
}

// piecesAt is nil where the newest version has no file that goes in pieces there.
func piecesAt(ctx context.Context, store ledger.PieceReceipts, receiver string, e *ledger.Entry) (*casePieces, error) {
	sent, err := store.SentPieces(ctx, receiver, e.Rec, e.Version)
	if err != nil || sent.Count == 0 {
		return nil, err
	}
	return &casePieces{Count: sent.Count, Size: sent.Size, MD5: sent.MD5, Acknowledged: sent.Acknowledged}, nil
}

// piecesText says how many have a receipt, and when the last one came.
func (a *app) piecesText(p *casePieces, zone *time.Location) string {
	line := fmt.Sprintf(a.t("文件分 %d 片，%d 片有回执", "file in %d pieces, %d have a receipt"), p.Count, len(p.Acknowledged))
	if n := len(p.Acknowledged); n > 0 {
		line += a.t("，最近 ", ", the last ") + shortTime(p.Acknowledged[n-1], zone)
	}
	return line
}
