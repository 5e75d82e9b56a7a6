package reconcile

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"banjian/ledger"
)

// bookPage is how many record numbers a page of a book has.
const bookPage = 1 << 13

// book knows the day of each record of a stream, four bytes a record, and which of them
// were seen.
type book struct {
	pages     map[int64]*[bookPage]uint32
	days      calendar
	names     []string
	numbers   map[string]uint32 // of names, from 1
	collected map[string]int64  // records by day, those of the pipeline
}

// Bits of a record in a book; the others are the number of its day.
const (
	bookOwn  = 1 << 31 // the pipeline wrote the newest version, and it is there
	bookSeen = 1 << 30
)

// readBook goes through the newest versions of the origin's records.
func readBook(ctx context.Context, store ledger.Log, o *Origin, days *Days) (*book, error) {
	b := &book{pages: map[int64]*[bookPage]uint32{}, days: newCalendar(days.Zone), numbers: map[string]uint32{}, collected: map[string]int64{}}
	return b, ledger.Walk(ctx, store, o.Stream, []string{o.Day}, func(pipeline string, rec arrow.Record) error {
		moments := momentsOf(rec, o.Day, days.Zone)
		for i, r := range ledger.Walked(rec) {
			day := b.days.day(moments(i))
			word := b.number(day)
			if pipeline == o.Pipeline && !r.Deleted {
				word |= bookOwn
				b.collected[day]++
			}
			b.page(r.Rec)[r.Rec%bookPage] = word
		}
		return ctx.Err()
	})
}

func (b *book) number(day string) uint32 {
	n, ok := b.numbers[day]
	if !ok {
		b.names = append(b.names, day)
		n = uint32(len(b.names))
		b.numbers[day] = n
	}
	return n
}

func (b *book) page(rec int64) *[bookPage]uint32 {
	p := b.pages[rec/bookPage]
	if p == nil {
		p = new([bookPage]uint32)
		b.pages[rec/bookPage] = p
	}
	return p
}

// see notes that the source has a row of the record, and tells its day.
func (b *book) see(rec int64) (day string, known bool) {
	if rec <= 0 {
		return "", false
	}
	word := &b.page(rec)[rec%bookPage]
	n := *word &^ (bookOwn | bookSeen)
	if n == 0 {
		return "", false
	}
	*word |= bookSeen
	return b.names[n-1], true
}

func (b *book) isGone(rec int64) (day string, is bool) {
	word := b.page(rec)[rec%bookPage]
	if word&bookOwn == 0 || word&bookSeen != 0 {
		return "", false
	}
	return b.names[word&^(bookOwn|bookSeen)-1], true
}

// gone tells the days of all records that were not seen.
func (b *book) gone(each func(day string)) {
	for number := range b.pages {
		for i := range int64(bookPage) {
			if day, is := b.isGone(number*bookPage + i); is {
				each(day)
			}
		}
	}
}
