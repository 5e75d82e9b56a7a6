// Package region knows the administrative divisions of China by code and time: GB/T 2260
// (province, prefecture, county; six digits) since 1980, with names, the months a code
// was in force, and the code that took its place. What nine and twelve digits mean
// (township and village, 统计用区划代码) it knows by their form only.
//
// It imports the standard library. Its data lies in divisions/, is compiled in and read
// at the first question, in a few milliseconds; a question allocates nothing and may be
// asked concurrently.
//
// Lax is "was ever a division", strict is "was one on that day". The months are the
// widest the published lists allow, so strict errs towards yes.
package region
