package demo

import "math/rand/v2"

// deck deals dirts: every fifth case gets one, first every kind once, then by weight.
type deck struct {
	r     *rand.Rand
	cards []*dirt
	dealt bool
}

const dirtyEvery = 5

func newDeck(seed uint64) *deck { return &deck{r: rand.New(rand.NewPCG(seed, 0xd127))} }

// next is the dirt of case n, nil for a clean one.
func (d *deck) next(n int) *dirt {
	if n%dirtyEvery != dirtyEvery-1 {
		return nil
	}
	if len(d.cards) == 0 {
		for i := range dirts {
			for range max(1, dirts[i].weight*btoi(d.dealt)) {
				d.cards = append(d.cards, &dirts[i])
			}
		}
		d.dealt = true
		d.r.Shuffle(len(d.cards), func(i, j int) { d.cards[i], d.cards[j] = d.cards[j], d.cards[i] })
	}
	card := d.cards[len(d.cards)-1]
	d.cards = d.cards[:len(d.cards)-1]
	return card
}

// row is the index of the row of its table that the dirt falls on.
func (d *dirt) row() int {
	if d.table == tabStep {
		return 1
	}
	return 0
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
