package middleplatform

import "fmt"

// TryOutItem is the item code of try-out applications.
const TryOutItem = "11370000MB284651XX3370106001000"

// Flow numbers that begin with 99 and have 13 digits are for trying out: the simulator
// has an application for each, of a person where the last digit is even, of a legal
// person where it is odd. No platform allots them.
const (
	tryOutPrefix = "99"
	tryOutDigits = 13
)

// TryOutFlow is the try-out flow number of n, of its last eleven digits.
func TryOutFlow(n int64) string { return fmt.Sprintf(tryOutPrefix+"%011d", n%1e11) }

// IsTryOut says that a flow number is for trying out.
func IsTryOut(flow string) bool {
	return len(flow) == tryOutDigits && digits(flow) == tryOutDigits && flow[:2] == tryOutPrefix
}
