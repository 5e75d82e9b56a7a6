// Package routing reads a site's routes.yaml (路由表): which department what a platform sent
// is for, by item, region and date.
//
// Of several routes the one whose item is the most exact counts, then the one whose region
// is; two that are equal in both, on one day, are a mistake. What no route fits belongs to
// nobody yet: it is held at one receiver until the table is mended.
//
// It imports internal packages only.
package routing
