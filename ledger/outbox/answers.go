package outbox

import (
	"sync"

	"banjian/pipelines"
)

// answer is what became of one call: rows neither refused nor with an error were taken.
type answer struct {
	rows    pipelines.Together
	refused []pipelines.Issue
	err     error
	doubt   error // why they may have been taken nevertheless
}

// answers gathers what became of calls. Whoever stores receipts is woken when there are enough
// for it, or when something is wrong: waking for each would cost a tenth of a call.
type answers struct {
	mu   sync.Mutex
	list []answer
	due  chan struct{} // holds one
}

func (l *answers) put(a answer) {
	l.mu.Lock()
	l.list = append(l.list, a)
	due := len(l.list) >= receiptsTogether || a.err != nil
	l.mu.Unlock()
	if due {
		select {
		case l.due <- struct{}{}:
		default:
		}
	}
}

func (l *answers) take() []answer {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.list
	l.list = nil
	return list
}

// outcome is the answer about one row.
type outcome struct {
	row     int
	refused []pipelines.Issue
}

func (a *answer) outcomes() []outcome {
	list := make([]outcome, len(a.rows))
	for i, row := range a.rows {
		list[i].row = row
		for _, is := range a.refused {
			if int(is.Row) == row {
				list[i].refused = append(list[i].refused, is)
			}
		}
	}
	return list
}
