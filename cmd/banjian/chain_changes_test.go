package main

import "fmt"

// change makes n changes, some to a transaction. Where the server is killed meanwhile, what
// became of the last transaction is seen in the table.
func (c *chain) change(n int) {
	c.t.Helper()
	for n > 0 {
		k := min(n, 1+c.rng.IntN(40))
		n -= k
		if err := c.transaction(k); err != nil {
			c.t.Fatal(err)
		}
		c.done += k
	}
}

func (c *chain) transaction(n int) error {
	tx, err := c.db.BeginTx(c.t.Context(), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	do := func(query string, args ...any) {
		if err == nil {
			_, err = tx.ExecContext(c.t.Context(), query, args...)
		}
	}
	for range n {
		c.version++
		what := c.rng.IntN(100)
		if len(c.alive) == 0 {
			what = 0
		}
		i := 0
		if len(c.alive) > 0 {
			i = c.rng.IntN(len(c.alive))
		}
		says := opinion(c.version)
		switch {
		case what < 35:
			c.next++
			c.kinds["inserts"]++
			do("INSERT INTO ywsl(id, slbh, sblsh, slsj, slyj) VALUES (?, ?, ?, '2026-03-04 09:30:00', ?)", c.next, number(c.next), flow(c.next), says)
			c.alive = append(c.alive, aliveRow{c.next, c.next})
		case what < 75:
			c.kinds["updates"]++
			do("UPDATE ywsl SET slyj=? WHERE id=?", says, c.alive[i].id)
		case what < 80: // the natural key, not the primary one
			c.next++
			c.kinds["key changes"]++
			do("UPDATE ywsl SET slbh=?, sblsh=?, slyj=? WHERE id=?", number(c.next), flow(c.next), says, c.alive[i].id)
			c.alive[i].no = c.next
		case what < 85: // both
			c.next++
			c.kinds["key changes"]++
			do("UPDATE ywsl SET id=?, slbh=?, sblsh=?, slyj=? WHERE id=?", c.next, number(c.next), flow(c.next), says, c.alive[i].id)
			c.alive[i] = aliveRow{c.next, c.next}
		case what < 90: // gone and back
			c.kinds["deletes"]++
			c.kinds["inserts"]++
			do("DELETE FROM ywsl WHERE id=?", c.alive[i].id)
			do("INSERT INTO ywsl(id, slbh, sblsh, slsj, slyj) VALUES (?, ?, ?, '2026-03-04 09:30:00', ?)", c.alive[i].id, number(c.alive[i].no), flow(c.alive[i].no), says)
		default:
			c.kinds["deletes"]++
			do("DELETE FROM ywsl WHERE id=?", c.alive[i].id)
			c.alive[i] = c.alive[len(c.alive)-1]
			c.alive = c.alive[:len(c.alive)-1]
		}
	}
	if err != nil {
		return err
	}
	return tx.Commit()
}

func number(n int) string  { return fmt.Sprintf("GJJ%09d", n) }
func opinion(n int) string { return fmt.Sprintf("第%08d次", n) }
func flow(n int) string    { return fmt.Sprintf("4401202507%08d", n) }
