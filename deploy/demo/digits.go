package demo

const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// residentDigit is the check character of the first 17 digits of a citizen number
// (GB 11643).
func residentDigit(first17 string) byte {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(first17[i]-'0') * w
	}
	return "10X98765432"[sum%11]
}

// orgDigit is the check character of the first 8 of an organisation code (GB 11714).
func orgDigit(first8 string) byte {
	weights := [8]int{3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		v := int(first8[i] - '0')
		if first8[i] >= 'A' {
			v = int(first8[i]-'A') + 10
		}
		sum += v * w
	}
	return "0X987654321"[sum%11]
}

// creditDigit is the check character of the first 17 of a unified social credit code
// (GB 32100—2015).
func creditDigit(first17 string) byte {
	weight, sum := 1, 0
	for i := range 17 {
		sum += indexOf(usccAlphabet, first17[i]) * weight
		weight = weight * 3 % 31
	}
	return usccAlphabet[(31-sum%31)%31]
}

func indexOf(alphabet string, c byte) int {
	for i := range len(alphabet) {
		if alphabet[i] == c {
			return i
		}
	}
	return -1
}

// spoil changes the check character, the last of number, to another one of alphabet.
func spoil(number, alphabet string) string {
	last := indexOf(alphabet, number[len(number)-1])
	return number[:len(number)-1] + string(alphabet[(last+1)%len(alphabet)])
}

// fullWidth writes ASCII as its full-width forms.
func fullWidth(s string) string {
	out := []rune(s)
	for i, r := range out {
		if r > ' ' && r < 0x7f {
			out[i] = r + 0xfee0
		}
	}
	return string(out)
}
