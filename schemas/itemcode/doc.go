// Package itemcode checks the national codes of government-service items (GB/T 39554,
// GB/T 39046—2020):
//
//	basic 基本编码            12   region 2 + type 2 + main item 5 + sub-item 3
//	implementation 实施编码   31   credit code of the body 18 + level 1 + basic 12
//	handling 业务办理项编码    33   implementation 31 + handling item 2
//	                         14   its short form: basic 12 + handling item 2
//
// and recognises the local form (地方实施编码) that needs a crosswalk, and material codes
// (34 or 36 characters), which are no item codes.
//
// It imports the standard library and ids. A code is judged as given; ids.Fold is what a
// mapping may do to it first. A good code is judged without allocating.
//
// Split and Compose take a code apart and put it together; ClassOf says what a type
// means, which differs from province to province.
//
// What a code cannot tell is not tested: whether the item exists, whether its parent
// does, and whether a department number is in use.
package itemcode
