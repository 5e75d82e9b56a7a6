// Package pace keeps us light on other people's servers: how much is taken a second at
// most (Speed, Limiter), and how much less once a server gets slow (Backoff). Neither
// knows what is taken.
//
// It imports internal packages only.
package pace
